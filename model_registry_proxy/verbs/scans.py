"""A scan through a list: what the store is asked, and which of its rows are in the answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from converters.entities import ENTITIES
from converters.entity import Entity, Kind, Stored
from converters.filters import Filter, parse_filter
from converters.kinds import JsonObject
from model_registry_proxy.mlmd.listing import Criterion, ExternalIdIs, Listing, NameIs, Order, Position
from model_registry_proxy.registry.request import Request

RowTest = Callable[[JsonObject], bool]


@dataclass(frozen=True, slots=True)
class Scan:
    """A question for a list: what the store is asked, of which entities its rows may be, and the tests that a row must pass.

    `question` is the meaning of the parameters: defaults are left out, and spellings with one meaning have one form. `needs` says
    which facts from other nodes the tests look at. `shown_as` turns a row into its form in the answer.
    """

    listing: Listing
    variants: tuple[type[Entity], ...]
    tests: tuple[RowTest, ...]
    question: Mapping[str, Any] = field(default_factory=dict)
    needs: frozenset[Stored] = frozenset()
    shown_as: Callable[[JsonObject], JsonObject] = lambda row: row

    def page(self, after: Position | None, limit: int) -> Listing:
        """Returns the listing of at most `limit` rows behind a position."""
        return replace(self.listing, after=after, limit=limit)


def scan_for(
    request: Request,
    variants: tuple[type[Entity], ...],
    query: Mapping[str, Any],
    parent: int | None,
    chosen: Filter | None = None,
) -> Scan:
    """Returns the scan that a list's query needs, below a parent or everywhere; raises `FilterError`.

    `chosen` is a filter that another language has made, in the place of the text `filterQuery` in the query.
    """
    kind = variants[0].kind
    criteria: list[Criterion] = []
    tests: list[RowTest] = []
    question: dict[str, Any] = {}
    if name := query.get("name"):
        criteria.append(_named(variants[0], parent, name))
        tests.append(lambda row: row.get("name") == name)
        question["name"] = name
    elif external_id := query.get("externalId"):
        criteria.append(ExternalIdIs(external_id))
        tests.append(lambda row: row.get("externalId") == external_id)
        question["externalId"] = external_id
    text = query.get("filterQuery")
    chosen = parse_filter(text, variants) if text else chosen
    if chosen:
        tests.append(chosen.matches)
        question["filterQuery"] = chosen.meaning
    types, without = _types(request, variants)
    listing = Listing(
        kind,
        types=types,
        without=without,
        below=parent,
        criteria=tuple(criteria),
        filter=chosen,
        order=Order(query.get("orderBy", "ID")),
        is_ascending=query.get("sortOrder", "ASC") == "ASC",
    )
    question |= {"orderBy": listing.order.value} if listing.order is not Order.ID else {}
    question |= {} if listing.is_ascending else {"sortOrder": "DESC"}
    return Scan(listing, variants, tuple(tests), question, chosen.places if chosen else frozenset())


def _named(entity: type[Entity], parent: int | None, name: str) -> NameIs:
    """An artifact may have any prefix: one that was created standalone and attached later keeps the one that it had."""
    if not entity.is_owned():
        return NameIs(name)
    if parent is None or entity.kind is Kind.ARTIFACT:
        return NameIs(name, any_prefix=True)
    return NameIs(name, prefix=str(parent))


def _types(request: Request, variants: tuple[type[Entity], ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Returns the type that is wanted, or else the types that no list shows."""
    if len(variants) == 1:
        return (request.type_id(variants[0]),), ()
    hidden = (entity for entity in ENTITIES if entity.kind is variants[0].kind and not entity.is_listed)
    return (), tuple(request.type_id(entity) for entity in hidden)
