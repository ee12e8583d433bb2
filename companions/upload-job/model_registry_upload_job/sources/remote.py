"""What every source offers: a list of its files, and each of them from any byte on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True)
class RemoteFile:
    """A file of a source.

    Attributes:
        path: The path in the model, with `/` between its parts.
        size: Its bytes, if they are known.
        mark: What changes with its contents, such as an ETag; without one, a cut transfer begins again.
        sha256: The digest in hex that the source states, if it does.
    """

    path: str
    size: int | None = None
    mark: str | None = None
    sha256: str | None = None


@dataclass(frozen=True)
class Reading:
    """The bytes of a file. `start`: the position of the first one; 0 if the source cannot begin elsewhere."""

    start: int
    chunks: Iterator[bytes]


class Source(Protocol):
    """A source whose files are fetched into a folder first."""

    @property
    def name(self) -> str:
        """The source in words for messages."""

    def files(self) -> Sequence[RemoteFile]:
        """Lists the files. Raises `UploadError` if there are none, or if the source cannot be read."""

    def read(self, file: RemoteFile, offset: int) -> Reading:
        """Reads a file from a byte on. Raises `BrokenOffError` or `UploadError`."""

    def arrange(self, fetched: Path, folder: Path) -> Path:
        """Returns the folder with the files of the model: `fetched`, or `folder`, into which an archive is unpacked."""
