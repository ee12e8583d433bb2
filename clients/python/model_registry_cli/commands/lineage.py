"""The command `lineage`."""

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Annotated, Any

import typer
from model_registry_client import Artifact, Lineage, ModelVersion
from rich.console import Console

from model_registry_cli.completion import completes
from model_registry_cli.exits import Problem
from model_registry_cli.lineage_formats import dot, openlineage
from model_registry_cli.lineage_formats.tree import trees
from model_registry_cli.output.printing import put
from model_registry_cli.output.table import has_colours
from model_registry_cli.resources import BY_WORD
from model_registry_cli.session import Session

COMMON = ("server", "context", "token_file", "ca", "insecure", "timeout")
"""Its formats are others than those of `-o`."""


def run(
    session: Session,
    version: Annotated[
        str | None,
        typer.Argument(
            metavar="MODEL/VERSION",
            help="The version; also MODEL@ALIAS, or id:7.",
            autocompletion=completes((BY_WORD["version"],)),
            show_default=False,
        ),
    ] = None,
    artifact: Annotated[str | None, typer.Option("--artifact", metavar="ID", help="An artifact instead.")] = None,
    digest: Annotated[
        str | None, typer.Option("--digest", metavar="DIGEST", help="All data and models of this digest instead.")
    ] = None,
    up: Annotated[bool, typer.Option("--up", help="Only what it was made from.")] = False,
    down: Annotated[bool, typer.Option("--down", help="Only what came of it.")] = False,
    depth: Annotated[
        int, typer.Option("--depth", min=0, max=20, metavar="N", help="How many steps or runs to go through.")
    ] = 3,
    format_: Annotated[
        str, typer.Option("--format", "-f", metavar="tree|dot|json|openlineage", help="The format of the output.")
    ] = "tree",
) -> None:
    """Shows what a version was made from, and what came of it."""
    if format_ not in _FORMATS:
        raise Problem(f"--format {format_} is not one of {', '.join(_FORMATS)}.")
    given = [name for name, value in (("a version", version), ("--artifact", artifact), ("--digest", digest)) if value]
    if len(given) != 1:
        raise Problem(f"Name a version, --artifact or --digest; got {' and '.join(given) or 'none'}.")
    entity: ModelVersion | Artifact | None = _version(session, version) if version else None
    if artifact:
        entity = Artifact(id=artifact.removeprefix("id:"))
    direction = "up" if up and not down else "down" if down and not up else "both"
    found = session.registry.extensions.lineage(entity, digest=digest, direction=direction, depth=depth)
    _FORMATS[format_](session, found)


def _version(session: Session, text: str) -> ModelVersion:
    """Returns the version of a reference, which may name an alias of a model."""
    model, at, alias = text.rpartition("@")
    if at and "/" not in alias and not text.startswith(("id:", "name:")):
        owner = session.references.one(BY_WORD["model"], model)
        path = f"/registered_models/{owner.id}/aliases/{alias}/version"
        return ModelVersion.from_wire(session.registry.extensions.get(path))
    found = session.references.one(BY_WORD["version"], text)
    assert isinstance(found, ModelVersion)  # noqa: S101 (the resource says so)
    return found


def _as_tree(_: Session, lineage: Lineage) -> None:
    is_terminal = sys.stdout.isatty()
    console = Console(highlight=False, force_terminal=has_colours(), width=None if is_terminal else 10_000)
    for tree in trees(lineage):
        console.print(tree, soft_wrap=not is_terminal)


def _as_dot(_: Session, lineage: Lineage) -> None:
    for line in dot.lines(lineage):
        put(line)


def _as_json(_: Session, lineage: Lineage) -> None:
    nodes = [
        {key: value for key, value in asdict(node).items() if value is not None} for node in lineage.nodes.values()
    ]
    edges = [{"from": source, "to": target} for source, target in lineage.edges]
    content = {"roots": lineage.roots, "nodes": nodes, "edges": edges, "truncated": lineage.is_truncated}
    put(json.dumps(content, indent=2, ensure_ascii=False, default=str))


def _as_openlineage(session: Session, lineage: Lineage) -> None:
    found: list[Any] = list(openlineage.events(lineage, session.connection.server))
    put(json.dumps(found, indent=2, ensure_ascii=False))


_FORMATS: Mapping[str, Callable[[Session, Lineage], None]] = {
    "tree": _as_tree,
    "dot": _as_dot,
    "json": _as_json,
    "openlineage": _as_openlineage,
}
