"""Conditions in MLMD's filter language that narrow a listing. Each is exact or wider; rows are decided by the proxy."""

from converters.entities import Entity, Kind
from model_registry_proxy.page_tokens import Place


def quoted(text: str) -> str:
    """A ZetaSQL string literal."""
    return '"' + "".join(_escaped(character) for character in text) + '"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    return character if character.isprintable() else f"\\U{ord(character):08x}"


def name_below(entity: type[Entity], parent: int | None, name: str) -> tuple[str, ...]:
    """For nodes of this REST name below a context: the usual stored name, or any prefix where it may be another."""
    usual = f"name = {quoted(f'{parent}:{name}')}"
    if entity.kind is not Kind.ARTIFACT:
        return (usual,)
    return (f"{usual} OR name LIKE {quoted('%:' + _pattern(name))}",)


def history_of(run: int | None, metric: str, mark: str) -> str:
    """For history rows of a metric, of one run or of all."""
    prefix = "%" if run is None else str(run)
    return f"name LIKE {quoted(f'{prefix}:{_pattern(metric)}{mark}%')}"


def _pattern(text: str) -> str:
    """A LIKE pattern that fits `text` in any database: what is not plain ASCII there may be several characters."""
    return "".join(c if c.isascii() and c.isprintable() and c not in "%\\" else "%" for c in text)


def child_of(parent: int) -> str:
    """For contexts with this parent link."""
    return f"parent_contexts_p.id = {parent}"


def named(entity: type[Entity], parent: int | None, name: str) -> str:
    """For nodes of this REST name, below a parent or anywhere."""
    if parent is not None:
        return name_below(entity, parent, name)[0]
    return f"name = {quoted(name)}"


def with_external_id(external_id: str) -> str:
    """For nodes with this external id."""
    return f"external_id = {quoted(external_id)}"


def behind(time: str, place: Place, *, is_ascending: bool) -> tuple[str, ...]:
    """For nodes behind a place in the order of a time column, ids deciding between equal times."""
    sign = ">" if is_ascending else "<"
    start = f"{time} {sign} {place.time} OR ({time} = {place.time} AND id {sign} {place.id})"
    return (start, f"{time} <= {place.until}") if place.until else (start,)
