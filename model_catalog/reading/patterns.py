"""Which entries of a source are taken: lists of patterns of names, where `*` stands for any characters."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache


@lru_cache(maxsize=10_000)
def _parts(pattern: str) -> list[str]:
    """What stands between the stars."""
    return pattern.strip().lower().split("*")


def matches(pattern: str, name: str) -> bool:
    """Returns whether a pattern fits the whole name, in any case. The time is linear in both, for any number of stars."""
    first, *others = _parts(pattern)
    name = name.lower()
    if not others:
        return name == first
    *inner, last = others
    if not (name.startswith(first) and name.endswith(last) and len(name) >= len(first) + len(last)):
        return False
    position, end = len(first), len(name) - len(last)
    for part in inner:
        found = name.find(part, position, end)
        if found < 0:
            return False
        position = found + len(part)
    return True


@dataclass(frozen=True, slots=True)
class Patterns:
    """What a source includes and excludes.

    Attributes:
        included: Only names that fit one of these; None for all names.
        excluded: Names that fit one of these are left out, also if they are included.
    """

    included: Sequence[str] | None = None
    excluded: Sequence[str] = ()

    def allow(self, name: str) -> bool:
        """Returns whether the entry of this name is taken."""
        included = not self.included or any(matches(pattern, name) for pattern in self.included)
        return included and not any(matches(pattern, name) for pattern in self.excluded)


ALL = Patterns()
