"""Which types have rows that lie close together by id: an MLMD server finds a page of these best without an index on types."""

from collections.abc import Sequence

from converters.kinds import Node
from model_registry_proxy.mlmd.memory import Memory

_DENSE = 20
"""Ids per row of a type up to which its rows lie close together."""


class DenseTypes:
    """What earlier pages have shown of types, by the id of the type."""

    def __init__(self) -> None:
        self._dense: Memory[int, bool] = Memory()

    def __contains__(self, type_id: int) -> bool:
        return type_id in self._dense

    def note(self, type_id: int, nodes: Sequence[Node], *, is_more: bool) -> None:
        """Notes what a page of a type shows. A type whose rows fit into one page is not dense: they are found by the type."""
        if is_more and nodes and abs(nodes[-1].id - nodes[0].id) < _DENSE * len(nodes):
            self._dense[type_id] = True
        else:
            self._dense.pop(type_id, None)
