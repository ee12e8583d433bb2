"""A change whose answer was lost: has it taken effect, and may it be repeated?

To repeat one that took effect undoes whatever others have changed since. MLMD has no compare-and-set for contexts, but it
tells when a node has last changed: one that has not changed since the change was first sent has not had it.
"""

import math
from collections.abc import Sequence
from typing import Any

from converters.kinds import Node
from model_registry_proxy.errors import StoreUnavailable

CLOCKS_APART_MS = 100
"""How far MLMD's clock may be from ours, in ms: it runs beside the proxy, or both keep their clocks by NTP."""
_KEPT_DECIMALS = 1e-6
_UNKNOWN = (
    "It is not known whether this change took effect: something has changed since. Read it again before another try."
)


def took_effect(stored: Node | None, change: Node, mask: Sequence[str], begun_ms: int) -> bool:
    """Whether `stored` bears what `change` says of the fields of `mask`; it was first sent at `begun_ms` (ms since the epoch).

    Raises `StoreUnavailable` where it may have borne it for a while.
    """
    if stored is None:
        return False
    if all(_same(_field(stored, path), _field(change, path)) for path in mask):
        return True
    if stored.last_update_time_since_epoch >= begun_ms - CLOCKS_APART_MS:
        raise StoreUnavailable(_UNKNOWN)
    return False


def _field(node: Node, path: str) -> Any:
    """What a path of a mask leads to: a column, one property, or all of them; `None` where it is unset."""
    place, _, key = path.partition(".")
    values = getattr(node, place)
    if key:
        return values[key] if key in values else None  # noqa: SIM401 (a protobuf map makes what it is asked for)
    return dict(values) if place in ("properties", "custom_properties") else values


def _same(one: Any, other: Any) -> bool:
    """Whether two values are equal as far as MLMD keeps them."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if hasattr(one, "double_value") and hasattr(other, "double_value") and one.HasField("double_value"):
        return other.HasField("double_value") and math.isclose(
            one.double_value, other.double_value, rel_tol=1e-12, abs_tol=_KEPT_DECIMALS
        )
    return bool(one == other)
