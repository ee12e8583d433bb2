"""The values that a filter requires of every row, where MLMD has an exact call for them: ids, an external id, a name."""

from collections.abc import Iterator
from dataclasses import dataclass

from converters.entity import Stored
from converters.filters import Filter
from converters.filters.names import whole
from converters.filters.tree import And, Leaf, Node, Not, Or
from model_registry_proxy.mlmd.filters.columns import values_of
from model_registry_proxy.mlmd.listing import ExternalIdIs, NameIs

_MOST_IDS = 100


@dataclass(frozen=True, slots=True)
class IdIn:
    """Nodes with one of these ids."""

    ids: tuple[int, ...]


def sure_values(filter_: Filter) -> Iterator[IdIn | ExternalIdIs | NameIs]:
    """Yields conditions that hold for each row that the filter takes, those first that fewest rows meet.

    The stored name of an owned entity has a prefix, so it cannot be looked up.
    """
    found = [each for term in _terms(filter_.tree) if (each := _sure(filter_, term))]
    return iter(sorted(found, key=lambda each: (IdIn, ExternalIdIs, NameIs).index(type(each))))


def _terms(tree: Node) -> Iterator[Leaf]:
    match tree:
        case And(terms):
            for term in terms:
                yield from _terms(term)
        case Not() | Or():
            pass
        case _:
            yield tree


def _sure(filter_: Filter, leaf: Leaf) -> IdIn | ExternalIdIs | NameIs | None:
    fields = filter_.names.subject(leaf.path).fields
    places = {(field.place, field.stored) for field in fields}
    contents = [value.content for value in values_of(leaf)]
    if len(places) != 1 or not contents:
        return None
    [(place, stored)] = places
    match (place, stored, contents):
        case (Stored.COLUMN, "id", _) if len(contents) <= _MOST_IDS:
            numbers = {number for content in contents if (number := whole(content)) is not None}
            return IdIn(tuple(sorted(number for number in numbers if 0 < number < 2**63)))
        case (Stored.COLUMN, "external_id", [str(text)]) if text:
            return ExternalIdIs(text)
        case (Stored.COLUMN, "name", [str(text)]) if text:
            return NameIs(text, any_prefix=any(entity.is_owned() for entity in filter_.names.entities))
        case _:
            return None
