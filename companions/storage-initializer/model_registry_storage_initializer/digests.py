"""Digests of fetched files: compared with what the source or the registry says, else only shown."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import anycrc

from model_registry_storage_initializer.errors import Failure
from model_registry_storage_initializer.remote_files import Chunk, Expected, RemoteFile

CHUNK = 2**20
_REMEDY = "The file is damaged at its source, or another one than was registered: upload it again, or register its digest again."


class Running(Protocol):
    """A digest of the bytes that came so far."""

    def update(self, data: Chunk, /) -> None:
        """Takes the next bytes."""

    def hexdigest(self) -> str:
        """Returns the digest in hex."""


class Crc:
    """A cyclic redundancy check.

    Args:
        model: Its name in anycrc.
        digits: How many digits it has in hex.
    """

    def __init__(self, model: str, digits: int) -> None:
        self._model: Any = anycrc.Model(model)
        self._digits, self._value = digits, 0

    def update(self, data: Chunk, /) -> None:
        """Takes the next bytes."""
        self._value = self._model.calc(data, self._value)

    def hexdigest(self) -> str:
        """Returns the check in hex."""
        return f"{self._value:0{self._digits}x}"


class OfParts:
    """A digest of the digests of parts, as S3 makes it of objects that were uploaded in parts: their number follows after "-".

    Args:
        make: Makes the digest of a part, and that of the digests.
        size: The size of all parts but the last one, in bytes.
    """

    def __init__(self, make: Callable[[], Running], size: int) -> None:
        self._make, self._size = make, size
        self._whole, self._part = make(), make()
        self._number, self._missing = 0, size

    def update(self, data: Chunk, /) -> None:
        """Takes the next bytes."""
        view = memoryview(data)
        while view:
            taken, view = view[: self._missing], view[self._missing :]
            self._part.update(taken)
            self._missing -= len(taken)
            if not self._missing:
                self._end_part()

    def hexdigest(self) -> str:
        """Returns the digest in hex, after all bytes."""
        if self._missing < self._size:
            self._end_part()
        return f"{self._whole.hexdigest()}-{self._number}"

    def _end_part(self) -> None:
        self._whole.update(bytes.fromhex(self._part.hexdigest()))
        self._part, self._missing = self._make(), self._size
        self._number += 1


KINDS: dict[str, tuple[str, Callable[[], Running]]] = {
    "sha256": ("SHA-256", hashlib.sha256),
    "sha1": ("SHA-1", lambda: hashlib.sha1(usedforsecurity=False)),
    "md5": ("MD5", lambda: hashlib.md5(usedforsecurity=False)),
    "crc64nvme": ("CRC-64/NVME", lambda: Crc("CRC64-NVME", 16)),
    "crc32c": ("CRC-32C", lambda: Crc("CRC32-ISCSI", 8)),
    "crc32": ("CRC-32", lambda: Crc("CRC32", 8)),
}
"""The kinds of digests: their names in messages, and what makes them."""


class Digest:
    """The digest that a file is checked by: the SHA-256 that is known, else one that the source keeps, else a SHA-256 to show.

    Args:
        file: The file.
        is_large: Whether the source is asked for a checksum even where it gave an MD5, which takes longer to make.
    """

    def __init__(self, file: RemoteFile, *, is_large: bool = False) -> None:
        self._file = file
        self._expected = _expected(file, is_large=is_large)
        self._words, make = KINDS[self._expected.kind]
        size = self._expected.part_size
        self._running = OfParts(make, size) if size else make()

    def update(self, data: Chunk) -> None:
        """Takes the next bytes of the file."""
        self._running.update(data)

    def read(self, path: Path) -> None:
        """Takes a whole file."""
        with path.open("rb", buffering=0) as file:
            view = memoryview(bytearray(CHUNK))
            while size := file.readinto(view):
                self.update(view[:size])

    def check(self) -> str:
        """Compares the digest. Returns it in hex, with its kind. Raises `Failure` if it is another one than expected."""
        found, expected = self._running.hexdigest(), self._expected
        if expected.value and found != expected.value and not expected.excuse():
            cause = f'The {self._words} of "{self._file.path}" is {found}, but it should be {expected.value}'
            raise Failure(cause, _REMEDY)
        return f"{expected.kind}:{found}"


def _expected(file: RemoteFile, *, is_large: bool) -> Expected:
    if file.sha256:
        return Expected("sha256", file.sha256)
    if (is_large or not file.md5) and (asked := file.checksum()):
        return asked
    return Expected("md5", file.md5, excuse=file.excuse) if file.md5 else Expected("sha256", "")
