"""The command `search`."""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Annotated

import typer
from model_registry_client import Entity, Invalid, NotSupported

from model_registry_cli.exits import Problem, say
from model_registry_cli.filters import quoted
from model_registry_cli.output.cells import STYLES, age, text
from model_registry_cli.output.details import of_entity
from model_registry_cli.output.plain import kind_of, plain
from model_registry_cli.output.rows import Row
from model_registry_cli.resources import BY_NAME, RESOURCES, Resource
from model_registry_cli.session import Session

_OPERATOR = re.compile(r"[=<>]|\b(i?like|in|is)\b", re.IGNORECASE)
_TITLES = ("KIND", "ID", "NAME", "STATE", "UPDATED")
_SEARCHED = [resource.name for resource in RESOURCES if resource.name != "metrics"]
"""Metrics are not in the list: they are artifacts, and found there."""
_IN_HELP = f"The kinds to search, such as models,versions. ({','.join(_SEARCHED)})"


def run(
    session: Session,
    query: Annotated[str, typer.Argument(metavar="QUERY", help="A part of a name, or a filter: accuracy > 0.9")],
    in_: Annotated[
        str | None, typer.Option("--in", metavar="NAMES", help=_IN_HELP, autocompletion=lambda: _SEARCHED)
    ] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", "-n", min=1, metavar="N", help="The largest number of rows of each kind.")
    ] = None,
) -> None:
    r"""Finds anything by a part of its name, or by a filter.

    A text without an operator is searched in names, ignoring case. With an operator it is a filterQuery, such as
    'name LIKE "fraud%" AND owner = "ann"' or 'accuracy > 0.9'. A name that is not a field is a custom property.
    """
    filter_query = query if _OPERATOR.search(query) else f"name ILIKE {quoted('%' + _plain_pattern(query) + '%')}"
    names = dict.fromkeys(name.strip() for name in (in_ or ",".join(_SEARCHED)).split(","))
    resources = [_resource(name) for name in names]
    session.table(_rows(session, resources, filter_query, limit), _TITLES, "Nothing matches.")


def _plain_pattern(word: str) -> str:
    return re.sub(r"([%_])", r"\\\1", word).replace("\\\\", "\\")


def _resource(name: str) -> Resource:
    if name not in BY_NAME:
        raise Problem(f"--in must name some of {', '.join(BY_NAME)}; got {name!r}.")
    return BY_NAME[name]


def _rows(session: Session, resources: list[Resource], query: str, limit: int | None) -> Iterator[Row]:
    """Yields the matches of each kind. A kind without such a filter is left out, unless all are."""
    refusals: dict[str, Exception] = {}
    for resource in resources:
        try:
            yield from _shown(session, islice(session.registry.list(resource.entity, filter_query=query), limit))
        except (Invalid, NotSupported) as error:
            refusals[resource.name] = error
    if len(refusals) == len(resources):
        raise refusals[resources[0].name]
    for name, refusal in refusals.items():
        say(f"mr: {name} are left out: {getattr(refusal, 'message', refusal)}")


def _shown(session: Session, entities: Iterable[Entity]) -> Iterator[Row]:
    for entity in entities:
        state = text(getattr(entity, "state", None) or getattr(entity, "desired_state", None))
        called = session.references.called(entity)
        shown = entity.name if called == f"id:{entity.id}" else called
        cells = [
            (kind_of(entity), ""),
            (entity.id, ""),
            (shown, ""),
            (state, STYLES.get(state, "")),
            (age(entity.last_update_time_since_epoch), ""),
        ]
        yield Row(
            lambda cells=cells: cells,  # type: ignore[misc]
            lambda entity=entity: plain(entity),  # type: ignore[misc]
            lambda called=called: called,  # type: ignore[misc]
            lambda entity=entity: of_entity(entity, plain(entity), session.references),  # type: ignore[misc]
        )
