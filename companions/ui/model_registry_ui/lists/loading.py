"""Loads what a list shows: one page of the API, or, in an order that the API does not know, as many rows as can be sorted here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from model_registry_client.entity import Parent
from pydantic.alias_generators import to_camel
from starlette.exceptions import HTTPException

from model_registry_ui import kept_columns
from model_registry_ui.api import ApiError
from model_registry_ui.lists.declaration import Column, ListDeclaration, Related
from model_registry_ui.lists.owners import resolved
from model_registry_ui.page_request import PageRequest
from model_registry_ui.query import ALL, MOST_SORTED, NO_FILTERS, ListQuery, Preset, Sort, part_of_sorted

_BAD_REQUEST = 400
LONGEST_QUERY = 2000
"""Characters of a query. A page repeats its query in each of its links."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """The rows of a page.

    Attributes:
        query: What was asked for.
        preset: What the list shows when the URL says nothing.
        items: The entities.
        related: What the cells need in addition.
        next_place: The `after` of the next page; empty on the last one.
        own: The values of the parameters that only this list has.
        problem: What is wrong with the query.
        instead: The query whose rows are shown because the API has refused the one that was asked for: the one before it, or, where
            that is not known, one without filters.
        is_unsorted: Whether there are too many rows for the order that was asked for.
        is_partial: Whether the rows lack what takes long.
        suggestions_url: The page with values for the filters; empty if the server has none.
        names: What fields show whose filter is an id, by the name of the filter.
    """

    query: ListQuery
    preset: Preset
    items: Sequence[Any]
    related: Related
    next_place: str = ""
    own: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""
    instead: ListQuery | None = None
    is_unsorted: bool = False
    is_partial: bool = False
    suggestions_url: str = ""
    names: Mapping[str, str] = field(default_factory=dict)


async def load(page: PageRequest, declared: ListDeclaration, path: str = "", within: str = "") -> Loaded:
    """Loads a list as the page's address asks for it.

    Args:
        page: The request.
        declared: The list.
        path: The path of the list in the API; by default that of all entities of the kind.
        within: A query that all rows match, in addition to the filters of the address.

    Raises:
        ApiError: The API refuses, and not because of the filter.
        HTTPException: The query is too long.
        Unreachable: The registry does not answer.
    """
    query, preset, own = asked(page, declared)
    query = _within_limits(query)
    named = await resolved(page.api, declared.fields, query.filters)
    query = replace(query, filters=named.filters)
    source = Source(declared, path, within, own)
    problem, instead = "", None
    if wrong := {**query.filters.problems(), **named.problems}:
        problem = " ".join(f"{name.replace('_', ' ')} {what}.".capitalize() for name, what in wrong.items())
    try:
        loaded = await _rows(page, source, query, preset)
    except ApiError as error:
        if error.status != _BAD_REQUEST or not (query.filter_query() or query.after):
            raise
        problem = error.message
        loaded, instead = await _former(page, source, query, preset)
    else:
        loaded = replace(loaded, query=replace(loaded.query, former=None))
    related = await declared.related(page, loaded.items) if declared.related and loaded.items else {}
    is_partial = bool(declared.later and loaded.items and await declared.later(page))
    items = [one for one in loaded.items if declared.keeps is None or declared.keeps(one, related, own)]
    return replace(
        loaded,
        problem=problem,
        instead=instead,
        items=items,
        related=related,
        own=own,
        is_partial=is_partial,
        suggestions_url=await _suggestions_url(page, source),
        names=named.names,
    )


def asked(page: PageRequest, declared: ListDeclaration) -> tuple[ListQuery, Preset, dict[str, str]]:
    """Returns what the page's address asks for: the list, its preset, and the parameters that only this list has."""
    kept = kept_columns.of(page.request).get(declared.kept_as, ())
    preset = replace(
        declared.preset,
        page_size=int(page.preferences.size),
        columns=kept or _preset_columns(declared),
        are_columns_kept=bool(kept),
    )
    return ListQuery.from_url(page.parameters, preset), preset, _own(page, declared)


