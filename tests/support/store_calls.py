"""The calls that a store of the tests receives: counted, and held back or failed where a test asks for it."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from tests.support.gates import Gate

_TURNS = 20
"""Turns of the event loop that a call takes: calls that start together are in flight together."""


@dataclass
class Call:
    """One call. `round` is 1 for a call that followed no other one, 2 for one that waited for the end of a first, and so on."""

    method: str
    request: Any
    round: int
    metadata: dict[str, str]
    is_over: bool = False


@dataclass
class Failure:
    """A failure to come: `left` calls of the method succeed before it; `is_done`: the store does its work first."""

    method: str
    error: Exception
    left: int
    is_done: bool


class StoreCalls:
    """What both stores of the tests have in common. `calls` are those since `forget`, in the order of their arrival."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self._failures: list[Failure] = []
        self._gates: dict[str, Gate] = {}

    def fail_with(self, method: str, error: Exception, *, after: int = 0, is_done: bool = False) -> None:
        """Makes one call of `method` fail: the next one, or the one after `after` others. `is_done`: only its answer is lost."""
        self._failures.append(Failure(method, error, after, is_done))

    def hold(self, method: str) -> Gate:
        """Stops calls of `method` at a gate."""
        self._gates[method] = Gate()
        return self._gates[method]

    def forget(self) -> None:
        """Counts from zero again."""
        self.calls.clear()

    @property
    def counts(self) -> Counter[str]:
        """How many calls of each method arrived."""
        return Counter(call.method for call in self.calls)

    @property
    def rounds(self) -> str:
        """The calls as a line: `put; get || link`, the latter two at the same time."""
        last = max((call.round for call in self.calls), default=0)
        methods = [sorted(call.method for call in self.calls if call.round == number + 1) for number in range(last)]
        return "; ".join(" || ".join(names) for names in methods)

    @asynccontextmanager
    async def arriving(
        self, method: str, request: Any, metadata: Iterable[tuple[str, str]] = ()
    ) -> AsyncIterator[None]:
        """Surrounds the work of one call; raises the failure that a test has ordered for it."""
        call = Call(method, request, 1 + max((c.round for c in self.calls if c.is_over), default=0), dict(metadata))
        self.calls.append(call)
        try:
            for _ in range(_TURNS):
                await asyncio.sleep(0)
            if gate := self._gates.get(method):
                await gate.pass_through()
            failure = self._next_failure(method)
            if failure and not failure.is_done:
                raise failure.error
            yield
            if failure:
                raise failure.error
        finally:
            call.is_over = True

    def _next_failure(self, method: str) -> Failure | None:
        for failure in [failure for failure in self._failures if failure.method == method]:
            failure.left -= 1
            if failure.left < 0:
                self._failures.remove(failure)
                return failure
        return None
