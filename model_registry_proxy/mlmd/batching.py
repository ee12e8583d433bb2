"""Natural batching: requests that wait for the store at the same time share its calls.

If no call is in flight, an item is sent at once. While a call is in flight, items wait in a queue; then all that wait go as one
call. So an idle proxy adds no delay, and a busy one gets group commit. An item never joins a call that is in flight already, so
it sees every write that ended before it came.
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
    of_requests,
)
from model_registry_proxy.mlmd.port import RolledBack, Unavailable

Item = TypeVar("Item")
Result = TypeVar("Result")
Send = Callable[[Sequence[Item]], Awaitable[Sequence[Result]]]


class Waiting(NamedTuple, Generic[Item, Result]):
    """An item in the queue, the future of its result, and the deadline of its request (`time.monotonic`).

    `request` is the context of the request, if an observer handles events about requests.
    """

    item: Item
    future: "asyncio.Future[Result]"
    deadline: float
    request: Context | None = None


class Batcher(Generic[Item, Result]):
    """Collects items for `send`, which takes a list of items and returns a list of results in the same order.

    `key`: only items with the same key may share a call; keys take turns.
    `lane`: limits the calls in flight; several batchers may have the same one.
    `most`, `most_bytes`: the limits of one call, in items and in bytes as `weigh` returns them; a single item is always sent.
    `observer`: receives the events of this queue, with `name` as its name.
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
        self._name, self._observer, self._of_requests = name, observer, of_requests(observer)
        self._send, self._lane = send, lane or asyncio.Semaphore(1)
        self._most, self._most_bytes, self._weigh, self._key = most, most_bytes, weigh, key
        self._groups: dict[Hashable, deque[Waiting[Item, Result]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_starting = False
        self._report_depth()

    async def __call__(self, item: Item) -> Result:
        """Waits for the result of this item. Raises the error of this item, never that of another item in the same call."""
        request = copy_context() if self._of_requests else None
        waiting: Waiting[Item, Result] = Waiting(
            item, asyncio.get_running_loop().create_future(), deadline.get(), request
        )
        self._groups.setdefault(self._key(item), deque()).append(waiting)
        self._start()
        self._report_depth()
        if self._of_requests:
            return await self._observed(waiting.future, self._of_requests)
        return await waiting.future

    async def _observed(self, future: "asyncio.Future[Result]", observer: Observer) -> Result:
        """Waits for the result, and reports the wait."""
        observer(WaitStarted())
        try:
            return await future
        finally:
            observer(WaitFinished())

    def _report_depth(self) -> None:
        if self._observer:
            self._observer(QueueChanged(self._name, sum(map(len, self._groups.values()))))

    def _start(self) -> None:
        """Starts a task that takes a batch as soon as the lane is free, unless one waits for it already."""
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
        """As many items as fit of the key whose turn it is. Items of cancelled requests are dropped and do not count."""
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
        """Sends a batch, and reports its start and its end."""
        if not self._of_requests:
            await self._send_or_halve(batch)
            return
        started = BatchStarted(self._name, [waiting.request for waiting in batch if waiting.request is not None])
        self._of_requests(started)
        try:
            await self._send_or_halve(batch)
        finally:
            self._of_requests(BatchFinished(started))

    async def _send_or_halve(self, batch: list[Waiting[Item, Result]]) -> None:
        """Sends a batch. If the store refuses it, both halves are sent, and so on, until each item has its own outcome.

        After an outage or a roll-back all items fail: each request decides by itself whether to retry.
        """
        try:
            results = await self._send([waiting.item for waiting in batch])
            outcomes = list(zip(batch, results, strict=True))
        except Exception as error:  # noqa: BLE001 (every error goes to the requests)
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
