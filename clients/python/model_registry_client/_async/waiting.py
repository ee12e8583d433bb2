"""Waiting and concurrent work, for asyncio. This is the only module that is written by hand for both halves."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence

sleep = asyncio.sleep
Lock = asyncio.Lock
Work = Callable[[], Awaitable[None]]
"""A piece of work to do later."""


async def all_at_once(works: Sequence[Work], limit: int) -> None:
    """Does all works, at most `limit` at the same time. Raises the first error after all have ended."""
    gate = asyncio.Semaphore(limit)

    async def _do(work: Work) -> None:
        async with gate:
            await work()

    for outcome in await asyncio.gather(*map(_do, works), return_exceptions=True):
        if isinstance(outcome, BaseException):
            raise outcome


class Worker:
    """Repeats a piece of work in the background: after each call of `wake`, and every `seconds`."""

    def __init__(self, work: Work, seconds: float) -> None:
        self._work, self._seconds = work, seconds
        self._woken, self._is_stopped = asyncio.Event(), False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Starts the worker."""
        self._task = self._task or asyncio.get_running_loop().create_task(self._run())

    def wake(self) -> None:
        """Starts the next round of work now."""
        self._woken.set()

    async def stop(self) -> None:
        """Ends the worker, after the current round of work."""
        self._is_stopped = True
        self._woken.set()
        if self._task:
            await self._task

    async def _run(self) -> None:
        while not self._is_stopped:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._seconds):
                    await self._woken.wait()
            self._woken.clear()
            if not self._is_stopped:
                await self._work()
