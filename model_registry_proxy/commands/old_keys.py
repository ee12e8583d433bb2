"""Removes from nodes the marks of `Idempotency-Key` that no longer count. `repair` calls it for each node that it reads."""

import time

from converters.idempotency import MARKS, has_old, without_old
from converters.kinds import Node
from model_registry_proxy.mlmd.port import Conflict, NotFound
from model_registry_proxy.registry.registry import Registry


async def remove_old_keys(registry: Registry, node: Node) -> None:
    """Removes the marks of a node that are older than a day. That counts as a change of the node, so its time of change moves."""
    now_ms = time.time_ns() // 1_000_000
    if not has_old(node, now_ms):
        return
    try:
        await registry.store.change(without_old(node, now_ms), [f"custom_properties.{MARKS}"], seen=node)
    except (Conflict, NotFound):  # another program has just changed it; the next run removes the marks
        return