def _within_limits(query: ListQuery) -> ListQuery:
    """The list without a former query that is too long; raises `HTTPException` if the query itself is."""
    if len(query.raw) > LONGEST_QUERY:
        raise HTTPException(
            _BAD_REQUEST, f"The query has {len(query.raw)} characters: at most {LONGEST_QUERY} are taken."
        )
    return replace(query, former="") if len(query.former or "") > LONGEST_QUERY else query


def _own(page: PageRequest, declared: ListDeclaration) -> dict[str, str]:
    """The parameters that only this list has, where their values are among the choices."""
    given = {choice.name: page.parameter(choice.name) for choice in declared.own_choices}
    known = {choice.name: {value for value, _ in choice.values} for choice in declared.own_choices}
    kept = {name: value for name in declared.kept if (value := page.parameter(name)[:LONGEST_QUERY])}
    return {name: value for name, value in given.items() if value in known[name] and value != ALL} | kept


@dataclass(frozen=True, slots=True)
class Source:
    """Where the rows of a list come from."""

    declared: ListDeclaration
    path: str
    within: str
    own: Mapping[str, str]

    def parameters(self, query: ListQuery) -> dict[str, str]:
        """The parameters of the list request."""
        sent = {choice.name: self.own[choice.name] for choice in self.declared.parameters if choice.name in self.own}
        parameters = query.api_parameters() | sent
        if self.within:
            asked = parameters.get("filterQuery")
            parameters["filterQuery"] = f"({self.within}) AND ({asked})" if asked else self.within
        return parameters


async def _former(page: PageRequest, source: Source, refused: ListQuery, preset: Preset) -> tuple[Loaded, ListQuery]:
    """The rows of the query before a refused one, and this query; without a filter if there is none, or if it is refused too."""
    nothing = refused.changed(raw="", former=None, filters=NO_FILTERS)
    if refused.former:
        shown = replace(nothing, raw=refused.former)
        try:
            return replace(await _rows(page, source, shown, preset), query=refused), shown
        except ApiError as error:
            if error.status != _BAD_REQUEST:
                raise
    return replace(await _rows(page, source, nothing, preset), query=refused), nothing


async def _suggestions_url(page: PageRequest, source: Source) -> str:
    """The page with the values of all rows of the list, whatever its filters are."""
    if not await page.api.has_extensions():
        return ""
    kind, within = source.declared.kind, source.within
    match source.path.split("/"), kind.parents:
        case ["", _, id_, _], [Parent(is_required=True) as parent]:
            within = f"{to_camel(parent.argument)} = {id_}"
    return page.url("suggestions", "", {"kind": kind.collection.strip("/"), "within": within})


async def _rows(page: PageRequest, source: Source, query: ListQuery, preset: Preset) -> Loaded:
    declared, path = source.declared, source.path
    found = await page.api.page(declared.kind, path, **source.parameters(query))
    if query.sort.is_by_server:
        return Loaded(query, preset, found.items, {}, found.next_token)
    if found.next_token:
        by_server = replace(query, sort=Sort(), after="")
        first = await page.api.page(declared.kind, path, **source.parameters(by_server))
        return Loaded(by_server, preset, first.items, {}, first.next_token, is_unsorted=True)
    ordered = _ordered(found.items[:MOST_SORTED], query.sort, declared.columns)
    items, next_place = part_of_sorted(ordered, query.after, query.page_size)
    return Loaded(query, preset, items, {}, next_place)


def _ordered(items: Sequence[Any], sort: Sort, columns: Sequence[Column]) -> Sequence[Any]:
    """The rows in the order of a column or a custom property: those without a value are last."""
    column = next((one for one in columns if one.key == sort.key), None)

    def value(item: Any) -> Any:
        return column.value(item, {}) if column else item.custom_properties.get(sort.key)

    present = [item for item in items if value(item) not in (None, "")]
    absent = [item for item in items if value(item) in (None, "")]
    return [*sorted(present, key=lambda item: _place(value(item)), reverse=sort.is_descending), *absent]


def _place(value: Any) -> tuple[int, float, str]:
    """Numbers before texts, and texts without regard to case."""
    if isinstance(value, int | float):
        return 0, float(value), ""
    return 1, 0.0, str(getattr(value, "value", value)).casefold()


def _preset_columns(declared: ListDeclaration) -> tuple[str, ...]:
    return tuple(column.key for column in declared.columns if column.is_preset)
