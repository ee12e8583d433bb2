"""What the pieces of a compiled file are: the entries of a source, a line of JSON for each, and for models the finished segment.

The lines of models are kept only where a later reading may need single ones of them: for sources of a hub.
"""

from collections.abc import Iterator, Sequence

import orjson

from model_catalog.entries import AssetType, Entry
from model_catalog.index.catalog import Kept
from model_catalog.index.segment import model_segment
from model_catalog.index.stored import pieces_of, segment_of
from model_catalog.loading.compiled import Compiled
from model_catalog.loading.jobs import is_hub
from model_catalog.reading.settings import SourceSettings


class Lines(Sequence[Entry]):
    """Entries as lines, which are decoded when they are gone through, and not kept."""

    def __init__(self, lines: Sequence[bytes]) -> None:
        self._lines = lines

    def __len__(self) -> int:
        return len(self._lines)

    def __iter__(self) -> Iterator[Entry]:
        return map(_entry, self._lines)

    def __getitem__(self, index: int) -> Entry:  # type: ignore[override]  # slices are not needed
        return _entry(self._lines[index])


def line_of(entry: Entry) -> bytes:
    """The line of an entry: `[item, [parts], filtered]`."""
    return orjson.dumps([entry.item, list(entry.parts), entry.filtered])


def _entry(line: bytes) -> Entry:
    return Entry(*orjson.loads(line))


def pieces_for(settings: SourceSettings, lines: Sequence[bytes]) -> list[bytes]:
    """The pieces that keep the entries of a source, whose lines these are; each has a name of its own."""
    if settings.asset_type is not AssetType.MODELS:
        return [_joined(lines)]
    segment = model_segment(settings.id, Lines(lines))
    return [_joined(lines if is_hub(settings) else ()), *pieces_of(segment)]


def kept_by(compiled: Compiled) -> Kept:
    """What the index takes in of a compiled file: the segment of models, or the entries."""
    _, *pieces = compiled.pieces
    return segment_of(pieces) if pieces else entries_of(compiled)


def entries_of(compiled: Compiled) -> Sequence[Entry]:
    """The entries whose lines a compiled file has."""
    content = bytes(compiled.pieces[0])
    return Lines(content.split(b"\n") if content else [])


def _joined(lines: Sequence[bytes]) -> bytes:
    return b"\n".join(lines)  # JSON has no line feeds
