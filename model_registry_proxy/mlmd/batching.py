"""Natural batching: requests that wait for the store at the same time share its calls.

While no call of a kind is in flight, an item is sent at once; while some are, items gather, and all that has gathered goes
as one call. An idle proxy adds no delay, a busy one gets group commit. An item joins only a call that has not been sent,
so it sees every write that ended before it.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from contextvars import Context, copy_context
from typing import Generic, NamedTuple, TypeVar

from model_registry_proxy.deadlines.deadline import deadline
from model_registry_proxy.errors import RegistryError
from model_registry_proxy.mlmd.events import (
    BatchFinished,
    BatchStarted,
    BatchTaken,
    Observer,
    QueueChanged,
    WaitFinished,
    WaitStarted,
)
from model_registry_proxy.mlmd.port import RolledBack, Unavailable

Item = TypeVar("Item")
Result = TypeVar("Result")
Send = Callable[[Sequence[Item]], Awaitable[Sequence[Result]]]


class Waiting(NamedTuple, Generic[Item, Result]):
    """An item, the future of its result, and the deadline of its request; for an observer also the context of the request."""

    item: Item
    future: "asyncio.Future[Result]"
    deadline: float
    request: Context | None = None


class Batcher(Generic[Item, Result]):
    """Collects items for `send`, which takes a list of them and answers a list of results in the same order.

    Items of one `key` may share a call; keys take turns. `lane` limits the calls in flight, and may be shared with other
    batchers. `most` and `most_bytes`, by `weigh`, limit a call; a single item always goes. `observer` receives the events of
    this queue, which they call `name`.
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
        observer: Observer | None = None,
    ) -> None:
        self._name, self._observer = name, observer
        self._send, self._lane = send, lane or asyncio.Semaphore(1)
        self._most, self._most_bytes, self._weigh, self._key = most, most_bytes, weigh, key
        self._groups: dict[Hashable, deque[Waiting[Item, Result]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_starting = False
        self._report_depth()

    async def __call__(self, item: Item) -> Result:
        """Waits for the result of this item; raises what the store said of it, never of its neighbours."""
        request = copy_context() if self._observer else None
        waiting: Waiting[Item, Result] = Waiting(
            item, asyncio.get_running_loop().create_future(), deadline.get(), request
        )
        self._groups.setdefault(self._key(item), deque()).append(waiting)
        self._start()
        if self._observer:
            return await self._observed(waiting.future, self._observer)
        return await waiting.future

    async def _observed(self, future: "asyncio.Future[Result]", observer: Observer) -> Result:
        """Waits for the result, and reports the wait."""
        self._report_depth()
        observer(WaitStarted())
        try:
            return await future
        finally:
            observer(WaitFinished())

    def _report_depth(self) -> None:
        if self._observer:
            self._observer(QueueChanged(self._name, sum(map(len, self._groups.values()))))

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
            self._report_depth()
            if batch:
                if self._observer:
                    self._observer(BatchTaken(self._name, len(batch)))
                deadline.set(max(waiting.deadline for waiting in batch))
                await self._serve(batch)

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

    async def _serve(self, batch: list[Waiting[Item, Result]]) -> None:
        """Serves a batch, and reports that."""
        if not self._observer:
            await self._settle(batch)
            return
        started = BatchStarted(self._name, [waiting.request for waiting in batch if waiting.request is not None])
        self._observer(started)
        try:
            await self._settle(batch)
        finally:
            self._observer(BatchFinished(started))

    async def _settle(self, batch: list[Waiting[Item, Result]]) -> None:
        """Sends a batch. If it fails for a reason of its own it is halved, until each item has its own outcome."""
        try:
            results = await self._send([waiting.item for waiting in batch])
            outcomes = list(zip(batch, results, strict=True))
        except Exception as error:  # noqa: BLE001 (whatever it is belongs to the callers)
            if len(batch) > 1 and isinstance(error, RegistryError) and not isinstance(error, Unavailable | RolledBack):
                half = len(batch) // 2
                await self._serve(batch[:half])
                await self._serve(batch[half:])
                return
            for waiting in batch:
                if not waiting.future.done():
                    waiting.future.set_exception(error)
            return
        for waiting, result in outcomes:
            if not waiting.future.done():
                waiting.future.set_result(result)
