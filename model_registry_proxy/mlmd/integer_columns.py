"""Which whole numbers the store's columns hold: 64 bits on SQLite, 32 on MySQL and PostgreSQL. MLMD does not say which it is.

The first write of a larger number in a process shows it: the store refuses the number, or clamps it without a word (a MySQL that
is not strict), or keeps it. From then on it is known, and no write costs a call more.
"""

import enum
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from converters.companion import has_large, is_narrowed, narrowed
from converters.kinds import Node
from model_registry_proxy.mlmd.port import NumberTooLarge

Result = TypeVar("Result")


class Width(enum.Enum):
    """What is known of the columns."""

    UNKNOWN = enum.auto()
    BITS_32 = enum.auto()
    BITS_64 = enum.auto()


class IntegerColumns:
    """Fits nodes to the columns of one store: a number beyond them is clamped, and the exact one goes into the companion."""

    def __init__(self) -> None:
        self.width = Width.UNKNOWN

    async def write(
        self,
        nodes: Sequence[Node],
        send: Callable[[Sequence[Node]], Awaitable[Result]],
        complete: Callable[[Result], Awaitable[None]],
    ) -> Result:
        """Sends `nodes` as the store can keep them; returns and raises what `send` does.

        `complete` is awaited with the result while it is unknown what the store has made of them.
        """
        if not any(map(has_large, nodes)):
            return await send(nodes)
        if self.width is Width.BITS_32:
            return await send([narrowed(node) for node in nodes])
        try:
            result = await send(nodes)
        except NumberTooLarge:
            result = await send([narrowed(node) for node in nodes])
            self.width = Width.BITS_32
            return result
        if self.width is Width.UNKNOWN:
            await complete(result)
        return result

    def compare(self, sent: Node, stored: Node | None) -> bool:
        """Learns from what the store has made of a node; returns whether it needs its companion now."""
        is_clamped = is_narrowed(sent, stored) if stored else None
        if is_clamped is not None:
            self.width = Width.BITS_32 if is_clamped else Width.BITS_64
        return bool(is_clamped)
