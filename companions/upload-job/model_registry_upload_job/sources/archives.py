"""Unpacks zip and tar archives of strangers: nothing is written outside the folder, and the disk is not filled."""

import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from model_registry_upload_job.model_files import CHUNK
from model_registry_upload_job.problems import UploadError

MOST_MEMBERS = 100_000
"""The most files of an archive."""
MOST_TIMES, ALWAYS_ALLOWED = 500, 2**30
"""How many times the size of an archive its files may have. 1 GiB is always allowed."""
_TAR_MAGIC, _TAR_MAGIC_AT = b"ustar", 257
_COMPRESSED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0")
_KEPT_FREE = 64 * 2**20
"""Bytes of the disk that stay free."""
_BROKEN = (tarfile.TarError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError)


def is_archive(file: Path) -> bool:
    """Whether a file is a zip or tar archive, by its first bytes. A model file that is a zip by nature stays as it is."""
    with file.open("rb") as opened:
        head = opened.read(_TAR_MAGIC_AT + len(_TAR_MAGIC))
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return file.suffix.lower() not in _ZIP_BY_NATURE
    if head[_TAR_MAGIC_AT:] == _TAR_MAGIC:
        return True
    return head.startswith(_COMPRESSED) and tarfile.is_tarfile(file)


def is_named_so(file: Path) -> bool:
    """Whether the name of a file says that it is an archive."""
    return file.name.lower().endswith(_ENDINGS)


_ENDINGS = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
_ZIP_BY_NATURE = frozenset({".keras", ".mar", ".npz", ".pt", ".pth", ".ckpt", ".jar", ".whl", ".skops", ".mlmodel"})


def unpack(file: Path, folder: Path, only_below: str = "") -> None:
    """Unpacks the regular files of an archive.

    Args:
        file: The archive.
        folder: The folder for its files; it is created.
        only_below: Only files below this folder of the archive, whose path is left out.

    Raises:
        UploadError: A member would be written outside the folder, is a link or a device, or there are too many; or the disk is
            full.
    """
    folder.mkdir(parents=True, exist_ok=True)
    budget = _Budget(shutil.disk_usage(folder).free - _KEPT_FREE, max(ALWAYS_ALLOWED, MOST_TIMES * file.stat().st_size))
    unpack_one = _unpack_zip if zipfile.is_zipfile(file) and not tarfile.is_tarfile(file) else _unpack_tar
    try:
        unpack_one(file, _Folder(folder, file.name, budget, only_below))
    except _BROKEN as error:
        raise UploadError(f"The archive {file.name} is damaged: {error}.", "Check the file at its source.") from error
    except RuntimeError as error:  # of zipfile: it is encrypted
        raise UploadError(f"The archive {file.name} cannot be unpacked: {error}.") from error


@dataclass
class _Budget:
    """The bytes that files may still have: by the disk, and by the size of the archive."""

    disk: int
    archive: int

    def take(self, size: int, archive: str) -> None:
        self.disk -= size
        self.archive -= size
        if self.archive < 0:
            raise UploadError(
                f"The files of the archive {archive} have more than {MOST_TIMES} times its size. It looks like an attack.",
                "Unpack it yourself, and upload the folder.",
            )
        if self.disk < 0:
            raise UploadError(f"The files of the archive {archive} do not fit on the disk.")


class _Folder:
    def __init__(self, folder: Path, archive: str, budget: _Budget, only_below: str) -> None:
        self._folder, self._archive, self._budget, self._only_below = folder, archive, budget, only_below
        self._count = 0

    def refuse(self, name: str, what: str, remedy: str) -> UploadError:
        return UploadError(f"The archive {self._archive} has the member {name!r}, which {what}.", remedy)

    def path(self, name: str) -> PurePosixPath | None:
        """The path of a member below the folder; `None` for one that is not wanted."""
        path = PurePosixPath(name.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or (path.parts and ":" in path.parts[0]):
            raise self.refuse(name, "would be written outside the folder", "Pack the archive with relative paths.")
        if self._only_below:
            return path.relative_to(self._only_below) if path.is_relative_to(self._only_below) else None
        return path

    def write(self, name: str, opened: Callable[[], IO[bytes]]) -> None:
        path = self.path(name)
        if path is None or not path.parts:
            return
        self._count += 1
        if self._count > MOST_MEMBERS:
            raise UploadError(f"The archive {self._archive} has more than {MOST_MEMBERS} files.")
        target = self._folder / path
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with opened() as member, target.open("wb") as output:
                for chunk in _chunks(member):
                    self._budget.take(len(chunk), self._archive)
                    output.write(chunk)
        except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
            raise self.refuse(name, "is a file and a folder at once", "Pack the archive again.") from error


def _chunks(member: IO[bytes]) -> Iterator[bytes]:
    while data := member.read(CHUNK):
        yield data


def _unpack_tar(file: Path, folder: _Folder) -> None:
    with tarfile.open(file) as archive:
        for member in archive:
            if member.isdir() or member.name in (".", "./"):
                folder.path(member.name)
            elif member.isfile():
                folder.write(member.name, lambda member=member: _opened(archive, member))  # type: ignore[misc]
            elif folder.path(member.name) is not None:
                kind = "a link" if member.issym() or member.islnk() else "a device"
                raise folder.refuse(member.name, f"is {kind}", "tar --dereference --hard-dereference packs files.")
            archive.members = []  # type: ignore[attr-defined]  # a long archive must not fill the memory


def _opened(archive: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    opened = archive.extractfile(member)
    if opened is None:
        raise tarfile.ExtractError(member.name)
    return opened


_UNIX_KIND, _REGULAR = 0o170000, 0o100000


def _unpack_zip(file: Path, folder: _Folder) -> None:
    with zipfile.ZipFile(file) as archive:
        for member in archive.infolist():
            kind = member.external_attr >> 16 & _UNIX_KIND
            if member.is_dir():
                folder.path(member.filename)
            elif kind not in (0, _REGULAR):
                raise folder.refuse(member.filename, "is a link or a device", "Pack the files themselves.")
            else:
                folder.write(member.filename, lambda member=member: archive.open(member))  # type: ignore[misc]
