"""Finds names that would clash on MySQL with a collation that ignores case and accents, for `repair --dry-run`."""

from collections.abc import Iterator

from converters import names
from converters.entity import Entity
from converters.kinds import Node
from converters.lookalikes import look, pairs

_ADVICE = "on MySQL without COLLATE utf8mb4_bin"
_ADVICE_ON_SPACES = "on MySQL, which ignores spaces at the end"


class Lookalikes:
    """The names and externalIds so far: a key of each, with the first text and id that had it."""

    def __init__(self) -> None:
        self._names: dict[tuple[int, str], tuple[int, str]] = {}
        self._external_ids: dict[tuple[str, str], tuple[int, str]] = {}

    def of(self, entity: type[Entity], node: Node) -> Iterator[str]:
        """Yields the texts of a node that such a database takes for another text of the node, or for one of an earlier node."""
        first = self._names.setdefault((node.type_id, look(node.name)), (node.id, node.name))
        if first[0] != node.id:
            text = names.split(entity, first[1])[1]
            yield f"its name and {text!r} (id {first[0]}) are the same {_where(first[1], node.name)}"
        if node.external_id:
            key = (str(entity.kind), look(node.external_id))
            first = self._external_ids.setdefault(key, (node.id, node.external_id))
            if first[0] != node.id:
                yield (
                    f"its externalId {node.external_id!r} and {first[1]!r} (id {first[0]}) are the same "
                    f"{_where(first[1], node.external_id)}"
                )
        for one, other in pairs(node.custom_properties):
            yield f"its customProperties {one!r} and {other!r} are the same {_where(one, other)}"


def _where(one: str, other: str) -> str:
    return _ADVICE_ON_SPACES if one.rstrip(" ") == other.rstrip(" ") else _ADVICE
