"""Readers-writer locks by key, for changes that read, compare or merge, and write back: MLMD cannot do that in one call."""

import asyncio
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager


class _Lock:
    """The lock of one key: the number of tasks that use it, and of those that hold it in shared mode."""

    __slots__ = ("holders", "is_free_of_holders", "lock", "users")

    def __init__(self) -> None:
        self.lock, self.is_free_of_holders = asyncio.Lock(), asyncio.Event()
        self.users = self.holders = 0
        self.is_free_of_holders.set()


class KeyedLocks:
    """Locks by key, kept only while a task holds or awaits them. They work within one process."""

    def __init__(self) -> None:
        self._locks: dict[Hashable, _Lock] = {}

    @asynccontextmanager
    async def exclusive(self, key: Hashable) -> AsyncIterator[None]:
        """Holds the lock of `key` with no other holder; first come, first served."""
        found = self._enter(key)
        try:
            async with found.lock:
                await found.is_free_of_holders.wait()
                yield
        finally:
            self._leave(key, found)

    @asynccontextmanager
    async def shared(self, key: Hashable) -> AsyncIterator[None]:
        """Holds the lock of `key` together with other shared holders: for a write that must not disturb an exclusive one."""
        found = self._enter(key)
        try:
            if found.lock.locked():
                async with found.lock:
                    pass
            found.holders += 1
            found.is_free_of_holders.clear()
            try:
                yield
            finally:
                found.holders -= 1
                if not found.holders:
                    found.is_free_of_holders.set()
        finally:
            self._leave(key, found)

    def _enter(self, key: Hashable) -> _Lock:
        found = self._locks.get(key) or self._locks.setdefault(key, _Lock())
        found.users += 1
        return found

    def _leave(self, key: Hashable, found: _Lock) -> None:
        found.users -= 1
        if not found.users:
            del self._locks[key]
