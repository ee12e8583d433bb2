"""Requests that ask the same question at the same time share one answer.

A request joins a question only before that is sent, so the answer includes every write that ended before the request came.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from typing import Any

from model_registry_proxy.deadlines.deadline import deadline
from model_registry_proxy.mlmd.events import (
    Observer,
    QuestionFinished,
    QuestionStarted,
    WaitFinished,
    WaitStarted,
    of_requests,
)


@dataclass(slots=True)
class _Question:
    """The number of requests that wait for the answer, the latest of their deadlines, and the task that asks.

    `requests` has the contexts of those that wait for the question to start, if an observer handles events about requests.
    """

    task: "asyncio.Task[Any] | None" = None
    waiting: int = 0
    deadline: float = 0.0
    requests: dict[int, Context] = field(default_factory=dict)


class Sharing:
    """Asks at most one question of each key at a time. Requests that come in the meantime share the next one.

    `observer` receives the waits of requests, and the start and the end of each question.
    """

    def __init__(self, observer: Observer | None = None) -> None:
        self._observer = of_requests(observer)
        self._waiting: dict[Hashable, _Question] = {}
        self._asking: dict[Hashable, asyncio.Task[Any]] = {}

    async def __call__(self, key: Hashable, ask: Callable[[], Awaitable[Any]]) -> Any:
        """Returns what `ask` returns, for this request or for an equal one. The caller must not change it.

        A request that is cancelled does not cancel the others; when all of them are, the question is cancelled too.
        """
        question = self._waiting.get(key)
        if question is None:
            question = self._waiting[key] = _Question()
            question.task = asyncio.get_running_loop().create_task(self._run(key, question, ask))
        task = question.task
        assert task  # noqa: S101 (it is set where the question is created)
        question.waiting += 1
        question.deadline = max(question.deadline, deadline.get())
        try:
            if self._observer:
                return await self._observed(question, task, self._observer)
            return await asyncio.shield(task)
        finally:
            question.waiting -= 1
            if not question.waiting:
                self._drop(key, question)
                task.cancel()

    async def _observed(self, question: _Question, task: "asyncio.Task[Any]", observer: Observer) -> Any:
        """Waits for the answer, and reports the wait for the question to start; `QuestionStarted` ends it."""
        mine = copy_context()
        question.requests[id(mine)] = mine
        observer(WaitStarted())
        try:
            return await asyncio.shield(task)
        finally:
            if question.requests.pop(id(mine), None) is not None:
                observer(WaitFinished())

    async def _run(self, key: Hashable, question: _Question, ask: Callable[[], Awaitable[Any]]) -> Any:
        try:
            if before := self._asking.get(key):
                await asyncio.wait([before])
        finally:
            self._drop(key, question)
        task = self._asking[key] = question.task  # type: ignore[assignment]
        deadline.set(question.deadline)
        try:
            if self._observer:
                return await self._ask(question, ask, self._observer)
            return await ask()
        finally:
            if self._asking.get(key) is task:
                del self._asking[key]

    async def _ask(self, question: _Question, ask: Callable[[], Awaitable[Any]], observer: Observer) -> Any:
        """Asks, and reports the start and the end."""
        started = QuestionStarted(list(question.requests.values()))
        question.requests.clear()
        observer(started)
        failure: BaseException | None = None
        try:
            return await ask()
        except BaseException as error:
            failure = error
            raise
        finally:
            observer(QuestionFinished(started, failure))

    def _drop(self, key: Hashable, question: _Question) -> None:
        """From now on no request may join this question."""
        if self._waiting.get(key) is question:
            del self._waiting[key]
