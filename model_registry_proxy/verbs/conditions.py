"""Conditions in MLMD's filter language that narrow a listing. Each is exact or wider; rows are decided by the proxy."""

from collections.abc import Iterable

from converters.entity import Entity, Kind
from converters.filters.mlmd_text import equals, like
from model_registry_proxy.verbs.page_tokens import Place

_UUID = "-".join("_" * length for length in (8, 4, 4, 4, 12))


def named(entity: type[Entity], parent: int | None, name: str) -> str:
    """For nodes of this REST name, below a parent or anywhere.

    An artifact may bear any prefix: one that was made standalone and attached later keeps the one it had.
    """
    if entity.is_owned() and (parent is None or entity.kind is Kind.ARTIFACT):
        return f"{like('name', name, before='%:')} OR {equals('name', name)}"
    return equals("name", f"{parent}:{name}" if entity.is_owned() else name)


def history_of(run: int | None, metric: str, mark: str) -> str:
    """For history rows of a metric, of one run or of all."""
    return like("name", metric, before="%:" if run is None else f"{run}:", after=f"{mark}%")


def of_dense_type(type_id: int) -> str:
    """For nodes of a type whose rows lie close together by id.

    The sum keeps databases from the index on types, by which they would have to sort all rows of the type before the first
    hundred are known; without it they go by id and stop when the page is full.
    """
    return f"type_id + 0 = {type_id}"


def child_of(parent: int) -> str:
    """For contexts with this parent link."""
    return f"parent_contexts_p.id = {parent}"


def made_standalone(type_ids: Iterable[int]) -> str:
    """For artifacts of these types whose names begin with a made-up UUID, as those do that were made without a parent."""
    return f'type_id IN ({", ".join(map(str, type_ids))}) AND name LIKE "{_UUID}:%"'


def with_external_id(external_id: str) -> str:
    """For nodes with this external id."""
    return equals("external_id", external_id)


def behind(time: str, place: Place, *, is_ascending: bool) -> tuple[str, ...]:
    """For nodes behind a place in the order of a time column, ids deciding between equal times."""
    sign = ">" if is_ascending else "<"
    start = f"{time} {sign} {place.time} OR ({time} = {place.time} AND id {sign} {place.id})"
    return (start, f"{time} <= {place.until}") if place.until else (start,)
