"""Several at once: which ones, and whether it is meant."""

import inspect
import sys
from collections.abc import Callable, Mapping
from typing import Any

import typer
from model_registry_client import Entity
from model_registry_client.bodies import Below

from model_registry_cli import places
from model_registry_cli.completion import completes
from model_registry_cli.exits import Exit, Problem, complain, ending_of, say
from model_registry_cli.options import parameter
from model_registry_cli.output.printing import Output, put
from model_registry_cli.progress import progress
from model_registry_cli.resources import Resource
from model_registry_cli.session import Session


def references(resource: Resource, *, is_needed: bool) -> inspect.Parameter:
    """The argument that names one or more."""
    told = typer.Argument(
        metavar=resource.path,
        help="What to work on: by name as shown, or id:7.",
        autocompletion=completes((resource,)),
        show_default=False,
    )
    return parameter(
        "references", list[str] if is_needed else list[str] | None, told, default=... if is_needed else None
    )


def chosen(session: Session, resource: Resource, given: Mapping[str, Any]) -> tuple[list[Entity], Below]:
    """What references or `--filter` choose, each once, and the place that flags name. Raises `Problem` for neither or both."""
    place = places.named(session, resource, given)
    if bool(given["references"]) == bool(given.get("filter_")):
        raise Problem(f"Say which {resource.name}: {resource.path}..., or --filter QUERY.")
    if given["references"]:
        found = [session.references.one(resource, each, place) for each in given["references"]]
    else:
        found = list(session.registry.list(resource.entity, place, filter_query=given["filter_"]))
    return list({entity.id: entity for entity in found}.values()), place


def confirm(what: str, number: int, *, is_sure: bool) -> None:
    """Asks before several are changed. Raises `Problem` where nobody can answer, `Exit` where the answer is no."""
    if is_sure or number <= 1:
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise Problem(f"This would {what}. Nobody is there to ask.", "Say --yes, or look first with --dry-run.")
    if not typer.confirm(f"This will {what}. Go on?", err=True):
        say("Nothing was changed.")
        raise typer.Exit(Exit.REFUSED)


def each(session: Session, entities: list[Entity], place: Below, done: str, work: Callable[[Entity], Entity]) -> None:
    """Works through them and answers what came of it. What fails is told, the others go on; the first failure's code ends it."""
    results, failed = [], None
    for entity in progress(entities, f"{done} ", len(entities)):
        try:
            results.append(work(entity))
        except Exception as error:
            if len(entities) == 1 or ending_of(error) is None or ending_of(error).code is Exit.UNREACHABLE:  # type: ignore[union-attr]
                answer_all(session, results, place, done)
                raise
            failed = failed or complain(error)
    answer_all(session, results, place, done)
    if failed:
        raise typer.Exit(failed)


def answer_all(session: Session, entities: list[Entity], place: Below, done: str) -> None:
    """Answers what was changed: a line each, or as `-o` asks."""
    if session.output in (Output.TABLE, Output.WIDE):
        for entity in entities:
            put(f"{done} {line_about(session, entity, place)}")
    elif len(entities) == 1:
        session.answer(entities[0], place)
    elif entities:
        from_ = session.resource_of(entities[0])
        session.list(from_, entities, place)


def line_about(session: Session, entity: Entity, place: Below = None) -> str:
    """What an entity is, its name and its id."""
    called = session.references.called(entity, place)
    word = entity.words if entity.artifact_type else session.resource_of(entity).word
    return f"{word} {called}" + ("" if called == f"id:{entity.id}" else f" (id:{entity.id})")
