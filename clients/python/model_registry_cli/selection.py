"""Commands on several entities: selects them, asks for confirmation, and changes them one by one."""

import inspect
import sys
from collections.abc import Callable, Mapping
from typing import Any

import typer
from model_registry_client import Entity
from model_registry_client.bodies import Below

from model_registry_cli import parent_flags
from model_registry_cli.completion import completes
from model_registry_cli.exits import Exit, Problem, complain, ending_of, say
from model_registry_cli.options import parameter
from model_registry_cli.output.printing import Output, put
from model_registry_cli.progress import progress
from model_registry_cli.resources import Resource
from model_registry_cli.session import Session


def references(resource: Resource, *, is_needed: bool) -> inspect.Parameter:
    """Returns the argument with one or more references."""
    info = typer.Argument(
        metavar=resource.path,
        help="One or more references: by name as shown, or id:7.",
        autocompletion=completes((resource,)),
        show_default=False,
    )
    return parameter(
        "references", list[str] if is_needed else list[str] | None, info, default=... if is_needed else None
    )


def chosen(session: Session, resource: Resource, given: Mapping[str, Any]) -> tuple[list[Entity], Below]:
    """Returns the entities of the references or of `--filter`, each once, and the parent. Raises `Problem` for neither or both."""
    under = parent_flags.named(session, resource, given)
    if bool(given["references"]) == bool(given.get("filter_")):
        raise Problem(f"Name the {resource.name}: {resource.path}..., or --filter QUERY.")
    if given["references"]:
        found = [session.references.one(resource, each, under) for each in given["references"]]
    else:
        found = list(session.registry.list(resource.entity, under, filter_query=given["filter_"]))
    return list({entity.id: entity for entity in found}.values()), under


def confirm(what: str, number: int, *, is_sure: bool) -> None:
    """Asks for confirmation before several are changed. Raises `Problem` without a terminal, and `Exit` if the answer is no."""
    if is_sure or number <= 1:
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise Problem(
            f"This would {what}. There is no terminal to ask for confirmation.",
            "Add --yes, or check first with --dry-run.",
        )
    if not typer.confirm(f"This will {what}. Go on?", err=True):
        say("Nothing was changed.")
        raise typer.Exit(Exit.REFUSED)


def each(session: Session, entities: list[Entity], under: Below, done: str, work: Callable[[Entity], Entity]) -> None:
    """Changes the entities one by one and prints them.

    An error is printed and the others go on. The command ends with the exit code of the first error. An unreachable server ends it
    at once.
    """
    results, failed = [], None
    for entity in progress(entities, f"{done} ", len(entities)):
        try:
            results.append(work(entity))
        except Exception as error:
            if len(entities) == 1 or ending_of(error) is None or ending_of(error).code is Exit.UNREACHABLE:  # type: ignore[union-attr]
                print_all(session, results, under, done)
                raise
            failed = failed or complain(error)
    print_all(session, results, under, done)
    if failed:
        raise typer.Exit(failed)


def print_all(session: Session, entities: list[Entity], under: Below, done: str) -> None:
    """Prints the changed entities: a line for each, or in the format of `-o`."""
    if session.output in (Output.TABLE, Output.WIDE):
        for entity in entities:
            put(f"{done} {line_about(session, entity, under)}")
    elif len(entities) == 1:
        session.print_one(entities[0], under)
    elif entities:
        from_ = session.resource_of(entities[0])
        session.list(from_, entities, under)


def line_about(session: Session, entity: Entity, under: Below = None) -> str:
    """Returns kind, reference and id of an entity."""
    called = session.references.called(entity, under)
    word = entity.words if entity.artifact_type else session.resource_of(entity).word
    return f"{word} {called}" + ("" if called == f"id:{entity.id}" else f" (id:{entity.id})")
