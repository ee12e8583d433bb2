"""Fetches files in parallel: small ones whole, large ones in parts. What breaks off is continued where it stopped."""

import logging
import os
import random
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from functools import partial

from model_registry_storage_initializer.digests import Digest
from model_registry_storage_initializer.errors import Changed, Failure, Interrupted
from model_registry_storage_initializer.part_files import Part, PartFile
from model_registry_storage_initializer.patience import Patience
from model_registry_storage_initializer.progress import Progress
from model_registry_storage_initializer.remote_files import Chunk, RemoteFile
from model_registry_storage_initializer.settings import Settings
from model_registry_storage_initializer.staging import Staging

logger = logging.getLogger(__name__)
_MOST_PARTS = 16
"""How many neighbouring parts one request may fetch: fewer requests, while each part still counts when it is complete."""
_REQUESTS = 2
"""How many requests each thread sends, as far as that leaves runs of parts short enough."""
_FIRST_PAUSE, _LONGEST_PAUSE, _LONGEST_AFTER = 0.3, 20.0, 120.0


class Fetcher:
    """Fetches files into a staging folder.

    Args:
        staging: Where they go.
        settings: The number of threads, the size of parts, the retries.
        progress: Counts what comes.
    """

    def __init__(self, staging: Staging, settings: Settings, progress: Progress) -> None:
        self._staging, self._settings, self._progress = staging, settings, progress
        self._stop = threading.Event()

    def fetch(self, files: Sequence[RemoteFile]) -> None:
        """Fetches files that an earlier run has not fetched. Raises `Failure` for the first that cannot be fetched or is wrong."""
        self._progress.expect(len(files), sum(file.size or 0 for file in files))
        waiting: list[PartFile] = []
        for file in files:
            if self._staging.has(file):
                self._progress.resume(file.size or 0)
                self._progress.finish()
            else:
                waiting.append(PartFile(self._staging.part(file), file, self._settings.part_size))
        needed = sum((each.file.size or 0) - each.kept() for each in waiting)
        self._staging.require_space(needed, f"A download of {len(waiting)} file(s)")
        jobs: list[Callable[[], None]] = []
        requests = _REQUESTS * self._settings.threads
        most = max(1, min(_MOST_PARTS, sum(len(each.missing()) for each in waiting if each.is_split) // requests))
        for each in waiting:
            self._progress.resume(each.kept())
            jobs += [partial(self._fetch_run, each, run) for run in each.runs(most)]
        self._run(jobs)

    def _run(self, jobs: Sequence[Callable[[], None]]) -> None:
        stop, causes = self._stop, list[BaseException]()

        def run(job: Callable[[], None]) -> None:
            if stop.is_set():
                return
            try:
                job()
            except BaseException as cause:
                causes.append(cause)
                stop.set()
                raise

        pool = ThreadPoolExecutor(self._settings.threads, "fetch")
        try:
            wait([pool.submit(run, job) for job in jobs], return_when=FIRST_EXCEPTION)
            if causes:
                raise causes[0]
        finally:
            stop.set()
            pool.shutdown(wait=False, cancel_futures=True)  # a thread may still wait for a server
        self._stop = threading.Event()

    def _fetch_run(self, each: PartFile, run: list[Part]) -> None:
        digest, is_last = None, not run
        try:
            if run:
                digest, is_last = self._copy(each, run)
        except Changed:
            each.drop()
            cause = f'"{each.file.path}" changed at its source while it was fetched'
            raise Failure(cause, "Start again when it stays as it is.") from None
        if is_last:
            self._finish(each, digest)

    def _finish(self, each: PartFile, digest: Digest | None) -> None:
        try:
            shown = (digest or each.digest()).check()
        except Failure:
            each.drop()
            raise
        self._staging.complete(each, shown)
        self._progress.finish()

    def _copy(self, each: PartFile, run: list[Part]) -> tuple[Digest | None, bool]:
        """Writes a run of parts, in as many attempts as it takes, as long as enough comes.

        Returns the digest of a file that comes as a whole, and whether the file is complete.
        """
        start, end, waiting = run[0].start, run[-1].end, list(run)
        file, descriptor, stop = each.file, each.open(), self._stop
        digest = None if each.is_split else Digest(file)
        position = start
        patience = Patience(f'"{file.path}"', self._settings, is_continued=file.has_ranges)
        while position != end:
            before = position
            try:
                for chunk in file.read(position, end):
                    position = _write(descriptor, chunk, position, end)
                    if digest:
                        digest.update(chunk)
                    self._progress.add(len(chunk))
                    patience.brought(len(chunk))
                    while len(waiting) > 1 and position >= waiting[1].start:
                        each.done([waiting.pop(0)])
                    if stop.is_set():
                        raise Failure("The download was stopped, since another file failed")
                if end is None:
                    break
                if position < end:
                    raise Interrupted(f"the connection was closed after {position - before} bytes")  # noqa: TRY301
            except Interrupted as interruption:
                failures = patience.failed(interruption)
                logger.info('"%s": %s; it goes on in a moment.', file.path, interruption)
                self.wait(failures, interruption)
                if not file.has_ranges:
                    self._progress.add(start - position)
                    position, digest = start, Digest(file)
        if not each.is_split:
            os.ftruncate(descriptor, position)
        return digest, each.done(waiting)

    def wait(self, failures: int, interruption: Interrupted) -> None:
        """Waits before the next attempt, longer after each failure."""
        pause = min(_FIRST_PAUSE * 2.0 ** (failures - 1), _LONGEST_PAUSE) * random.uniform(0.5, 1.0)  # noqa: S311
        self._stop.wait(max(pause, min(interruption.after or 0.0, _LONGEST_AFTER)))


def _write(descriptor: int, chunk: Chunk, position: int, end: int | None) -> int:
    """Writes bytes at a position, and returns the position after them."""
    if end is not None and position + len(chunk) > end:
        raise Changed
    view = memoryview(chunk)
    while view:
        written = os.pwrite(descriptor, view, position)
        view, position = view[written:], position + written
    return position
