"""Equal questions that wait at the same time are asked once.

A question joins only one that has not been asked yet, so that its answer knows of every write that ended before it came.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Any


class Sharing:
    """At most one question of a key is being asked at a time; those that come meanwhile share the next."""

    def __init__(self) -> None:
        self._waiting: dict[Hashable, asyncio.Task[Any]] = {}
        self._asking: dict[Hashable, asyncio.Task[Any]] = {}

    async def __call__(self, key: Hashable, ask: Callable[[], Awaitable[Any]]) -> Any:
        """The answer that `ask` gives, or that of an equal question which had not been asked yet. It is not to be changed.

        Who goes away does not end it for the others.
        """
        task = self._waiting.get(key)
        if task is None:
            task = asyncio.get_running_loop().create_task(self._run(key, ask))
            self._waiting[key] = task
        return await asyncio.shield(task)

    async def _run(self, key: Hashable, ask: Callable[[], Awaitable[Any]]) -> Any:
        if before := self._asking.get(key):
            await asyncio.wait([before])
        task = self._asking[key] = self._waiting.pop(key)
        try:
            return await ask()
        finally:
            if self._asking.get(key) is task:
                del self._asking[key]
