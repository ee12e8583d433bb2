"""The filters that were decided lately, and their rows."""

from collections.abc import Callable

from .conditions import Decision

FilterKey = tuple[str, str | None]
"""A filterQuery and the name of a named query."""


class Decided:
    """Keeps what `decide` gave for the last `size` filters. Two threads may decide the same, which does no harm."""

    def __init__(self, size: int, decide: Callable[[str, str | None], Decision]) -> None:
        self._size, self._decide = size, decide
        self._kept: dict[FilterKey, Decision] = {}

    def __contains__(self, key: FilterKey) -> bool:
        return key in self._kept

    def of(self, key: FilterKey) -> Decision:
        """The rows of a filter. Raises `RefusedError`."""
        found = self._kept.pop(key, None) or self._decide(*key)
        self._kept[key] = found
        while len(self._kept) > self._size:
            self._kept.pop(next(iter(self._kept)), None)
        return found
