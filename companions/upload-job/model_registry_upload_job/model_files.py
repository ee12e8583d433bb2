"""The files of a folder on this machine, or one file."""

import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from model_registry_upload_job.problems import UploadError

CHUNK = 2**19
"""The bytes that are read at once."""


@dataclass(frozen=True)
class ModelFile:
    """A file of the model on this machine. `path`: its path in the model. `size`: its bytes."""

    path: str
    file: Path
    size: int

    def chunks(self, offset: int = 0) -> Iterator[bytes]:
        """Reads the file from a byte on. Raises `UploadError` if its size changes on the way."""
        left = self.size - offset
        with self.file.open("rb") as opened:
            opened.seek(offset)
            while left and (data := opened.read(min(CHUNK, left))):
                left -= len(data)
                yield data
            if left or opened.read(1):
                raise UploadError(
                    f"The file {self.file} changed while it was read.", "Start again when it is complete."
                )

    def sha256(self, note: Callable[[int], None] = lambda _: None) -> str:
        """Returns the digest in hex. `note` gets the number of bytes of each part."""
        digest = hashlib.sha256()
        for chunk in self.chunks():
            digest.update(chunk)
            note(len(chunk))
        return digest.hexdigest()


def model_files(root: Path) -> list[ModelFile]:
    """Lists the files below a folder in the order of their paths, or the one file. Symbolic links are followed.

    Raises:
        UploadError: There are none; one cannot be read, or is no regular file; or folders contain each other by links.
    """
    if not root.exists():
        raise UploadError(f"There is no file or folder {root}.")
    if root.is_file():
        return [ModelFile(root.name, root, _size(root))]
    found = [
        ModelFile(path.relative_to(root).as_posix(), path, _size(path)) for path in sorted(_paths(root, frozenset()))
    ]
    if not found:
        raise UploadError(f"The folder {root} has no files.", "Name the folder of the model.")
    return found


def _paths(folder: Path, above: frozenset[Path]) -> Iterator[Path]:
    real = folder.resolve()
    if real in above:
        raise UploadError(f"The folder {folder} is a link to a folder above it.", "Remove this link.")
    try:
        names = sorted(os.listdir(folder))  # noqa: PTH208 (names are enough)
    except OSError as error:
        raise UploadError(f"The folder {folder} cannot be read: {error.strerror}.") from error
    for path in (folder / name for name in names):
        if path.is_dir():
            yield from _paths(path, above | {real})
        else:
            yield path


def _size(path: Path) -> int:
    try:
        path.name.encode()
        if not path.is_file():
            raise UploadError(f"{path} is no regular file, or a link to nothing.", "Remove it from the folder.")
        with path.open("rb"):
            return path.stat().st_size
    except OSError as error:
        raise UploadError(f"The file {path} cannot be read: {error.strerror}.") from error
    except UnicodeEncodeError as error:
        raise UploadError(f"The name of the file {path!r} is not UTF-8.", "Rename it.") from error
