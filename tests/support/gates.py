"""Gates at which calls of a store wait until a test opens them."""

import asyncio


class Gate:
    """Holds calls back: `arrived` is set when one stands before it, `open` lets all through."""

    def __init__(self) -> None:
        self.arrived, self._opened = asyncio.Event(), asyncio.Event()

    def open(self) -> None:
        """Lets through all calls that wait, and all later ones."""
        self._opened.set()

    async def pass_through(self) -> None:
        """Waits for the gate to open."""
        self.arrived.set()
        await self._opened.wait()
