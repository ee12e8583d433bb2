"""The list of the catalog as its template shows it: rows, conditions to choose, and sources with a problem."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from model_registry_client.catalogued import CatalogModel, CatalogSource

from model_registry_ui.api import Api, ApiError
from model_registry_ui.carets import caret_below
from model_registry_ui.catalog.addresses import CatalogModelId, url_of
from model_registry_ui.catalog.query import FACETS, ORDERS, RELEVANCE, CatalogQuery, as_query, conditions_of
from model_registry_ui.lists.view import Chip, Problem
from model_registry_ui.page_request import PageRequest
from model_registry_ui.query import PAGE_SIZES

MOST_CHOICES = 40
"""Values that a condition offers. With more of them it is typed."""
_MOST_SOURCES = "1000"
_BAD_REQUEST = 400
_UNREAD = "error"
_EFFECTS = {_UNREAD: "cannot be read", "partially-available": "lacks some of its entries"}
_EARLIER = "has a fault in its newest files and shows what it had before"
_OFF = "disabled"


@dataclass(frozen=True, slots=True)
class Row:
    """A model, the address of its page, and the name and the address of its source."""

    model: CatalogModel
    url: str
    source: str
    source_url: str


class Facet(NamedTuple):
    """A condition: its name in the URL, its title, its value, and the values with their words; none if it is typed."""

    name: str
    title: str
    value: str
    choices: Sequence[tuple[str, str]]


class BrokenSource(NamedTuple):
    """A source with a problem: its name, what that means for the list, and the problem in the words of the server."""

    name: str
    effect: str
    error: str


@dataclass(frozen=True, slots=True)
class CatalogView:
    """Everything that the template shows."""

    url: str
    query: CatalogQuery
    filter_query: str
    rows: Sequence[Row]
    facets: Sequence[Facet]
    orders: Sequence[tuple[str, str]]
    chips: Sequence[Chip]
    named: Sequence[tuple[str, str, bool]]
    broken: Sequence[BrokenSource]
    waiting: Sequence[str]
    sizes: Sequence[tuple[int, str]]
    summary: str
    hidden: Sequence[tuple[str, str]]
    fields_url: str = ""
    next_url: str = ""
    first_url: str = ""
    problem: Problem | None = None

    @property
    def is_filtered(self) -> bool:
        """Whether not all models are shown."""
        return bool(self.query.text or self.filter_query)


async def sources_of(api: Api, kind: str = "") -> list[CatalogSource]:
    """Returns the sources of models, or of another kind such as `mcp_servers`."""
    found = await api.catalog("/sources", pageSize=_MOST_SOURCES, orderBy="NAME", assetType=kind)
    return [CatalogSource.from_wire({"name": "", **one}) for one in found.get("items") or ()]


def name_of(source: CatalogSource) -> str:
    """Returns the name of a source for people: its id where it has none."""
    return source.name or source.id


def broken(sources: Sequence[CatalogSource]) -> list[BrokenSource]:
    """Returns the sources that could not be read, or not whole, and those that show what they had before a fault of their files."""
    return [
        BrokenSource(name_of(one), _EFFECTS.get(one.status or "", _EARLIER), one.error or "")
        for one in sources
        if one.status in _EFFECTS or (one.error and one.status != _OFF)
    ]


async def view(page: PageRequest) -> CatalogView:
    """Returns the list that the address of a page asks for; raises `ApiError` and `Unreachable`."""
    usual_size = int(page.preferences.size)
    query = CatalogQuery.from_url(page.parameters, usual_size)
    found, options, sources = await asyncio.gather(
        _models(page.api, query), page.api.catalog("/models/filter_options"), sources_of(page.api)
    )
    answer, refused = found
    url = page.url("catalog")

    def to(changed: CatalogQuery) -> str:
        written = changed.to_url(usual_size)
        return f"{url}?{written}" if written else url

    shown = query.changed(raw="", chosen={}) if refused else query
    simple = conditions_of(query.raw) if query.raw and not refused else None
    token = answer.get("nextPageToken") or ""
    rows = list(_rows(page, answer, sources))
    problem = None
    if refused:
        problem = Problem(refused, caret_below(query.filter_query(), refused), "")
    return CatalogView(
        url=url,
        query=query,
        filter_query=query.filter_query(),
        rows=rows,
        facets=list(_facets(query, options.get("filters") or {}, sources)),
        orders=[(key, words) for key, (words, _) in ORDERS.items() if key != RELEVANCE or query.text],
        chips=list(_chips(query, sources, to)),
        named=list(_named(query, options.get("namedQueries") or {}, to)),
        broken=broken(sources),
        waiting=[name_of(one) for one in sources if one.enabled and one.status is None],
        sizes=[(size, to(query.changed(page_size=size))) for size in PAGE_SIZES],
        summary=f"{len(rows)} {'model' if len(rows) == 1 else 'models'} shown{', more follow' if token else ''}",
        hidden=[pair for pair in query.pairs(usual_size) if pair[0] == "size"],
        fields_url=to(query.changed(raw="", chosen=simple)) if simple else "",
        next_url=to(shown.changed(after=token)) if token else "",
        first_url=to(query.changed()) if query.after else "",
        problem=problem,
    )


async def _models(api: Api, query: CatalogQuery) -> tuple[dict[str, Any], str]:
    """A page of models, and why the catalog refuses the query: then the page is the first one without conditions."""
    try:
        return await api.catalog("/models", **query.api_parameters()), ""
    except ApiError as error:
        if error.status != _BAD_REQUEST or not (query.filter_query() or query.after):
            raise
        bare = query.changed(raw="", chosen={})
        return await api.catalog("/models", **bare.api_parameters()), error.message


def _rows(page: PageRequest, answer: Mapping[str, Any], sources: Sequence[CatalogSource]) -> Iterator[Row]:
    names = {one.id: name_of(one) for one in sources}
    for one in answer.get("items") or ():
        model = CatalogModel.from_wire({"source_id": "", **one})
        id_ = model.source_id
        yield Row(
            model,
            url_of(page, CatalogModelId(id_, model.name)),
            names.get(id_, id_),
            page.url("catalog", "", {"source": id_}),
        )


def _facets(query: CatalogQuery, filters: Mapping[str, Any], sources: Sequence[CatalogSource]) -> Iterator[Facet]:
    """The conditions that can differ: those with at least one value."""
    for name, (title, field) in FACETS.items():
        if name == "source":
            choices = [(one.id, name_of(one)) for one in sources if one.status not in (_UNREAD, _OFF)]
        else:
            values = (filters.get(field) or {}).get("values") or ()
            choices = [(str(value), str(value)) for value in values]
        value = query.chosen.get(name, "")
        if value and value not in {one for one, _ in choices}:
            choices.append((value, value))
        if choices:
            yield Facet(name, title, value, choices if len(choices) <= MOST_CHOICES else ())


def _chips(query: CatalogQuery, sources: Sequence[CatalogSource], to: Callable[[CatalogQuery], str]) -> Iterator[Chip]:
    if query.text:
        yield Chip(f"contains: {query.text}", to(query.changed(text="")))
    if query.raw:
        yield Chip("the query below", to(query.changed(raw="")))
        return
    names = {one.id: name_of(one) for one in sources}
    for name, value in query.chosen.items():
        words = names.get(value, value) if name == "source" else value
        yield Chip(f"{FACETS[name][0].lower()}: {words}", to(query.without(name)))


def _named(
    query: CatalogQuery, named: Mapping[str, Any], to: Callable[[CatalogQuery], str]
) -> Iterator[tuple[str, str, bool]]:
    """Each named query with its address, and whether it is the one that is shown."""
    for name, conditions in named.items():
        written = as_query(conditions)
        yield name, to(query.changed(raw=written, chosen={})), written == query.raw.strip()
