"""Keeps a `Catalog` in step with its files: the only place where one state of the catalog follows another.

Readers take `current`, which never changes; each source is replaced at once and as a whole. All changes go through one lock, so
that none is lost.
"""

import asyncio
import logging
import time
from collections.abc import Coroutine, Sequence
from contextlib import aclosing, nullcontext, suppress
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Any

from model_catalog.entries import SourceError, Status
from model_catalog.index.catalog import Catalog, Kept
from model_catalog.loading import compiled
from model_catalog.loading.compiled import Compiled, Header
from model_catalog.loading.contents import kept_by
from model_catalog.loading.jobs import Job, Outcome, Result, Task, is_hub, read_part
from model_catalog.loading.processes import results_of
from model_catalog.loading.signatures import Signature, signature_below, signature_of
from model_catalog.loading.sources_files import SourcesFiles
from model_catalog.reading.settings import Settings, SourceSettings
from model_catalog.reading.yaml_sources import yaml_path

_log = logging.getLogger(__name__)
LOOK_SECONDS = 0.5
"""Between two looks at the files. A change counts when two looks have seen the same, so that no half-written file is read."""
_HUBS_AT_A_TIME = 4
_FIRST_PAUSE_OF_HUB, _LONGEST_PAUSE_OF_HUB = 60.0, 3600.0
"""Seconds after a failed sync until the next one; doubled by each further failure."""
_FIRST_PAUSE_OF_FILE, _LONGEST_PAUSE_OF_FILE = 2.0, 300.0
"""The same for files: the reason may pass although the file stays as it is, such as a full disk."""


@dataclass(slots=True)
class _Source:
    """What the loader knows of one enabled source."""

    settings: SourceSettings
    target: Path
    seen: Signature | None = None  # of its files, at the last look
    read: Signature | None = None  # of its files, when the last reading of them began
    opened: Signature = ()  # of its compiled file
    is_being_read: bool = False
    read_at: int = 0  # when the compiled file that is open was read, in ms since the epoch
    next_sync: float = 0.0  # of a source of a hub, by the monotonic clock
    next_try: float = inf  # after a reading that has failed, by the monotonic clock
    failures: int = 0  # readings that have failed in a row
    error: str = ""  # of the last reading


