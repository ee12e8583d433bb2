"""Files of JSON lines that survive an interruption: only whole lines count, and what follows the last checkpoint is done again."""

import json
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from model_registry_client.transfer.rest import Json


class Journal:
    """A file that only grows. Each line is written at once, so that it is kept when the process is killed."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab", buffering=0)

    def __enter__(self) -> Self:
        """The file is open already."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Closes the file."""
        self._file.close()

    def add(self, *lines: Json) -> None:
        """Appends lines, in one write."""
        self._file.write(b"".join(json.dumps(line, ensure_ascii=False).encode() + b"\n" for line in lines))


def whole_lines(path: Path) -> Iterator[tuple[int, Json]]:
    """The lines of a file, each with the offset of its end in bytes. A last line without its end is left out."""
    end = 0
    with path.open("rb") as file:
        for line in file:
            if not line.endswith(b"\n"):
                return
            end += len(line)
            yield end, json.loads(line)


def cut(path: Path, end: int) -> None:
    """Drops what follows the byte `end`."""
    with path.open("r+b") as file:
        file.truncate(end)
