"""MLMD's list requests: a `Listing` becomes conditions in MLMD's filter language and a page token of MLMD.

Each condition is exact or wider than what is meant; rows are checked by the caller. MLMD's lists by type are not used: they
fetch the ids of all nodes of the type first.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from converters.companion import kept_as
from converters.entity import Kind
from model_registry_proxy.mlmd.filters.narrowing import wide_query
from model_registry_proxy.mlmd.filters.text import equals, like
from model_registry_proxy.mlmd.list_tokens import options as page_options
from model_registry_proxy.mlmd.list_tokens import start_of
from model_registry_proxy.mlmd.listing import (
    CreatedUntil,
    Criterion,
    ExternalIdIs,
    Listing,
    MadeStandalone,
    NameBegins,
    NameIs,
    NumberIn,
    Order,
    Position,
)

_UUID = "-".join("_" * length for length in (8, 4, 4, 4, 12))


def options(listing: Listing, *, is_dense: bool = False) -> dict[str, Any]:
    """Returns MLMD's `ListOperationOptions` for a page. `is_dense`: see `_type_conditions`."""
    start = start_of(listing) if listing.order is Order.ID else None  # times are conditions
    filter_ = joined(_conditions(listing, is_dense=is_dense))
    return {**page_options(listing, listing.limit, start), "filter_query": filter_}


def joined(conditions: Iterable[str]) -> str:
    """Returns one filter that holds where all conditions hold."""
    return " AND ".join(f"({condition})" for condition in conditions)


def _conditions(listing: Listing, *, is_dense: bool) -> Iterator[str]:
    yield from _type_conditions(listing, is_dense=is_dense)
    if listing.kind is Kind.CONTEXT and listing.below is not None:
        yield f"parent_contexts_p.id = {listing.below}"
    for criterion in listing.criteria:
        yield _condition(criterion)
    if listing.filter and (wide := wide_query(listing.filter)):
        yield wide
    if listing.after and listing.time:
        yield from _behind(listing.time, listing.after, is_ascending=listing.is_ascending)


def _type_conditions(listing: Listing, *, is_dense: bool) -> Iterator[str]:
    """The types that are wanted.

    `is_dense`: rows of the type lie close together by id. The sum keeps databases from the index on types, by which they would
    sort all rows of the type before the first hundred are known; without it they go by id and stop when the page is full.
    """
    if len(listing.types) == 1:
        yield f"type_id{' + 0' if is_dense else ''} = {listing.types[0]}"
    elif listing.types:
        yield f"type_id IN ({_numbers(listing.types)})"
    yield from (f"type_id != {type_id}" for type_id in listing.without)


def _condition(criterion: Criterion) -> str:
    match criterion:
        case NameIs(name, any_prefix=True, suffix=""):
            return f"{like('name', name, before='%:')} OR {equals('name', name)}"
        case NameIs(name, prefix, any_prefix, suffix) if suffix:
            return like("name", name, before="%:" if any_prefix else f"{prefix}:", after=f"{suffix}%")
        case NameIs(name, prefix):
            return equals("name", name if prefix is None else f"{prefix}:{name}")
        case NameBegins(beginning):
            return like("name", beginning, after="%")
        case CreatedUntil(time):
            return f"create_time_since_epoch <= {time}"
        case ExternalIdIs(external_id):
            return equals("external_id", external_id)
        case NumberIn(stored, numbers):
            return f"properties.{stored}.int_value IN ({_numbers(kept_as(numbers))})"
        case MadeStandalone():
            return f'name LIKE "{_UUID}:%"'


def _numbers(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers))


def _behind(time: str, after: Position, *, is_ascending: bool) -> Iterator[str]:
    """Rows behind a position in the order of a time column; ids decide between equal times."""
    sign = ">" if is_ascending else "<"
    yield f"{time} {sign} {after.time} OR ({time} = {after.time} AND id {sign} {after.id})"
    if after.until:
        yield f"{time} <= {after.until}"
