"""What waiting and doing at once are: the one module that is written twice, for asyncio here."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence

sleep = asyncio.sleep
Lock = asyncio.Lock
Work = Callable[[], Awaitable[None]]
"""Something to do later."""


async def all_at_once(works: Sequence[Work], limit: int) -> None:
    """Does all of it, so much at a time. Raises the first error, after the rest is done."""
    gate = asyncio.Semaphore(limit)

    async def _do(work: Work) -> None:
        async with gate:
            await work()

    for outcome in await asyncio.gather(*map(_do, works), return_exceptions=True):
        if isinstance(outcome, BaseException):
            raise outcome


class Worker:
    """Does a piece of work again and again in the background: when it is woken, and after so many seconds anyway."""

    def __init__(self, work: Work, seconds: float) -> None:
        self._work, self._seconds = work, seconds
        self._woken, self._is_stopped = asyncio.Event(), False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begins."""
        self._task = self._task or asyncio.get_running_loop().create_task(self._run())

    def wake(self) -> None:
        """Lets it work soon."""
        self._woken.set()

    async def stop(self) -> None:
        """Waits for what is being done, and does no more."""
        self._is_stopped = True
        self._woken.set()
        if self._task:
            await self._task

    async def _run(self) -> None:
        while not self._is_stopped:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), self._seconds)
            self._woken.clear()
            if not self._is_stopped:
                await self._work()
