"""Finds out whether a write took effect whose answer was lost.

A new node is found by its name and compared with what was sent. A change must not be repeated where it took effect: that would
undo what others have changed since. MLMD has no compare-and-set for contexts, but it stores when a node last changed: a node
that has not changed since the change was first sent has not had it.
"""

import math
from collections.abc import Sequence
from typing import Any

from converters.entity import Entity
from converters.kinds import Node
from converters.nodes import from_node
from model_registry_proxy.mlmd.port import NothingKnown

CLOCKS_APART_MS = 100
"""How far MLMD's clock may be from ours, in ms: both run on one machine, or keep their clocks by NTP."""
_GIVEN_BY_MLMD = {"id", "createTimeSinceEpoch", "lastUpdateTimeSinceEpoch"}
_KEPT_DECIMALS = 1e-6


def is_what_was_sent(entity: type[Entity], stored: Node | None, sent: Node) -> bool:
    """Returns whether a stored node has the content that was sent, so that most likely our own write created it."""
    if stored is None:
        return False
    one, other = from_node(entity, stored), from_node(entity, sent)
    return all(one.get(key) == other.get(key) for key in (one.keys() | other.keys()) - _GIVEN_BY_MLMD)


def change_took_effect(stored: Node | None, change: Node, mask: Sequence[str], begun_ms: int) -> bool:
    """Returns whether `stored` has the values of `change` in the fields of `mask`.

    `begun_ms` is when the change was first sent, in ms since the epoch. Raises `NothingKnown` where the change may have taken
    effect and have been changed again since.
    """
    if stored is None:
        return False
    if all(_same(_field(stored, path), _field(change, path)) for path in mask):
        return True
    if stored.last_update_time_since_epoch >= begun_ms - CLOCKS_APART_MS:
        raise NothingKnown
    return False


def _field(node: Node, path: str) -> Any:
    """Returns the value at a path of a mask: a column, one property, or all properties; `None` where it is unset."""
    place, _, key = path.partition(".")
    values = getattr(node, place)
    if key:
        return values[key] if key in values else None  # noqa: SIM401 (reading a protobuf map creates the key)
    return dict(values) if place in ("properties", "custom_properties") else values


def _same(one: Any, other: Any) -> bool:
    """Returns whether two values are equal in the digits that MLMD keeps."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if hasattr(one, "double_value") and hasattr(other, "double_value") and one.HasField("double_value"):
        return other.HasField("double_value") and math.isclose(
            one.double_value, other.double_value, rel_tol=1e-12, abs_tol=_KEPT_DECIMALS
        )
    return bool(one == other)
