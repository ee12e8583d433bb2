"""Reads the lines of one file of the audit log from its end, in blocks, so that the size of the file does not matter."""

import os
from collections.abc import Iterator
from hashlib import blake2b
from typing import NamedTuple

from model_registry_proxy.registry.trail import LinePosition

BLOCK_BYTES = 2**20
_DIGESTED_BYTES = 4096
"""The most bytes of a line of the log."""
_BREAK = b"\n"


class Block(NamedTuple):
    """A part of a file that begins and ends with whole lines. `size` is the number of bytes that were read for it."""

    offset: int
    text: bytes
    size: int

    def lines(self, needle: bytes = b"") -> Iterator[tuple[int, bytes]]:
        """Yields the lines that hold `needle`, with their offsets, the last one first."""
        found: list[tuple[int, bytes]] = []
        position = self.text.find(needle or _BREAK)
        while position >= 0:
            start = self.text.rfind(_BREAK, 0, position) + 1
            end = self.text.index(_BREAK, position) + 1
            found.append((self.offset + start, self.text[start:end]))
            position = self.text.find(needle or _BREAK, end)
        yield from reversed(found)

    def first_line(self) -> bytes:
        """Returns the first line."""
        return self.text[: self.text.index(_BREAK) + 1]

    def first(self) -> LinePosition:
        """Returns the position of the first line."""
        return place_of(self.offset, self.first_line())


def blocks(file: int, end: int | None = None, block_bytes: int = BLOCK_BYTES) -> Iterator[Block]:
    """Yields the file from its end, or from the line that begins at `end`, to its start.

    Text after the last line break is a line that is being written: it is left out. Args: `file` is a descriptor.
    """
    end = os.fstat(file).st_size if end is None else end
    while end > 0:
        start = max(0, end - block_bytes)
        read = os.pread(file, end - start, start)
        begin = read.find(_BREAK) + 1 if start else 0  # the line before may have begun in the block before
        text = read[begin : read.rfind(_BREAK) + 1]
        if text:
            yield Block(start + begin, text, len(read))
        end = start + begin if text else start


def place_of(offset: int, line: bytes) -> LinePosition:
    """Returns the place of a line."""
    return LinePosition(offset, int.from_bytes(blake2b(line[:_DIGESTED_BYTES], digest_size=8).digest()) >> 1)


def has(file: int, place: LinePosition) -> bool:
    """Whether a file has this line at this place."""
    line, end, _ = os.pread(file, _DIGESTED_BYTES, place.offset).partition(_BREAK)
    return bool(line) and place_of(place.offset, line + end) == place
