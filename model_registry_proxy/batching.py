"""Natural batching: requests that wait for the store at the same time share its calls.

While no call of a kind is in flight, an item is sent at once; while some are, items gather, and all that has gathered goes
as one call. An idle proxy adds no delay, a busy one gets group commit. An item joins only a call that has not been sent,
so it sees every write that ended before it.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Generic, TypeVar

from model_registry_proxy.errors import RegistryError, StoreUnavailable

Item = TypeVar("Item")
Result = TypeVar("Result")
Send = Callable[[Sequence[Item]], Awaitable[Sequence[Result]]]


class Batcher(Generic[Item, Result]):
    """Collects items for `send`, which takes a list of them and answers a list of results in the same order.

    `most` is the limit of items a call, `in_flight` that of calls at a time, `key` says which items may share a call.
    """

    def __init__(
        self,
        send: Send[Item, Result],
        *,
        most: int = 100,
        in_flight: int = 1,
        key: Callable[[Item], Hashable] = lambda _: None,
    ) -> None:
        self._send, self._most, self._free, self._key = send, most, in_flight, key
        self._waiting: deque[tuple[Item, asyncio.Future[Result]]] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_scheduled = False

    async def __call__(self, item: Item) -> Result:
        """Waits for the result of this item; raises what the store said of it, never of its neighbours."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Result] = loop.create_future()
        self._waiting.append((item, future))
        if not self._is_scheduled and self._free:
            self._is_scheduled = True
            loop.call_soon(self._start)
        return await future

    def _start(self) -> None:
        self._is_scheduled = False
        while self._free and (batch := self._next_batch()):
            self._free -= 1
            task = asyncio.get_running_loop().create_task(self._run(batch))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _next_batch(self) -> list[tuple[Item, asyncio.Future[Result]]]:
        """The one that has waited longest, and those that may go with it. Who has gone away is dropped unsent."""
        batch: list[tuple[Item, asyncio.Future[Result]]] = []
        left: deque[tuple[Item, asyncio.Future[Result]]] = deque()
        for waiting in self._waiting:
            if waiting[1].done():
                continue
            fits = len(batch) < self._most and (not batch or self._key(waiting[0]) == self._key(batch[0][0]))
            (batch if fits else left).append(waiting)
        self._waiting = left
        return batch

    async def _run(self, batch: list[tuple[Item, asyncio.Future[Result]]]) -> None:
        try:
            await self._settle(batch)
        finally:
            self._free += 1
            self._start()

    async def _settle(self, batch: list[tuple[Item, asyncio.Future[Result]]]) -> None:
        """Sends a batch. If it fails for any reason but an outage it is halved, until each has an outcome of its own."""
        try:
            results = await self._send([item for item, _ in batch])
        except Exception as error:  # noqa: BLE001 (whatever it is belongs to the callers)
            if len(batch) > 1 and isinstance(error, RegistryError) and not isinstance(error, StoreUnavailable):
                half = len(batch) // 2
                await self._settle(batch[:half])
                await self._settle(batch[half:])
                return
            for _, future in batch:
                if not future.done():
                    future.set_exception(error)
            return
        for (_, future), result in zip(batch, results, strict=True):
            if not future.done():
                future.set_result(result)
