"""Layers of an image: tar archives that are made while they are read, from any byte on, always with the same bytes."""

import hashlib
import tarfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

from model_registry_upload_job.model_files import ModelFile

FOLDER = "models"
"""Where serving containers look for the files."""
MEDIA_TYPE = "application/vnd.oci.image.layer.v1.tar"
MOST_OF_THEIR_OWN = 60
"""The most files with a layer of their own: container runtimes refuse images with more than about 120 layers."""
_END = b"\0" * (2 * tarfile.BLOCKSIZE)


@dataclass(frozen=True)
class Layer:
    """An uncompressed tar archive of files below the folder of models."""

    files: Sequence[ModelFile]

    @property
    def title(self) -> str:
        """The path of its file, or how many it has."""
        return self.files[0].path if len(self.files) == 1 else f"{len(self.files)} files"

    @cached_property
    def size(self) -> int:
        """The bytes of the archive."""
        return sum(size for size, _ in self._segments())

    def read(self, offset: int = 0) -> Iterator[bytes]:
        """Reads the archive from a byte on. Raises `UploadError` if a file changes on the way."""
        skipped = offset
        for size, chunks in self._segments():
            if skipped >= size:
                skipped -= size
                continue
            yield from chunks(skipped)
            skipped = 0

    def digests(self, note: Callable[[int], None]) -> tuple[str, dict[str, str]]:
        """Returns the digest of the archive, and the SHA-256 in hex of each file, reading each file once.

        Args:
            note: Gets the number of bytes of each part that is read.
        """
        whole, of_files = hashlib.sha256(), {}
        for part in self._parts():
            if isinstance(part, bytes):
                whole.update(part)
                continue
            one = hashlib.sha256()
            for chunk in part.chunks():
                one.update(chunk)
                whole.update(chunk)
                note(len(chunk))
            of_files[part.path] = one.hexdigest()
        return f"sha256:{whole.hexdigest()}", of_files

    def _parts(self) -> Iterator[bytes | ModelFile]:
        known: set[str] = set()
        for file in self.files:
            name = f"{FOLDER}/{file.path}"
            parents = [str(parent) for parent in reversed(PurePosixPath(name).parents) if str(parent) != "."]
            heads = [_header(f"{parent}/", 0, tarfile.DIRTYPE, 0o755) for parent in parents if parent not in known]
            known.update(parents)
            yield b"".join([*heads, _header(name, file.size, tarfile.REGTYPE, 0o644)])
            yield file
            yield b"\0" * (-file.size % tarfile.BLOCKSIZE)
        yield _END

    def _segments(self) -> Iterator[tuple[int, Callable[[int], Iterator[bytes]]]]:
        for part in self._parts():
            if isinstance(part, bytes):
                yield len(part), lambda offset, part=part: iter([part[offset:]])  # type: ignore[misc]
            else:
                yield part.size, part.chunks


def layers_of(files: Sequence[ModelFile]) -> list[Layer]:
    """Returns the layers for files: one for each of the largest, and one for all others together."""
    if len(files) <= MOST_OF_THEIR_OWN:
        return [Layer([file]) for file in files]
    largest = sorted(files, key=lambda file: (-file.size, file.path))[: MOST_OF_THEIR_OWN - 1]
    own = {file.path for file in largest}
    return [
        *(Layer([file]) for file in files if file.path in own),
        Layer([file for file in files if file.path not in own]),
    ]


def _header(name: str, size: int, kind: bytes, mode: int) -> bytes:
    info = tarfile.TarInfo(name)
    info.size, info.type, info.mode, info.mtime = size, kind, mode, 0
    return info.tobuf(tarfile.PAX_FORMAT)
