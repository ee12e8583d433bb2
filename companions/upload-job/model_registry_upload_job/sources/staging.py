"""Fetches the files of a source into a folder. What is complete stays when a job begins again, and a cut file is continued."""

import hashlib
import json
import logging
import os
import shutil
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from model_registry_upload_job.parallel import run_all
from model_registry_upload_job.problems import UploadError
from model_registry_upload_job.retrying import BrokenOffError, StalledError, pause_of
from model_registry_upload_job.sources.remote import Reading, RemoteFile, Source

log = logging.getLogger(__name__)
_AT_ONCE = 8
_REMEDY = "Name a larger volume by --storage-path."


class Staging:
    """The folder of one job.

    Args:
        folder: The folder. No other job uses it.
        note: Gets the number of bytes of each part that arrives.
        pause: Waits for some seconds.
    """

    def __init__(self, folder: Path, note: Callable[[int], None], pause: Callable[[float], None] = time.sleep) -> None:
        self._fetched, self._parts, self._unpacked = folder / "fetched", folder / "parts", folder / "unpacked"
        self._journal, self._note, self._pause = folder / "fetched.jsonl", note, pause
        self._lock = threading.Lock()
        self._is_over = threading.Event()

    def fetch(self, source: Source, files: Sequence[RemoteFile]) -> Path:
        """Fetches files, 8 at a time. Returns the folder with the files of the model.

        Raises:
            UploadError: A file cannot be fetched, or differs from what the source states.
        """
        for folder in (self._fetched, self._parts):
            folder.mkdir(parents=True, exist_ok=True)
        complete = self._complete()
        missing = [file for file in files if complete.get(file.path) != _identity(file)]
        run_all([partial(self._fetch, source, file) for file in missing], _AT_ONCE, self._is_over.set)
        shutil.rmtree(self._unpacked, ignore_errors=True)
        try:
            return source.arrange(self._fetched, self._unpacked)
        except BaseException:
            shutil.rmtree(self._unpacked, ignore_errors=True)  # a hostile archive must not keep the disk full
            raise

    def _complete(self) -> dict[str, list[object]]:
        """The identity of each file that was fetched before and is still there. Others are removed."""
        noted: dict[str, list[object]] = {}
        if self._journal.exists():
            for line in self._journal.read_text("utf-8").splitlines():
                try:
                    path, *identity = json.loads(line)
                except ValueError:  # the last line of an interrupted job
                    continue
                noted[path] = identity
        kept = {path: identity for path, identity in noted.items() if self._fetched.joinpath(path).is_file()}
        for file in self._fetched.rglob("*"):
            if file.is_file() and file.relative_to(self._fetched).as_posix() not in kept:
                file.unlink()
        return kept

    def _fetch(self, source: Source, file: RemoteFile) -> None:
        part = self._parts / hashlib.sha256(json.dumps([file.path, *_identity(file)]).encode()).hexdigest()
        target = self._fetched / file.path
        if file.mark is None:
            part.unlink(missing_ok=True)
        self._receive_all(source, file, part)
        size = part.stat().st_size
        if file.size is not None and size != file.size:
            part.unlink()
            raise UploadError(f"{file.path} of {source.name} has {size} bytes instead of {file.size}.")
        self._verify(source, file, part)
        target.parent.mkdir(parents=True, exist_ok=True)
        part.replace(target)
        with self._lock, self._journal.open("a", encoding="utf-8") as journal:
            journal.write(json.dumps([file.path, *_identity(file)]) + "\n")

    def _receive_all(self, source: Source, file: RemoteFile, part: Path) -> None:
        """Receives until the file is complete. Attempts that bring bytes do not count as failures."""
        failures = 0
        while True:
            before = _size(part)
            try:
                return self._receive(source, file, part)
            except BrokenOffError as error:
                has_moved = _size(part) > before and file.mark and not isinstance(error, StalledError)
                failures = 1 if has_moved else failures + 1
                seconds = pause_of(error, failures)
                log.warning("%s; continuing %s from byte %s", error, file.path, _size(part) if file.mark else 0)
                self._pause(seconds)

    def _receive(self, source: Source, file: RemoteFile, part: Path) -> None:
        offset = _size(part) if file.mark else 0
        if file.size is not None and offset > file.size:
            offset = 0
        if offset and offset == file.size:
            return
        reading = source.read(file, offset)
        try:
            self._write(file, reading, part)
        except OSError as error:
            part.unlink(missing_ok=True)  # whatever else needs this disk goes on
            raise UploadError(f"{self._parts} cannot be written: {error.strerror}.", _REMEDY) from error
        if file.size is not None and _size(part) < file.size:
            raise BrokenOffError(f"{source.name} ended after {_size(part)} of {file.size} bytes")

    def _write(self, file: RemoteFile, reading: Reading, part: Path) -> None:
        with part.open("r+b" if part.exists() else "wb") as output:
            output.seek(reading.start)
            output.truncate()
            for chunk in reading.chunks:
                if self._is_over.is_set():
                    raise UploadError(f"{file.path} was left unfinished, because another file failed.")
                output.write(chunk)
                self._note(len(chunk))
            output.flush()
            os.fsync(output.fileno())

    def _verify(self, source: Source, file: RemoteFile, part: Path) -> None:
        if not file.sha256:
            return
        with part.open("rb") as opened:
            found = hashlib.file_digest(opened, "sha256").hexdigest()
        if found != file.sha256:
            part.unlink()
            raise UploadError(f"{file.path} of {source.name} has the SHA-256 {found} instead of {file.sha256}.")


def _identity(file: RemoteFile) -> list[object]:
    return [file.size, file.mark, file.sha256]


def _size(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0
