"""`tree`."""

import sys
from typing import Annotated, Any

import typer
from model_registry_client import Entity
from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from model_registry_cli.completion import completes
from model_registry_cli.exits import Problem
from model_registry_cli.families import Family, gather
from model_registry_cli.output.cells import STYLES, printable, text
from model_registry_cli.output.plain import plain
from model_registry_cli.output.printing import Output, show_one
from model_registry_cli.output.rows import told
from model_registry_cli.output.table import has_colours
from model_registry_cli.resources import BY_WORD
from model_registry_cli.session import Session


def run(
    session: Session,
    model: Annotated[
        str, typer.Argument(metavar="MODEL", help="By name, or id:7.", autocompletion=completes((BY_WORD["model"],)))
    ],
) -> None:
    """Shows a model with its versions, artifacts, deployments and runs.

    Runs are those whose artifacts are artifacts of a version too.
    """
    if session.output is Output.NAME:
        raise Problem("A tree has no names to list.", "mr versions list MODEL -o name does.")
    family = gather(session.registry, session.references.one(BY_WORD["model"], model))
    if session.output in (Output.JSON, Output.YAML):
        show_one(session.output, told(_plain(family), family.model.name))
        return
    console = Console(highlight=False, force_terminal=has_colours(), width=None if sys.stdout.isatty() else 10_000)
    console.print(_drawn(session, family), soft_wrap=not sys.stdout.isatty())


def _plain(family: Family) -> dict[str, Any]:
    return {
        **plain(family.model),
        "versions": [
            {
                **plain(branch.version),
                "artifacts": [plain(artifact) for artifact in branch.artifacts],
                "runs": [plain(run) for run in branch.runs],
                "deployments": [plain(service) for service in branch.deployments],
            }
            for branch in family.branches
        ],
        "deployments": [plain(service) for service in family.floating],
    }


def _drawn(session: Session, family: Family) -> Tree:
    root = Tree(_label("", family.model, "owner", bold=True))
    for branch in family.branches:
        limb = root.add(_label("version", branch.version, "author"))
        for artifact in branch.artifacts:
            limb.add(_label(artifact.words, artifact, "value", "uri"))
        for run in branch.runs:
            limb.add(_label("run", run, "status", called=session.references.called(run)))
        for service in branch.deployments:
            limb.add(_label("deployed", service, "runtime", called=session.references.called(service)))
    for service in family.floating:
        root.add(_label("deployed, newest version", service, "runtime", called=session.references.called(service)))
    if not family.branches:
        root.add(Text("no versions yet", "dim"))
    return root


def _label(kind: str, entity: Entity, *fields: str, called: str = "", bold: bool = False) -> Text:
    label = Text(f"{kind} " if kind else "", "dim")
    label.append(printable(called or entity.name), "bold" if bold else "")
    state = text(getattr(entity, "state", None) or getattr(entity, "desired_state", None))
    if state:
        label.append(f" {state}", STYLES.get(state, "dim"))
    for field in fields:
        if (value := getattr(entity, field, None)) is not None:
            label.append(f" {printable(text(value))}", "dim")
    return label.append(f" (id:{entity.id})", "dim")
