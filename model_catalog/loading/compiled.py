"""Files with what was read from a source: quick to open, so that a restart answers at once and no reading disturbs the server.

A compiled file is text: a header as one line of JSON, then one line for each entry, `[item, [parts], filtered]`, and an end. It is
written under another name and then moved to its place, so that no reader sees half of one. The end has a checksum: a file that was
cut or damaged counts as none.
"""

import hashlib
import mmap
import os
import tempfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path

import orjson

from model_catalog.entries import Content, Entry

FORMAT = 1
"""Counts up when files of the old form must not be read any more."""
SUFFIX = ".catalog"
_END = b"end "
_CHECKSUM_BYTES = 8


@dataclass(frozen=True, slots=True)
class Header:
    """What a compiled file says of itself.

    Attributes:
        fingerprint: Equal for equal inputs: settings of the source, its file, the performance data.
        read_at: When the source was read, in ms since the epoch.
        count: The number of entries.
        failures: A sentence for each entry that was left out.
        form: The form of the file (`FORMAT`).
    """

    fingerprint: str
    read_at: int
    count: int
    failures: tuple[str, ...] = ()
    form: int = FORMAT


class CompiledEntries(Sequence[Entry]):
    """The entries of a compiled file. They are decoded when they are gone through, and not kept.

    The file stays mapped, so another one may take its place at any time.
    """

    def __init__(self, content: mmap.mmap, count: int, start: int) -> None:
        self._content, self._count, self._start = content, count, start

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Entry]:
        position = self._start
        for _ in range(self._count):
            end = self._content.find(b"\n", position)
            yield Entry(*orjson.loads(memoryview(self._content)[position:end]))
            position = end + 1

    def __getitem__(self, index: int) -> Entry:  # type: ignore[override]  # slices are not needed
        for place, entry in enumerate(self):
            if place == index:
                return entry
        raise IndexError(index)


def file_of(folder: Path, *parts: str) -> Path:
    """The compiled file of a source in `folder`. `parts` are texts that no other source has all of, such as its id and paths."""
    return folder / (hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32] + SUFFIX)


def line_of(entry: Entry) -> bytes:
    """The line of an entry in a compiled file."""
    return orjson.dumps([entry.item, list(entry.parts), entry.filtered])


def write(path: Path, header: Header, lines: Iterable[bytes]) -> None:
    """Writes a compiled file and moves it to its place; raises `OSError`."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-")
    try:
        with os.fdopen(descriptor, "wb", buffering=1 << 20) as file:
            checksum = 0
            for line in chain((orjson.dumps(asdict(header)),), lines):
                file.write(line + b"\n")
                checksum = zlib.crc32(line + b"\n", checksum)
            file.write(_END + b"%08x" % checksum)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise


def read(path: Path) -> tuple[Header, Content] | None:
    """What a compiled file holds; None if there is no file, or one that cannot be used."""
    try:
        with path.open("rb") as file:
            content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError):  # ValueError: the file is empty
        return None
    end = len(content) - len(_END) - _CHECKSUM_BYTES
    if end <= 0 or content[end:] != _END + b"%08x" % zlib.crc32(memoryview(content)[:end]):
        return None
    start = content.find(b"\n") + 1
    header = _header(content[:start])
    return (header, Content(CompiledEntries(content, header.count, start), header.failures)) if header else None


def _header(line: bytes) -> Header | None:
    try:
        found = orjson.loads(line)
        header = Header(**{**found, "failures": tuple(found["failures"])})
    except (ValueError, TypeError, KeyError):
        return None
    return header if header.form == FORMAT else None
