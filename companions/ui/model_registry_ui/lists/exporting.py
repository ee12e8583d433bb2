"""A whole list as CSV: the rows that its address asks for, in the same order and with the same columns, read page by page."""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from typing import Any

from model_registry_client.custom_properties import to_wire
from model_registry_client.entity import Entity
from starlette.responses import Response, StreamingResponse

from model_registry_ui.api import EntityPage
from model_registry_ui.cells import Link, Outside
from model_registry_ui.csv_export import MOST_ROWS, disposition, lines
from model_registry_ui.deployments.seen import SeenCell
from model_registry_ui.lists.declaration import Column, ListDeclaration
from model_registry_ui.lists.loading import Source, asked
from model_registry_ui.lists.owners import resolved
from model_registry_ui.lists.view import columns_of
from model_registry_ui.page_request import PageRequest
from model_registry_ui.query import NEWEST_CHANGE

_PAGE = 1000
_ALWAYS: Sequence[tuple[str, str]] = (
    ("Id", "id"),
    ("External id", "external_id"),
    ("Description", "description"),
    ("Created", "created"),
    ("Updated", "updated"),
)
"""Columns that every export has at its end, unless the list shows them, with the attribute of each. The last column of all holds
all custom properties."""


async def export(page: PageRequest, declared: ListDeclaration, name: str, path: str = "", within: str = "") -> Response:
    """Returns a list as a file.

    The order is that of the API: a list that the UI sorts by itself comes in the order of changes. The first page is read
    before the answer begins, so that a refusal is a page with an explanation.

    Args:
        page: The request.
        declared: The list.
        name: The name of the file, without its ending.
        path: The path of the list in the API; by default that of all entities of the kind.
        within: A query that all rows match, in addition to the filters of the address.

    Raises:
        ApiError: The API refuses, for example the query.
        Unreachable: The registry does not answer.
    """
    query, _, own = asked(page, declared)
    sort = query.sort if query.sort.is_by_server else NEWEST_CHANGE
    query = replace(query, filters=(await resolved(page.api, declared.fields, query.filters)).filters)
    source = Source(declared, path, within, own)
    parameters = {**source.parameters(replace(query, sort=sort, after="")), "pageSize": str(_PAGE)}
    first = await page.api.page(declared.kind, path, **parameters)
    columns = columns_of(declared, query)
    shown = {column.title for column in columns if column in declared.columns}
    always = [(title, attribute) for title, attribute in _ALWAYS if title not in shown]
    titles = [*(column.title for column in columns), *(title for title, _ in always), "Custom properties"]

    async def pages() -> AsyncIterator[Sequence[Sequence[Any]]]:
        found: EntityPage[Entity] = first
        count = 0
        while True:
            related = await declared.related(page, found.items) if declared.related and found.items else {}
            kept = [one for one in found.items if declared.keeps is None or declared.keeps(one, related, own)]
            yield [list(_row(columns, always, entity, related)) for entity in kept]
            count += len(found.items)
            if not found.next_token or count >= MOST_ROWS:
                return
            found = await page.api.page(declared.kind, path, **parameters, nextPageToken=found.next_token)

    headers = {"content-disposition": disposition(name)}
    return StreamingResponse(lines(titles, pages()), media_type="text/csv; charset=utf-8", headers=headers)


def _row(columns: Sequence[Column], always: Sequence[tuple[str, str]], entity: Any, related: Any) -> Iterator[Any]:
    for column in columns:
        yield _plain(column.value(entity, related))
    for _, attribute in always:
        yield getattr(entity, attribute)
    yield to_wire(entity.custom_properties)


def _plain(value: Any) -> Any:
    """What a cell shows, as a value of CSV."""
    match value:
        case Link():
            return value.words
        case Outside():
            return value.url
        case SeenCell():
            return "; ".join(filter(None, (value.state, *value.reasons)))
        case list() | tuple():
            return ", ".join(map(str, value))
    return value