class Loader:
    """Reads sources files, sources and performance data, and watches them.

    `paths` are the sources files; a later one overrides an earlier one. `cache` is the folder of compiled files.
    """

    def __init__(
        self,
        paths: Sequence[Path],
        *,
        cache: Path,
        performance: Sequence[Path] = (),
        hub_urls: Sequence[str] = (),
        key_variables: Sequence[str] = (),
    ) -> None:
        self._files, self._cache = SourcesFiles(paths), cache
        self._performance, self._hub_urls = tuple(performance), tuple(hub_urls)
        self._key_variables = tuple(key_variables)
        self._sources: dict[str, _Source] = {}
        self._change = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._hubs = asyncio.Semaphore(_HUBS_AT_A_TIME)
        self.current = Catalog.empty()

    @property
    def why_not_ready(self) -> str | None:
        """What is missing until all sources were read once, or kept from an earlier start; None if nothing is."""
        if not self._files.is_complete:
            return " ".join(self._files.errors.values()) or "The sources files were not read yet."
        waiting = [state.settings.id for state in self.current.sources if state.status is None]
        return f"Not read yet: {', '.join(waiting)}." if waiting else None

    async def open(self) -> None:
        """Reads the sources files and opens what was kept from an earlier start. The log says which files cannot be read."""
        if settings := await asyncio.to_thread(self._files.changed):
            await self._apply(settings)

    async def watch(self) -> None:
        """Reads what is due and looks at the files, until it is cancelled."""
        try:
            while True:
                try:
                    await self._look()
                except Exception:  # noqa: BLE001 the watch goes on: a fault of one look must not end it
                    _log.exception("A look at the files of the catalog failed.")
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _look(self) -> None:
        if settings := await asyncio.to_thread(self._files.changed):
            await self._apply(settings)
        performance = await asyncio.to_thread(signature_below, self._performance)
        due = []
        for source in self._sources.values():
            await self._open_if_new(source)
            if not source.is_being_read and self._is_due(source, performance):
                source.is_being_read = True
                due.append(source)
        hubs = [source for source in due if is_hub(source.settings)]
        files = [source for source in due if not is_hub(source.settings)]
        for sources in [[hub] for hub in hubs] + ([files] if files else []):
            self._start(self._load(sources))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            _log.error("The reading of sources failed.", exc_info=error)

    def _is_due(self, source: _Source, performance: Signature) -> bool:
        if is_hub(source.settings):
            return time.monotonic() >= source.next_sync
        now = (*_signature_of(source.settings), *performance)
        is_steady, source.seen = now == source.seen or source.seen is None, now
        is_tried_again = time.monotonic() >= source.next_try
        if not is_steady or (now == source.read and not is_tried_again):
            return False
        source.read, source.next_try = now, inf
        return True

    async def _apply(self, settings: Settings) -> None:
        """Takes new settings over: sources that are gone or disabled lose their entries, new and changed ones will be read."""
        former, self._sources = self._sources, {}
        for wanted in settings.sources.values():
            if wanted.enabled:
                known = former.get(wanted.id)
                target = compiled.file_of(self._cache, repr(read_part(wanted)))
                is_same = known is not None and known.target == target
                self._sources[wanted.id] = known if known and is_same else _Source(wanted, target)
        async with self._change:
            self.current = await asyncio.to_thread(self.current.with_settings, settings, kept=set(self._sources))
        for source in self._sources.values():
            await self._open_if_new(source)

    async def _load(self, sources: list[_Source]) -> None:
        """Reads sources in a process of their own."""
        by_id = {source.settings.id: source for source in sources}
        tasks = tuple(Task(source.settings, source.target, source.read_at) for source in sources)
        job = Job(tasks, self._performance, self._hub_urls, self._key_variables)
        limit = self._hubs if is_hub(sources[0].settings) else None
        try:
            async with (
                limit or nullcontext(),
                aclosing(results_of(job)) as results,
            ):  # so a cancelled load ends its process
                async for result in results:
                    for warning in result.warnings:
                        _log.warning("%s", warning)
                    if result.source:
                        await self._take(by_id[result.source], result)
        finally:
            for source in sources:
                source.is_being_read = False

    async def _take(self, source: _Source, result: Result) -> None:
        """Takes over how the reading of a source ended."""
        source.is_being_read = False
        self._plan(source, result.outcome)
        match result.outcome:
            case Outcome.FAILED:
                if source.error != result.message:
                    _log.error("The source %s cannot be read: %s", source.settings.id, result.message)
                source.error = result.message
                await self._publish(source, None, Status.ERROR, source.error)
            case Outcome.COMPILED | Outcome.UNCHANGED:
                if source.error or result.outcome is Outcome.COMPILED:
                    source.opened = ()
                await self._open_if_new(source)
            case Outcome.BUSY:
                pass  # the compiled file of the other process will be seen

    @staticmethod
    def _plan(source: _Source, outcome: Outcome) -> None:
        """Sets when a source of a hub is synced again, and when one that could not be read is tried again."""
        source.failures = source.failures + 1 if outcome is Outcome.FAILED else 0
        doubled = 2 ** min(source.failures - 1, 10)
        if is_hub(source.settings):
            pause = _interval(source.settings)
            if source.failures and pause < inf:
                pause = min(pause, _LONGEST_PAUSE_OF_HUB, _FIRST_PAUSE_OF_HUB * doubled)
            elif outcome is Outcome.BUSY:
                pause = min(pause, _FIRST_PAUSE_OF_HUB)
            source.next_sync = time.monotonic() + pause
        elif source.failures:
            source.next_try = time.monotonic() + min(_LONGEST_PAUSE_OF_FILE, _FIRST_PAUSE_OF_FILE * doubled)
        elif outcome is Outcome.BUSY:
            source.next_try = time.monotonic() + _FIRST_PAUSE_OF_FILE

    async def _open_if_new(self, source: _Source) -> None:
        """Opens the compiled file of a source if it is another than before: this process or another one has written it."""
        now = await asyncio.to_thread(signature_of, [source.target])
        is_there = now[0][1] != 0
        if now == source.opened or not is_there:
            return
        source.opened = now
        if found := await asyncio.to_thread(compiled.read, source.target):
            try:
                await self._take_over(source, found)
            except Exception:  # noqa: BLE001 whatever the file holds, the source can be read again
                _log.exception("%s cannot be used, so it is deleted and its source is read again.", source.target)
                await asyncio.to_thread(_delete, source.target)

    async def _take_over(self, source: _Source, found: Compiled) -> None:
        """Publishes what a compiled file holds."""
        header, kept = found.header, await asyncio.to_thread(kept_by, found)
        await self._publish(source, kept, _status_of(header), " ".join(header.failures))
        source.error = ""
        source.read_at = header.read_at
        if is_hub(source.settings):  # also after a sync of another server
            age = time.time() - header.read_at / 1000
            source.next_sync = time.monotonic() + max(0.0, _interval(source.settings) - age)

    async def _publish(self, source: _Source, kept: Kept | None, status: Status, error: str) -> None:
        """Replaces one source in the catalog. If nothing is kept its entries stay, and only its status changes."""
        async with self._change:
            if self._sources.get(source.settings.id) is source:
                self.current = await asyncio.to_thread(
                    self.current.with_source, source.settings.id, kept, status, error or None
                )


def _interval(settings: SourceSettings) -> float:
    """Seconds between two syncs of a source of a hub; without end if its settings are wrong, since only a change of them helps."""
    from model_catalog.reading.hugging_face import hub_source  # noqa: PLC0415 (httpx is large)

    try:
        return hub_source(settings).interval
    except SourceError:
        return inf


def _signature_of(settings: SourceSettings) -> Signature:
    """The signature of the file of a source; empty for a source that names none."""
    try:
        return signature_of([yaml_path(settings)])
    except SourceError:
        return ()


def _delete(path: Path) -> None:
    with suppress(OSError):
        path.unlink()


def _status_of(header: Header) -> Status:
    if not header.failures:
        return Status.AVAILABLE
    return Status.PARTIALLY_AVAILABLE if header.count else Status.ERROR
