"""Rows: what all ways to print have in common."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from model_registry_client import Entity
from model_registry_client.bodies import Below
from model_registry_client.questions import PAGE_SIZE

from model_registry_cli.output.cells import cell
from model_registry_cli.output.details import Detail, of_entity, of_plain
from model_registry_cli.output.plain import plain
from model_registry_cli.references import References
from model_registry_cli.resources import Resource

Cell = tuple[str, str]
"""A text and its style."""


@dataclass(frozen=True)
class Row:
    """One thing that is shown; each form is made when it is asked for."""

    cells: Callable[[], Sequence[Cell]]
    plain: Callable[[], dict[str, Any]]
    name: Callable[[], str]
    details: Callable[[], list[Detail]]


def told(content: Mapping[str, Any], name: str, *cells: Cell | str) -> Row:
    """A row that is no entity. A cell without a style is a text."""
    styled = [(cell, "") if isinstance(cell, str) else cell for cell in cells]
    return Row(lambda: styled, lambda: dict(content), lambda: name, lambda: of_plain(dict(content)))


def titles(resource: Resource, *, is_wide: bool) -> list[str]:
    """The titles of a resource's columns."""
    return [column.title for column in resource.columns if is_wide or not column.is_wide]


def rows(
    resource: Resource,
    entities: Iterable[Entity],
    references: References,
    place: Below,
    *,
    is_wide: bool,
    is_plain: bool,
) -> Iterator[Row]:
    """A row per entity, with the columns of its resource. `is_plain`: names of what they refer to are not needed."""
    columns = [column for column in resource.columns if is_wide or not column.is_wide]
    for entity in entities if is_plain else _prepared(entities, references):
        yield Row(
            lambda entity=entity: [cell(column, entity, references) for column in columns],  # type: ignore[misc]
            lambda entity=entity: plain(entity),  # type: ignore[misc]
            lambda entity=entity: references.called(entity, place),  # type: ignore[misc]
            lambda entity=entity: of_entity(entity, plain(entity), references),  # type: ignore[misc]
        )


def _prepared(entities: Iterable[Entity], references: References) -> Iterator[Entity]:
    """The same entities, after what each page of them refers to has been read."""
    coming = iter(entities)
    while page := list(islice(coming, PAGE_SIZE)):
        references.prepare(page)
        yield from page
