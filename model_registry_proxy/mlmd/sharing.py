"""Equal questions that wait at the same time are asked once.

A question joins only one that has not been asked yet, so that its answer knows of every write that ended before it came.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Any

from model_registry_proxy.deadlines.deadline import deadline


@dataclass(slots=True)
class _Question:
    """How many wait for the answer, until when the most patient of them does, and who gets it."""

    task: "asyncio.Task[Any] | None" = None
    waiting: int = 0
    deadline: float = 0.0


class Sharing:
    """At most one question of a key is being asked at a time; those that come meanwhile share the next."""

    def __init__(self) -> None:
        self._waiting: dict[Hashable, _Question] = {}
        self._asking: dict[Hashable, asyncio.Task[Any]] = {}

    async def __call__(self, key: Hashable, ask: Callable[[], Awaitable[Any]]) -> Any:
        """The answer that `ask` gives, or that of an equal question which had not been asked yet. It is not to be changed.

        Who goes away does not end it for the others; when all have gone, nobody asks on.
        """
        question = self._waiting.get(key)
        if question is None:
            question = self._waiting[key] = _Question()
            question.task = asyncio.get_running_loop().create_task(self._run(key, question, ask))
        task = question.task
        assert task  # noqa: S101 (made above, before the question can be seen)
        question.waiting += 1
        question.deadline = max(question.deadline, deadline.get())
        try:
            return await asyncio.shield(task)
        finally:
            question.waiting -= 1
            if not question.waiting:
                self._drop(key, question)
                task.cancel()

    async def _run(self, key: Hashable, question: _Question, ask: Callable[[], Awaitable[Any]]) -> Any:
        try:
            if before := self._asking.get(key):
                await asyncio.wait([before])
        finally:
            self._drop(key, question)
        task = self._asking[key] = question.task  # type: ignore[assignment]
        deadline.set(question.deadline)
        try:
            return await ask()
        finally:
            if self._asking.get(key) is task:
                del self._asking[key]

    def _drop(self, key: Hashable, question: _Question) -> None:
        """Nobody may join this question any more."""
        if self._waiting.get(key) is question:
            del self._waiting[key]
