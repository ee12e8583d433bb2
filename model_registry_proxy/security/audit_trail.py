"""Reads the records of the audit log where they are kept: in its file, and in the files that it was rotated to.

Each request reads a bounded number of bytes, in a worker thread, so a large log costs no request more than a small one.
"""

import asyncio
import math
import os
import re
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from datetime import datetime
from itertools import islice
from pathlib import Path

import orjson

from converters.kinds import JsonObject
from model_registry_proxy.registry.trail import LinePosition, Record, TrailPage, UnknownPlaceError, Wanted
from model_registry_proxy.security import audit_lines
from model_registry_proxy.security.audit_file import STANDARD_OUTPUT
from model_registry_proxy.security.audit_lines import Block, blocks, place_of

MOST_BYTES = 2**28
"""What one request reads, about: a file of 1 GiB is read in four."""
MOST_LINES = 20_000
"""How many lines one request decodes."""
_AT_A_TIME = 2
_MOST_FILES = 500
_MOST_DISORDER = 60_000
"""In ms: several workers write to one file, so a record may stand behind one that is newer."""
_ROTATED = re.compile(r"[.-][0-9][0-9-]*")
"""How the names of rotated files go on: `.1`, `-20270131`. Compressed files are not read."""


class AuditTrail:
    """The records in the file at `path`. Implements `registry.trail.Trail`."""

    def __init__(
        self,
        path: Path,
        *,
        most_bytes: int = MOST_BYTES,
        most_lines: int = MOST_LINES,
        block_bytes: int = audit_lines.BLOCK_BYTES,
    ) -> None:
        self._path, self._most_bytes, self._most_lines, self._block_bytes = path, most_bytes, most_lines, block_bytes
        self._threads = ThreadPoolExecutor(_AT_A_TIME, "audit-log")

    async def read(self, wanted: Wanted, size: int, behind: LinePosition | None) -> TrailPage:
        """See `Trail.read`."""
        # Threads of its own: requests whose clients disconnect keep no more than these busy.
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._read, wanted, size, behind)

    def _read(self, wanted: Wanted, size: int, behind: LinePosition | None) -> TrailPage:
        found: list[tuple[LinePosition, Record]] = []
        last = None
        with ExitStack() as opened:
            for place, record in self._lines(wanted, _files(self._path, opened), behind):
                if record is None:
                    last = place
                elif record.time < wanted.since - _MOST_DISORDER:
                    break
                elif record.time >= wanted.since and wanted.matches(record):
                    if len(found) == size:
                        last = found[-1][0]
                        break
                    found.append((place, record))
        return TrailPage([record for _, record in found], last)

    def _lines(
        self, wanted: Wanted, files: list[int], behind: LinePosition | None
    ) -> Iterator[tuple[LinePosition, Record | None]]:
        """Yields records that may be wanted, newest first; where a bound is reached, at last a place without a record."""
        needle = orjson.dumps(wanted.facts)[1:-1]
        bytes_left, lines_left = self._most_bytes, self._most_lines
        for block in self._blocks(files, behind):
            for offset, line in block.lines(needle):
                if record := read_line(line):
                    yield place_of(offset, line), record
                lines_left -= 1
                if not lines_left:
                    yield place_of(offset, line), None
                    return
            oldest = read_line(block.first_line())
            if oldest and oldest.time < wanted.since - _MOST_DISORDER:
                return
            bytes_left -= block.size
            if bytes_left <= 0:
                yield block.first(), None
                return

    def _blocks(self, files: list[int], behind: LinePosition | None) -> Iterator[Block]:
        """Yields the blocks of all files, the newest first."""
        first, end = 0, None
        if behind:
            first = next((number for number, file in enumerate(files) if audit_lines.has(file, behind)), -1)
            end = behind.offset
        if first < 0:
            raise UnknownPlaceError
        for file in files[first:]:
            yield from blocks(file, end, self._block_bytes)
            end = None


def trail(path: str) -> AuditTrail | None:
    """Returns the records of `--audit-log PATH`; `None` where nothing is kept, as on stdout and in a pipe."""
    if not path or path == STANDARD_OUTPUT:
        return None
    file = Path(path)
    return AuditTrail(file) if file.is_file() else None


def read_line(line: bytes) -> Record | None:
    """Returns the record in a line; `None` for a line that is broken or no record."""
    try:
        content = orjson.loads(line)
        time = round(datetime.fromisoformat(content["time"]).timestamp() * 1000)
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, OverflowError):
        return None
    return Record(time, content) if _is_whole(content) else None


def _is_whole(content: JsonObject) -> bool:
    """Whether what readers rely on is there. Other programs may have written lines too."""
    changed, status, under = content.get("changed"), content.get("status"), content.get("under")
    return (
        isinstance(content.get("method"), str)
        and isinstance(changed, list)
        and all(isinstance(name, str) for name in changed)
        and (status is None or isinstance(status, int))
        and (under is None or (isinstance(under, dict) and {"entity", "id"} <= under.keys()))
    )


def _files(path: Path, opened: ExitStack) -> list[int]:
    """Opens the log and the files that it was rotated to, newest first, each once. They are opened at once: names may move."""
    found: dict[tuple[int, int], tuple[float, int]] = {}
    rotated = (one for one in path.parent.iterdir() if one.name.startswith(path.name))
    rotated = (one for one in rotated if _ROTATED.fullmatch(one.name.removeprefix(path.name)))
    for each in [path, *islice(rotated, _MOST_FILES)]:
        with suppress(OSError):
            file = os.open(each, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
            opened.callback(os.close, file)
            facts = os.fstat(file)
            if stat.S_ISREG(facts.st_mode):
                changed = math.inf if each is path else facts.st_mtime
                found.setdefault((facts.st_dev, facts.st_ino), (changed, file))
    return [file for _, file in sorted(found.values(), reverse=True)]
