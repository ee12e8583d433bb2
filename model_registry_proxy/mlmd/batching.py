"""Natural batching: requests that wait for the store at the same time share its calls.

While no call of a kind is in flight, an item is sent at once; while some are, items gather, and all that has gathered goes
as one call. An idle proxy adds no delay, a busy one gets group commit. An item joins only a call that has not been sent,
so it sees every write that ended before it.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from model_registry_proxy.deadlines.deadline import deadline
from model_registry_proxy.errors import RegistryError, StoreUnavailable

Item = TypeVar("Item")
Result = TypeVar("Result")
Send = Callable[[Sequence[Item]], Awaitable[Sequence[Result]]]


class Waiting(NamedTuple, Generic[Item, Result]):
    """An item, who waits for its result, and until when; `origin` is what traces know of the request."""

    item: Item
    future: "asyncio.Future[Result]"
    deadline: float
    origin: Any = None


class Batcher(Generic[Item, Result]):
    """Collects items for `send`, which takes a list of them and answers a list of results in the same order.

    Items of one `key` may share a call; keys take turns. `lane` limits the calls in flight, and may be shared with other
    batchers. `name` is what metrics call the queue. `most` and `most_bytes`, by `weigh`, limit a call; a single item always goes.
    """

    def __init__(
        self,
        send: Send[Item, Result],
        *,
        name: str = "",
        lane: asyncio.Semaphore | None = None,
        most: int = 100,
        most_bytes: int = 2**20,
        weigh: Callable[[Item], int] = lambda _: 0,
        key: Callable[[Item], Hashable] = lambda _: None,
    ) -> None:
        self._name = name
        self._send, self._lane = send, lane or asyncio.Semaphore(1)
        self._most, self._most_bytes, self._weigh, self._key = most, most_bytes, weigh, key
        self._groups: dict[Hashable, deque[Waiting[Item, Result]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_starting = False

    async def __call__(self, item: Item) -> Result:
        """Waits for the result of this item; raises what the store said of it, never of its neighbours."""
        waiting = self._waiting(item)
        self._groups.setdefault(self._key(item), deque()).append(waiting)
        self._start()
        return await waiting.future

    def _waiting(self, item: Item) -> Waiting[Item, Result]:
        """The item with what belongs to the request that it comes from."""
        return Waiting(item, asyncio.get_running_loop().create_future(), deadline.get())

    def _start(self) -> None:
        """Sees to it that somebody takes what waits, as soon as the lane is free."""
        if self._groups and not self._is_starting:
            self._is_starting = True
            task = asyncio.get_running_loop().create_task(self._run())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _run(self) -> None:
        async with self._lane:
            batch = self._next_batch()
            self._is_starting = False
            self._start()
            if batch:
                deadline.set(max(waiting.deadline for waiting in batch))
                await self._settle(batch)

    def _next_batch(self) -> list[Waiting[Item, Result]]:
        """As many as fit of the key whose turn it is. Who has gone away is dropped unsent."""
        batch: list[Waiting[Item, Result]] = []
        while self._groups and not batch:
            key = next(iter(self._groups))
            group, size = self._groups.pop(key), 0
            while group and len(batch) < self._most:
                if group[0].future.done():
                    group.popleft()
                    continue
                size += self._weigh(group[0].item)
                if batch and size > self._most_bytes:
                    break
                batch.append(group.popleft())
            if group:
                self._groups[key] = group
        return batch

    async def _settle(self, batch: list[Waiting[Item, Result]]) -> None:
        """Sends a batch. If it fails for any reason but an outage it is halved, until each has an outcome of its own."""
        try:
            results = await self._send([waiting.item for waiting in batch])
            outcomes = list(zip(batch, results, strict=True))
        except Exception as error:  # noqa: BLE001 (whatever it is belongs to the callers)
            if len(batch) > 1 and isinstance(error, RegistryError) and not isinstance(error, StoreUnavailable):
                half = len(batch) // 2
                await self._settle(batch[:half])
                await self._settle(batch[half:])
                return
            for waiting in batch:
                if not waiting.future.done():
                    waiting.future.set_exception(error)
            return
        for waiting, result in outcomes:
            if not waiting.future.done():
                waiting.future.set_result(result)
