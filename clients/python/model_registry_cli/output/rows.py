"""Rows: the input of all output formats."""

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
    """One row of the output. Each form of it is made only when the output format needs it."""

    cells: Callable[[], Sequence[Cell]]
    plain: Callable[[], dict[str, Any]]
    name: Callable[[], str]
    details: Callable[[], list[Detail]]


def row_of(content: Mapping[str, Any], name: str, *cells: Cell | str) -> Row:
    """Makes a row that is not an entity.

    Args:
        content: The object for JSON and YAML.
        name: The text for `-o name`.
        cells: The cells of a table: texts, or texts with a style.
    """
    styled = [(cell, "") if isinstance(cell, str) else cell for cell in cells]
    return Row(lambda: styled, lambda: dict(content), lambda: name, lambda: of_plain(dict(content)))


def titles(resource: Resource, *, is_wide: bool) -> list[str]:
    """Returns the titles of the columns of a resource."""
    return [column.title for column in resource.columns if is_wide or not column.is_wide]


def rows(
    resource: Resource,
    entities: Iterable[Entity],
    references: References,
    under: Below,
    *,
    is_wide: bool,
    is_plain: bool,
) -> Iterator[Row]:
    """Yields a row for each entity.

    Args:
        resource: The resource, which has the columns.
        entities: The entities.
        references: Makes references of entities.
        under: The parent of all of them, if there is one.
        is_wide: Whether all columns are shown.
        is_plain: Whether the names of the entities that they refer to are not needed.
    """
    columns = [column for column in resource.columns if is_wide or not column.is_wide]
    for entity in entities if is_plain else _prepared(entities, references):
        yield Row(
            lambda entity=entity: [cell(column, entity, references) for column in columns],  # type: ignore[misc]
            lambda entity=entity: plain(entity),  # type: ignore[misc]
            lambda entity=entity: references.called(entity, under),  # type: ignore[misc]
            lambda entity=entity: of_entity(entity, plain(entity), references),  # type: ignore[misc]
        )


def _prepared(entities: Iterable[Entity], references: References) -> Iterator[Entity]:
    """Yields the entities. Before each page it reads the entities that these refer to."""
    coming = iter(entities)
    while page := list(islice(coming, PAGE_SIZE)):
        references.prepare(page)
        yield from page
