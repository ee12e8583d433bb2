"""Archives of tar, compressed or not, read once from beginning to end, so that they need no memory and no copy."""

import bz2
import gzip
import lzma
import sys
import tarfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from model_registry_storage_initializer.errors import Failure
from model_registry_storage_initializer.unpacking import Unpacked

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_COMPRESSIONS: dict[bytes, Callable[[Any], Any]] = {
    b"\x1f\x8b": lambda raw: gzip.GzipFile(fileobj=raw, mode="rb"),
    b"BZh": lambda raw: bz2.BZ2File(raw, "rb"),
    b"\xfd7zXZ": lambda raw: lzma.LZMAFile(raw, "rb"),  # noqa: SIM115 (the caller reads it to its end)
    b"\x28\xb5\x2f\xfd": lambda raw: zstd.ZstdFile(raw, "rb"),
}
_BLOCK, _MAGIC_AT = 512, 257
_CHUNK = 2**18
_DAMAGED = (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile, lzma.LZMAError, zstd.ZstdError)
_WHITEOUT, _OPAQUE = ".wh.", ".wh..wh..opq"


class Peeked:
    """A stream whose first bytes were read already, and come again.

    Args:
        raw: The stream.
        first: The number of bytes to look at.
    """

    def __init__(self, raw: Any, first: int = 6) -> None:
        self._raw, self.first = raw, b""
        while len(self.first) < first and (more := raw.read(first - len(self.first))):
            self.first += more
        self._waiting = self.first

    def read(self, size: int = _CHUNK) -> bytes:
        """Returns the next `size` bytes; fewer only at the end."""
        size = _CHUNK if size < 0 else size
        taken, self._waiting = self._waiting[:size], self._waiting[size:]
        while len(taken) < size and (more := self._raw.read(size - len(taken))):
            taken += more
        return taken


def uncompressed(raw: Any) -> IO[bytes]:
    """Returns the content of a stream that may be compressed."""
    peeked = Peeked(raw)
    opener = next((open_ for magic, open_ in _COMPRESSIONS.items() if peeked.first.startswith(magic)), None)
    return opener(peeked) if opener else peeked  # type: ignore[return-value]


def is_tar(path: Path) -> bool:
    """Whether a file is an archive of tar, compressed or not."""
    with path.open("rb") as raw:
        try:
            begin = uncompressed(raw).read(_BLOCK)
        except (*_DAMAGED, OSError):
            return False
    return begin[_MAGIC_AT : _MAGIC_AT + 5] == b"ustar" or (len(begin) == _BLOCK and not begin.strip(b"\0"))


def unpack(raw: Any, into: Unpacked, taken: Callable[[str], None] = lambda _: None) -> None:
    """Writes the members of an archive that comes as a stream, and reads it to its end, so that checksums are checked.

    Args:
        raw: The stream.
        into: Where the members go.
        taken: Is called with the path of each file that was written.

    Raises:
        Failure: It is damaged, or a member is neither file, folder nor link, or it leads out of the folder.
    """
    content = uncompressed(raw)
    try:
        with tarfile.open(fileobj=content, mode="r|") as opened:
            for member in opened:
                _take(opened, member, into, taken)
                opened.members = []  # type: ignore[attr-defined] # they would be kept in memory
        while chunk := content.read(_CHUNK):
            into.budget.take(len(chunk))
    except _DAMAGED as error:
        raise Failure(f"The archive is damaged or cut: {error}", "Upload it again.") from error


def _take(opened: tarfile.TarFile, member: tarfile.TarInfo, into: Unpacked, taken: Callable[[str], None]) -> None:
    folder, _, name = member.name.rpartition("/")
    if name.startswith(_WHITEOUT):
        if name != _OPAQUE:
            into.remove(f"{folder}/{name.removeprefix(_WHITEOUT)}".lstrip("/"))
    elif member.isreg():
        content = opened.extractfile(member)
        if content and (path := into.write(member.name, content, member.mode)):
            taken(path)
    elif member.issym() or member.islnk():
        into.link(member.name, member.linkname, is_relative=member.issym())
    elif not member.isdir():
        raise Failure(f'"{member.name}" in the archive is a device or a pipe', "Remove it from the archive.")
