"""Turns for each key: for writes that read, compare or merge, and write back, which MLMD cannot do in one call."""

import asyncio
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager


class _Turns:
    """Who holds or awaits a key, how many hold it beside each other, and a sign that these have gone."""

    __slots__ = ("beside", "lock", "nobody_beside", "users")

    def __init__(self) -> None:
        self.lock, self.nobody_beside = asyncio.Lock(), asyncio.Event()
        self.users = self.beside = 0
        self.nobody_beside.set()


class Exclusion:
    """Locks by key, kept only while somebody holds or awaits them. They hold within this process."""

    def __init__(self) -> None:
        self._turns: dict[Hashable, _Turns] = {}

    @asynccontextmanager
    async def __call__(self, key: Hashable) -> AsyncIterator[None]:
        """Waits for a turn alone; whoever came first goes first."""
        turns = self._enter(key)
        try:
            async with turns.lock:
                await turns.nobody_beside.wait()
                yield
        finally:
            self._leave(key, turns)

    @asynccontextmanager
    async def beside(self, key: Hashable) -> AsyncIterator[None]:
        """Waits for a turn beside others of this sort: for a write that needs no turn alone, but must not disturb one."""
        turns = self._enter(key)
        try:
            if turns.lock.locked():
                async with turns.lock:
                    pass
            turns.beside += 1
            turns.nobody_beside.clear()
            try:
                yield
            finally:
                turns.beside -= 1
                if not turns.beside:
                    turns.nobody_beside.set()
        finally:
            self._leave(key, turns)

    def _enter(self, key: Hashable) -> _Turns:
        turns = self._turns.get(key) or self._turns.setdefault(key, _Turns())
        turns.users += 1
        return turns

    def _leave(self, key: Hashable, turns: _Turns) -> None:
        turns.users -= 1
        if not turns.users:
            del self._turns[key]
