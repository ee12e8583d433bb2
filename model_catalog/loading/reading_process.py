"""The reading process: reads sources and writes compiled files, so that no source can disturb the server or fill its memory.

It gets a pickled `Job` on stdin, from the server only, and prints a line of JSON for each source that it has read.
"""

import asyncio
import fcntl
import hashlib
import os
import pickle
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path

import orjson

from model_catalog.entries import Entry, SourceError
from model_catalog.loading.compiled import FORMAT, Header, read, write
from model_catalog.loading.contents import entries_of, line_of, pieces_for
from model_catalog.loading.jobs import Job, Outcome, Result, Task, is_hub, read_part
from model_catalog.loading.signatures import signature_below
from model_catalog.reading.files import open_file
from model_catalog.reading.hugging_face import Access, fetch_source
from model_catalog.reading.performance import Performance, find_performance
from model_catalog.reading.report import Report
from model_catalog.reading.settings import SourceSettings
from model_catalog.reading.yaml_sources import read_source, yaml_path

_NICENESS = 5
"""Requests go first where there are fewer processors than work."""


class Reading:
    """The reading of the sources of one job."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._now = str(time.time_ns() // 1_000_000)

    def results(self) -> Iterator[Result]:
        """Reads each source. A failure of one is a result of it, and the next one is read."""
        if self._performance.warnings:
            yield Result("", Outcome.UNCHANGED, warnings=self._performance.warnings)
        for task in self._job.tasks:
            source = task.settings.id
            try:
                with _locked(task.target) as is_ours:
                    yield self._read(task) if is_ours else Result(source, Outcome.BUSY)
            except SourceError as error:
                yield Result(source, Outcome.FAILED, str(error))
            except OSError as error:
                yield Result(source, Outcome.FAILED, f"What was read cannot be kept: {error}.")
            except MemoryError:
                yield Result(source, Outcome.FAILED, "The source needs more memory than there is.")

    @cached_property
    def _performance(self) -> Performance:
        return find_performance(self._job.performance)

    def _read(self, task: Task) -> Result:
        former = read(task.target)
        if is_hub(task.settings):
            if former and former.header.read_at > task.known:
                return Result(task.settings.id, Outcome.UNCHANGED)
            access = Access(os.environ, self._job.hub_urls, self._job.key_variables)
            content = asyncio.run(fetch_source(task.settings, access, self._performance, self._now))
            entries = [*content.entries, *_kept(task.target, set(content.unreachable))]
            return self._written(task, "", entries, Report([*content.failures], [*content.warnings]))
        fingerprint = self._fingerprint(task.settings)
        if former and former.header.fingerprint == fingerprint:
            return Result(task.settings.id, Outcome.UNCHANGED)
        report = Report()
        found = read_source(task.settings, self._performance, self._now, report)
        return self._written(task, fingerprint, found, report)

    def _written(self, task: Task, fingerprint: str, entries: Iterable[Entry], report: Report) -> Result:
        lines = _lines(task.settings, entries, report)
        header = Header(fingerprint, int(self._now), len(lines), tuple(report.failures))
        write(task.target, header, pieces_for(task.settings, lines))
        return Result(task.settings.id, Outcome.COMPILED, warnings=tuple(report.warnings))

    def _fingerprint(self, settings: SourceSettings) -> str:
        """A text that is equal as long as the source would be read in the same way."""
        with suppress(OSError), open_file(yaml_path(settings)) as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
            inputs = (FORMAT, read_part(settings), content, signature_below(self._job.performance))
            return hashlib.sha256(repr(inputs).encode()).hexdigest()
        return ""  # the reading says why the file cannot be read


def _kept(target: Path, names: set[str]) -> Iterator[Entry]:
    """What was read before of entries that could not be read this time."""
    if names and (former := read(target)):
        yield from (entry for entry in entries_of(former) if entry.item["name"] in names)


def _lines(settings: SourceSettings, entries: Iterable[Entry], report: Report) -> list[bytes]:
    """The lines of entries. Of two with one name and version the later one counts, at the place of the first."""
    lines: dict[tuple[str, str], bytes] = {}
    for entry in entries:
        name = entry.item["name"]
        key = (name, entry.item.get("version", ""))
        if key in lines:
            report.warn(f"{settings.place}: source {settings.id!r} has {name!r} twice; the later one counts")
        lines[key] = line_of(entry)
    return [*lines.values()]


@contextmanager
def _locked(target: Path) -> Iterator[bool]:
    """Whether this process is the only one that reads the source for this compiled file. The lock file is never deleted."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(target.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)


def main() -> None:
    """Runs the job on stdin."""
    os.nice(_NICENESS)
    job = pickle.load(sys.stdin.buffer)  # noqa: S301 (from the server that has started this process)
    for result in Reading(job).results():
        sys.stdout.buffer.write(orjson.dumps(result) + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
