"""The steps of a job: all checks, then the artifact is pending, the files move, and the artifact is live."""

import logging
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from model_registry_client import RegistryError

from model_registry_upload_job.destinations.uploaded import Destination, Uploaded
from model_registry_upload_job.model_files import ModelFile, model_files
from model_registry_upload_job.problems import Stopped, UploadError
from model_registry_upload_job.progress import Progress
from model_registry_upload_job.registering.recording import Ids, Intent
from model_registry_upload_job.reporting import Reporting
from model_registry_upload_job.retrying import retried
from model_registry_upload_job.sources.remote import RemoteFile, Source
from model_registry_upload_job.sources.staging import Staging

log = logging.getLogger(__name__)
_KEPT_FREE = 64 * 2**20


@dataclass
class Job:
    """A job.

    Attributes:
        intent: What is registered.
        source: Where files come from; a path for files of this machine, which are read where they lie.
        destination: Makes the destination; it gets the function that counts sent bytes.
        folder: The folder for files on their way. No other job uses it.
        progress: What shows how far it is.
        sign: Signs files; `None` if that is not wanted.
    """

    intent: Intent
    source: Source | Path
    destination: Callable[[Callable[[int], None]], Destination]
    folder: Path
    progress: Progress = field(default_factory=Progress)
    sign: Callable[[Sequence[ModelFile]], list[ModelFile]] | None = None

    def run(self) -> Ids:
        """Does all steps. Returns the ids of what it registered.

        Raises:
            UploadError: It failed. The artifact says why, if it was pending by then.
            RegistryError: The model registry refused a request, or does not respond.
        """
        if done := self.intent.check():
            log.info("An earlier try of this job has uploaded everything")
            return done
        destination = self.destination(self._sent)
        listed = self._list()
        destination.check()
        self._check_space(listed)
        self._begin()
        try:
            with Reporting(self.progress.text, self.intent.report):
                uploaded = self._move(listed, destination)
            ids = self.intent.finish(uploaded)
        except BaseException as error:
            self._fail(error, destination)
            raise
        shutil.rmtree(self.folder, ignore_errors=True)
        return ids

    def _sent(self, more: int) -> None:
        self.progress.count(more)

    def _list(self) -> Sequence[RemoteFile] | list[ModelFile]:
        if isinstance(self.source, Path):
            return model_files(self.source)
        return retried(self.source.files)

    def _check_space(self, listed: Sequence[RemoteFile] | list[ModelFile]) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        if isinstance(self.source, Path):
            return
        needed = sum(each.size or 0 for each in listed) + _KEPT_FREE
        there = sum(path.stat().st_size for path in self.folder.rglob("*") if path.is_file())
        free = shutil.disk_usage(self.folder).free
        if needed > free + there:
            raise UploadError(
                f"{self.folder} has {free / 2**20:.0f} MiB free, and the files need {(needed - there) / 2**20:.0f} MiB.",
                "Name a larger volume by --storage-path.",
            )

    def _begin(self) -> None:
        try:
            self.intent.begin()
        except BaseException as error:
            self._write_reason(error)
            raise

    def _move(self, listed: Sequence[RemoteFile] | list[ModelFile], destination: Destination) -> Uploaded:
        files = self._fetch(listed)
        if self.sign:
            files = self.sign(files)
        total = sum(file.size for file in files)
        log.info("%d files with %.1f MiB go to %s", len(files), total / 2**20, destination.name)
        self.progress.phase("sending", total)
        return destination.put(files, lambda _: None)

    def _fetch(self, listed: Sequence[RemoteFile] | list[ModelFile]) -> list[ModelFile]:
        if isinstance(self.source, Path):
            return [each for each in listed if isinstance(each, ModelFile)]
        remote = [each for each in listed if isinstance(each, RemoteFile)]
        sizes = [each.size for each in remote]
        known = [size for size in sizes if size is not None]
        note = self.progress.phase("fetching", sum(known) if len(known) == len(sizes) else None)
        log.info("Fetching %d files from %s", len(remote), self.source.name)
        return model_files(Staging(self.folder, note).fetch(self.source, remote))

    def _fail(self, error: BaseException, destination: Destination) -> None:
        if isinstance(error, Stopped):
            destination.abandon()
        self._write_reason(error)

    def _write_reason(self, error: BaseException) -> None:
        try:
            self.intent.fail(reason_of(error))
        except (RegistryError, UploadError) as second:
            log.warning("The artifact stays pending, since the registry could not be changed: %s", second)


def reason_of(error: BaseException) -> str:
    """Returns an error in one line."""
    if isinstance(error, Stopped | KeyboardInterrupt):
        return "The job was stopped."
    text = getattr(error, "message", None) or str(error) or type(error).__name__
    return " ".join(str(text).split())
