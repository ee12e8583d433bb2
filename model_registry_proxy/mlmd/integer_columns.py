"""Which whole numbers the store's columns hold: 64 bits on SQLite, 32 on MySQL and PostgreSQL. MLMD does not say which it is.

The first write of a larger number in a process shows it: the store refuses the number, or clamps it silently (MySQL without strict
mode), or keeps it. From then on the width is known, and no write needs a further call.
"""

import enum
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from converters.companion import has_large, is_narrowed, narrowed
from converters.kinds import Node
from model_registry_proxy.mlmd.port import NumberTooLarge

Result = TypeVar("Result")


class Width(enum.Enum):
    """The width of the columns, as far as it is known."""

    UNKNOWN = enum.auto()
    BITS_32 = enum.auto()
    BITS_64 = enum.auto()


class IntegerColumns:
    """Fits nodes to the columns of one store: a larger number is clamped, and the exact one is stored in the companion."""

    def __init__(self) -> None:
        self.width = Width.UNKNOWN

    async def write(
        self,
        nodes: Sequence[Node],
        send: Callable[[Sequence[Node]], Awaitable[Result]],
        complete: Callable[[Result], Awaitable[None]],
    ) -> Result:
        """Sends `nodes` in a form that the store can keep; returns and raises what `send` does.

        `complete` is awaited with the result as long as the width is unknown.
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
        """Learns the width from a stored node; returns whether the node needs its companion now."""
        is_clamped = is_narrowed(sent, stored) if stored else None
        if is_clamped is not None:
            self.width = Width.BITS_32 if is_clamped else Width.BITS_64
        return bool(is_clamped)
