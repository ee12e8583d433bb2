"""A dictionary of bounded size, for facts that may be forgotten at any time."""

from typing import TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class Memory(dict[Key, Value]):
    """Keeps at most `most` entries: a new one drops the oldest. What is in it was true when it was stored, and may be stale."""

    def __init__(self, most: int = 16_384) -> None:
        super().__init__()
        self._most = most

    def __setitem__(self, key: Key, value: Value) -> None:
        super().__setitem__(key, value)
        if len(self) > self._most:
            del self[next(iter(self))]
