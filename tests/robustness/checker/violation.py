"""What a checker reports."""

from collections.abc import Iterable
from dataclasses import dataclass

from tests.robustness.history import Call


@dataclass(frozen=True)
class Violation:
    """A promise that was broken: which one, how, and the numbers of the calls in the history that show it."""

    rule: str
    text: str
    calls: tuple[int, ...] = ()

    def __str__(self) -> str:
        numbers = f" (calls {', '.join(map(str, self.calls))})" if self.calls else ""
        return f"{self.rule}: {self.text}{numbers}"


def violation(rule: str, text: str, calls: Iterable[Call] = ()) -> Violation:
    """A violation that calls show."""
    return Violation(rule, text, tuple(sorted({call.number for call in calls})))
