"""A file that is being fetched in parts: `NAME.part` with its bytes, and `NAME.done` with the parts that are complete.

Both survive a `kill -9`, so that the next run fetches only the parts that are missing.
"""

import json
import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from model_registry_storage_initializer.digests import Digest
from model_registry_storage_initializer.following import Following
from model_registry_storage_initializer.remote_files import RemoteFile


@dataclass(frozen=True)
class Part:
    """The bytes from `start` up to `end` of a file. `end` is `None` for all that follow."""

    number: int
    start: int
    end: int | None


class PartFile:
    """The parts of one file. Threads may share it.

    Args:
        path: The path of the bytes; it ends in `.part`.
        file: The file at its source.
        part_size: The size of a part. A file that has no ranges, or at most two parts, is one part.
    """

    def __init__(self, path: Path, file: RemoteFile, part_size: int) -> None:
        self.path, self.file = path, file
        self._journal = path.with_suffix(".done")
        self._lock = threading.Lock()
        self._head = json.dumps([file.size, file.mark, part_size])
        self._done = self._complete()
        path.parent.mkdir(parents=True, exist_ok=True)
        is_split = file.has_ranges and file.size is not None and file.size > 2 * part_size
        self.parts = split(file.size, part_size) if is_split else [Part(0, 0, file.size)]
        self.is_split = len(self.parts) > 1
        self.descriptor = -1
        self._following: Following | None = None
        self._first_missing = 0

    def open(self) -> int:
        """Opens the file if that has not happened yet. Returns its descriptor."""
        with self._lock:
            if self.descriptor < 0:
                self.descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
                if self.is_split and not self._journal.exists():
                    self._journal.write_text(self._head + "\n", "utf-8")
                if self.is_split:
                    digest = Digest(self.file, is_large=True)
                    self._following = Following(digest, self.descriptor, self._complete_up_to)
            return self.descriptor

    def digest(self) -> Digest:
        """Returns the digest of the complete file."""
        self.open()
        if self._following:
            return self._following.finish()
        digest = Digest(self.file)
        digest.read(self.path)
        return digest

    def missing(self) -> list[Part]:
        """Returns the parts that are not complete."""
        return [part for part in self.parts if part.number not in self._done]

    def runs(self, most: int) -> list[list[Part]]:
        """Returns the parts that are not complete, as runs of at most `most` neighbours: one request fetches a run.

        A file whose parts are all complete, but that was not finished, has one run without parts.
        """
        runs: list[list[Part]] = []
        for part in self.missing():
            if runs and len(runs[-1]) < most and runs[-1][-1].number == part.number - 1:
                runs[-1].append(part)
            else:
                runs.append([part])
        return runs or [[]]

    def kept(self) -> int:
        """Returns the number of bytes in parts that are complete."""
        return sum((part.end or 0) - part.start for part in self.parts if part.number in self._done)

    def done(self, parts: Sequence[Part]) -> bool:
        """Records parts, and takes them into the digest as far as none before them is missing. Returns whether all are complete."""
        with self._lock:
            part_numbers = [part.number for part in parts]
            self._done.update(part_numbers)
            if self.is_split and part_numbers:
                with self._journal.open("a", encoding="utf-8") as journal:
                    journal.writelines(f"{number}\n" for number in part_numbers)
            are_all = len(self._done) == len(self.parts)
        if self._following and not are_all:
            self._following.advance()
        return are_all

    def close(self) -> None:
        """Closes the file; it stays."""
        with self._lock:
            if self.descriptor >= 0:
                os.close(self.descriptor)
                self.descriptor = -1

    def drop(self) -> None:
        """Removes what was fetched. The file stays open: other threads may still write to it."""
        self._done = set()
        for path in (self._journal, self.path):
            path.unlink(missing_ok=True)

    def publish(self, target: Path) -> None:
        """Gives the complete file its name."""
        self.close()
        target.parent.mkdir(parents=True, exist_ok=True)
        self.path.replace(target)
        self._journal.unlink(missing_ok=True)

    def _complete_up_to(self) -> int:
        """Up to which byte no part is missing."""
        while self._first_missing < len(self.parts) and self._first_missing in self._done:
            self._first_missing += 1
        return self.parts[self._first_missing].start if self._first_missing < len(self.parts) else self.file.size or 0

    def _complete(self) -> set[int]:
        """The numbers of complete parts of an earlier run. A file whose content has changed since starts again."""
        try:
            head, *numbers = self._journal.read_text("utf-8").split("\n")
        except OSError:
            head, numbers = "", []
        if head != self._head or not self.file.mark or not self.path.exists():
            self._journal.unlink(missing_ok=True)
            return set()
        return {int(number) for number in numbers[:-1] if number.isdigit()}


def split(size: int | None, part_size: int) -> list[Part]:
    """Returns the parts of a file of this size."""
    starts = range(0, size or 0, part_size)
    return [Part(number, start, min(start + part_size, size or 0)) for number, start in enumerate(starts)]
