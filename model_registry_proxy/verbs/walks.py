"""A walk through a list: what MLMD is asked for it, and which of its rows count."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from converters.entities import ENTITIES
from converters.entity import Entity, Kind, Stored
from converters.filters import parse_filter
from converters.kinds import JsonObject, Node
from model_registry_proxy.mlmd.listings import Listing
from model_registry_proxy.registry.registry import Registry
from model_registry_proxy.verbs import conditions
from model_registry_proxy.verbs.page_tokens import Place

Wanted = Callable[[JsonObject], bool]

_TIMES = {"CREATE_TIME": "create_time_since_epoch", "LAST_UPDATE_TIME": "last_update_time_since_epoch"}
_NARROWING = {"name", "externalId", "filterQuery", "orderBy"}


@dataclass(frozen=True, slots=True)
class Walk:
    """A question for a list: what MLMD is asked, of which entities its rows may be, and which of these count.

    `question` is what the parameters mean: defaults are left out, and what is said in several ways is there in one of them.
    `family` is the parent whose child contexts are asked for, `type_id` the type where all rows of one type are, by id.
    """

    listing: Listing
    variants: tuple[type[Entity], ...]
    tests: tuple[Wanted, ...]
    question: Mapping[str, Any] = field(default_factory=dict)
    needs: frozenset[Stored] = frozenset()
    family: int | None = None
    type_id: int | None = None
    shown_as: Callable[[JsonObject], JsonObject] = lambda row: row

    @property
    def time(self) -> str | None:
        """The node's attribute that orders the walk; `None` for one by id."""
        return _TIMES.get(self.listing.order)

    def after(self, place: Place | None, limit: int) -> Listing:
        """What to ask MLMD for the rows behind `place`."""
        if place is None:
            return replace(self.listing, limit=limit)
        if self.time is None:
            return replace(self.listing, limit=limit, after_id=place.id)
        bounds = conditions.behind(self.time, place, is_ascending=self.listing.is_ascending)
        return replace(self.listing, limit=limit, conditions=(*self.listing.conditions, *bounds))

    def behind(self, place: Place | None, nodes: Sequence[Node]) -> list[Node]:
        """What `after` asks for, of nodes that are at hand."""
        keys = {node.id: (getattr(node, self.time) if self.time else 0, node.id) for node in nodes}
        rest = [node for node in nodes if not place or not place.until or keys[node.id][0] <= place.until]
        if place:
            mark = (place.time, place.id)
            rest = [
                node for node in rest if (keys[node.id] > mark if self.listing.is_ascending else keys[node.id] < mark)
            ]
        return sorted(rest, key=lambda node: keys[node.id], reverse=not self.listing.is_ascending)

    def place_of(self, node: Node, before: Place | None) -> Place:
        """Where the walk stands when `node` is the last row shown."""
        return Place(node.id, getattr(node, self.time) if self.time else 0, before.until if before else 0)


def walk_for(
    registry: Registry,
    variants: tuple[type[Entity], ...],
    query: Mapping[str, Any],
    parent: int | None,
) -> Walk:
    """The walk that a question needs, below a parent or everywhere; raises `FilterError`."""
    kind = variants[0].kind
    wide: list[str] = []
    tests: list[Wanted] = []
    question: dict[str, Any] = {}
    needs: frozenset[Stored] = frozenset()
    is_whole_type = len(variants) == 1 and parent is None and not query.keys() & _NARROWING
    type_id = registry.type_id(variants[0]) if is_whole_type else None
    if type_id is not None and registry.dense_types.has(type_id):
        wide.append(conditions.of_dense_type(type_id))
    else:
        wide.extend(_type_conditions(registry, variants))
    if kind is Kind.CONTEXT and parent is not None:
        wide.append(conditions.child_of(parent))
    if name := query.get("name"):
        wide.append(conditions.named(variants[0], parent, name))
        tests.append(lambda row: row.get("name") == name)
        question["name"] = name
    elif external_id := query.get("externalId"):
        wide.append(conditions.with_external_id(external_id))
        tests.append(lambda row: row.get("externalId") == external_id)
        question["externalId"] = external_id
    if (text := query.get("filterQuery")) and (chosen := parse_filter(text, variants)):
        wide.extend([chosen.wide_query] if chosen.wide_query else [])
        tests.append(chosen.matches)
        question["filterQuery"] = chosen.meaning
        needs = chosen.places
    listing = Listing(
        kind,
        context_id=parent if kind is not Kind.CONTEXT else None,
        conditions=tuple(wide),
        order=query.get("orderBy", "ID"),
        is_ascending=query.get("sortOrder", "ASC") == "ASC",
    )
    question |= {"orderBy": listing.order} if listing.order != "ID" else {}
    question |= {} if listing.is_ascending else {"sortOrder": "DESC"}
    family = parent if kind is Kind.CONTEXT else None
    return Walk(listing, variants, tuple(tests), question, needs, family, type_id)


def _type_conditions(registry: Registry, variants: tuple[type[Entity], ...]) -> Sequence[str]:
    """Keeps other types out: all but one where one is wanted, else those that no list shows."""
    if len(variants) == 1:
        return [f"type_id = {registry.type_id(variants[0])}"]
    hidden = (entity for entity in ENTITIES if entity.kind is variants[0].kind and not entity.is_listed)
    return [f"type_id != {registry.type_id(entity)}" for entity in hidden]
