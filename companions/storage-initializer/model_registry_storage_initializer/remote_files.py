"""A file at its source, as the sources list it and as `fetching` takes it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from model_registry_storage_initializer.errors import Failure

Chunk = bytes | memoryview
Reader = Callable[[int, int | None], Iterator[Chunk]]
"""Yields the bytes of a file from a position up to another one, or to the end.

It may raise `Interrupted`, after which it is called again for the rest, `Changed`, and `Failure`.
"""


def _never() -> bool:
    return False


@dataclass(frozen=True)
class Expected:
    """A digest that a file should have.

    Attributes:
        kind: Its kind, such as "sha256"; one of `digests.KINDS`.
        value: The digest in hex; empty if it is only to be shown. If it was made of digests of parts, "-" and their number follow.
        part_size: The size of such parts in bytes; 0 for a digest of the whole file.
        excuse: Says whether another digest proves nothing, since the source made it in another way than it seemed.
    """

    kind: str
    value: str
    part_size: int = 0
    excuse: Callable[[], bool] = _never


@dataclass(frozen=True)
class RemoteFile:
    """A file that can be fetched.

    Attributes:
        path: Where it goes below the destination, with slashes.
        size: Its size in bytes; `None` if the source does not say.
        mark: What changes when its content does, such as an ETag; empty if there is nothing like that.
        read: Reads it.
        has_ranges: Whether it can be read from any position.
        md5: Its MD5 in hex, if the source says.
        sha256: Its SHA-256 in hex, if that is known.
        checksum: Asks the source for another checksum; `None` if it has none.
        excuse: Says whether a wrong MD5 proves nothing, since the source uses another digest for this file.
    """

    path: str
    size: int | None
    mark: str
    read: Reader
    has_ranges: bool = True
    md5: str = ""
    sha256: str = ""
    checksum: Callable[[], Expected | None] = lambda: None
    excuse: Callable[[], bool] = _never


def checked_path(path: str) -> str:
    """Returns a path below the destination. Raises `Failure` if it leads out of it, or is no path of a file."""
    parts = PurePosixPath(path).parts
    if not parts or path.startswith("/") or ".." in parts or "\0" in path:
        raise Failure(
            f'The file name "{path}" leads out of the destination, or names no file', "Remove it at its source."
        )
    return str(PurePosixPath(path))
