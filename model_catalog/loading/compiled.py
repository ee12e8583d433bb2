"""Files with what was read from a source: quick to open, so that a restart answers at once and no reading disturbs the server.

A compiled file is a header as one line of JSON, then pieces of bytes whose lengths the header has, and an end. It is written under
another name and then moved to its place, so that no reader sees half of one. The end has a checksum: a file that was cut or damaged
counts as none.
"""

import hashlib
import mmap
import os
import sys
import tempfile
import zlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from itertools import accumulate, pairwise
from pathlib import Path

import orjson

from model_catalog.index.stored import LAYOUT
from model_catalog.reading.files import open_file

FORMAT = f"3-{LAYOUT}"
"""The number counts up when files of the old form must not be read any more, or when sources are read in another way."""
SUFFIX = ".catalog"
_END = b"end "
_CHECKSUM_BYTES = 8
_LENGTHS = "lengths"


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
    form: str = FORMAT


@dataclass(frozen=True, slots=True)
class Compiled:
    """What a compiled file holds. The file stays mapped, so another one may take its place at any time."""

    header: Header
    pieces: Sequence[memoryview]


def file_of(folder: Path, *parts: str) -> Path:
    """The compiled file of a source in `folder`. `parts` are texts that no other source has all of, such as its id and paths.

    Machines that order the bytes of numbers in another way, and share the folder, have files of their own.
    """
    return folder / (hashlib.sha256("\0".join((*parts, sys.byteorder)).encode()).hexdigest()[:32] + SUFFIX)


def write(path: Path, header: Header, pieces: Sequence[bytes]) -> None:
    """Writes a compiled file and moves it to its place; raises `OSError`."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    first = orjson.dumps({**asdict(header), _LENGTHS: [len(piece) for piece in pieces]}) + b"\n"
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-")
    try:
        with os.fdopen(descriptor, "wb", buffering=1 << 20) as file:
            checksum = 0
            for piece in (first, *pieces):
                file.write(piece)
                checksum = zlib.crc32(piece, checksum)
            file.write(_END + b"%08x" % checksum)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise


def read(path: Path) -> Compiled | None:
    """What a compiled file holds; None if there is no file, or one that cannot be used."""
    try:
        with open_file(path) as file:
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError):  # ValueError: the file is empty
        return None
    end = len(mapped) - len(_END) - _CHECKSUM_BYTES
    content = memoryview(mapped)
    if end <= 0 or content[end:] != _END + b"%08x" % zlib.crc32(content[:end]):
        return None
    start = mapped.find(b"\n") + 1
    return _parsed(content[:start], content[start:end])


def _parsed(line: memoryview, content: memoryview) -> Compiled | None:
    try:
        found = orjson.loads(line)
        places = [*accumulate(found.pop(_LENGTHS), initial=0)]
        header = Header(**{**found, "failures": tuple(found["failures"])})
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    if header.form != FORMAT or places[-1] != len(content):
        return None
    return Compiled(header, [content[start:end] for start, end in pairwise(places)])
