"""Measures each page of the web UI in this process, before a running server: calls of the API, bytes, and the UI's own time.

The own time is that of the page when each call is answered at once, with the answer that the server gave before.
"""

import asyncio
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus

from model_registry_ui.application import create
from model_registry_ui.backend import Answer, Backend, Caller, Prefixes, Question
from model_registry_ui.in_process import Application, InProcess
from model_registry_ui.options import Options
from model_registry_ui.remote import Remote

_CALLER = Caller()
_GZIP = ("accept-encoding", "gzip")
_WARMUP = 3


@dataclass(frozen=True, slots=True)
class PageCost:
    """What a page costs.

    Attributes:
        status: The HTTP status.
        calls: Calls of the API, with the one for the user's access.
        size: Bytes before compression.
        total_ms: The median time with the server's answers, over HTTP.
        own_ms: The median processor time with answers that are there already. Other load of the machine counts little.
    """

    status: int
    calls: int
    size: int
    total_ms: float
    own_ms: float

    @property
    def is_shown(self) -> bool:
        """Whether the page was answered, by itself or by a redirect to another page."""
        return self.status < HTTPStatus.BAD_REQUEST


class _Recording:
    """A backend that counts calls and keeps answers; while it replays, it gives the kept answers."""

    def __init__(self, backend: Backend) -> None:
        self._backend, self._kept = backend, dict[tuple[str, str, str], Answer]()
        self.calls, self.is_replaying = 0, False

    async def prefixes(self) -> Prefixes:
        """Returns the prefixes of the server."""
        return await self._backend.prefixes()

    def known_prefixes(self) -> Prefixes | None:
        """Returns those of the server, if they are known."""
        return self._backend.known_prefixes()

    async def send(self, question: Question, caller: Caller) -> Answer:
        """Returns an answer of the server, or the one that it gave to the same question."""
        self.calls += 1
        key = question.method, question.path, question.query
        if not self.is_replaying or key not in self._kept:
            self._kept[key] = await self._backend.send(question, caller)
        return self._kept[key]


async def costs(address: str, pages: Mapping[str, Question], repetitions: int) -> dict[str, PageCost]:
    """Measures pages before the server at `address`, such as http://localhost:8080; returns their costs by name."""
    remote = Remote(address)
    recording = _Recording(remote)
    application = create(recording, Options())
    try:
        return {name: await _cost(recording, application, page, repetitions) for name, page in pages.items()}
    finally:
        await remote.close()


async def _cost(recording: _Recording, application: Application, page: Question, repetitions: int) -> PageCost:
    browser = InProcess(application, Prefixes(""))
    before = recording.calls
    answer = await browser.send(page, _CALLER)
    await _rest()
    calls = recording.calls - before
    compressed = replace(page, headers=(*page.headers, _GZIP))
    total = await _times(browser, compressed, repetitions, time.perf_counter)
    recording.is_replaying = True
    own = await _times(browser, compressed, repetitions, time.thread_time)
    recording.is_replaying = False
    return PageCost(answer.status, calls, len(answer.body), statistics.median(total), statistics.median(own))


async def _times(browser: InProcess, page: Question, repetitions: int, clock: Callable[[], float]) -> Sequence[float]:
    """The ms of each repetition by a clock in seconds, after a warm-up."""
    times = []
    for _ in range(_WARMUP + repetitions):
        started = clock()
        await browser.send(page, _CALLER)
        times.append(1000 * (clock() - started))
        await _rest()
    return times[_WARMUP:]


async def _rest() -> None:
    """Waits for what a page has begun and not waited for, so that it does not count for the next page."""
    await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()}, return_exceptions=True)


def measure(address: str, pages: Mapping[str, Question], repetitions: int = 15) -> dict[str, PageCost]:
    """The same as `costs`, for callers that do not run an event loop."""
    return asyncio.run(costs(address, pages, repetitions))
