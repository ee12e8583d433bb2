"""The command `tree`."""

import sys
from typing import Annotated, Any

import typer
from model_registry_client import Entity
from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from model_registry_cli.completion import completes
from model_registry_cli.exits import Problem
from model_registry_cli.model_tree import ModelTree, gather
from model_registry_cli.output.cells import STYLES, printable, text
from model_registry_cli.output.plain import plain
from model_registry_cli.output.printing import Output, show_one
from model_registry_cli.output.rows import row_of
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

    It shows the runs that share an artifact with a version.
    """
    if session.output is Output.NAME:
        raise Problem("mr tree does not support -o name.", "Use mr versions list MODEL -o name.")
    tree = gather(session.registry, session.references.one(BY_WORD["model"], model))
    if session.output in (Output.JSON, Output.YAML):
        show_one(session.output, row_of(_plain(tree), tree.model.name))
        return
    console = Console(highlight=False, force_terminal=has_colours(), width=None if sys.stdout.isatty() else 10_000)
    console.print(_drawn(session, tree), soft_wrap=not sys.stdout.isatty())


def _plain(tree: ModelTree) -> dict[str, Any]:
    return {
        **plain(tree.model),
        "versions": [
            {
                **plain(version.version),
                "artifacts": [plain(artifact) for artifact in version.artifacts],
                "runs": [plain(run) for run in version.runs],
                "deployments": [plain(service) for service in version.deployments],
            }
            for version in tree.versions
        ],
        "deployments": [plain(service) for service in tree.floating],
    }


def _drawn(session: Session, tree: ModelTree) -> Tree:
    root = Tree(_label("", tree.model, "owner", bold=True))
    for version in tree.versions:
        node = root.add(_label("version", version.version, "author"))
        for artifact in version.artifacts:
            node.add(_label(artifact.words, artifact, "value", "uri"))
        for run in version.runs:
            node.add(_label("run", run, "status", called=session.references.called(run)))
        for service in version.deployments:
            node.add(_label("deployed", service, "runtime", called=session.references.called(service)))
    for service in tree.floating:
        root.add(_label("deployed, newest version", service, "runtime", called=session.references.called(service)))
    if not tree.versions:
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
