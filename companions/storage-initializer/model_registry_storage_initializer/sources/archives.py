"""Archives: what counts as one, and how one that was fetched is unpacked."""

import shutil
import stat
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

from model_registry_storage_initializer import tar_streams
from model_registry_storage_initializer.errors import Failure
from model_registry_storage_initializer.remote_files import RemoteFile, checked_path
from model_registry_storage_initializer.sources.protocol import Job
from model_registry_storage_initializer.unpacking import Budget, Unpacked

BY_NAME = {
    ".zip": "zip", ".tar": "tar", ".tar.gz": "tar", ".tgz": "tar", ".tar.bz2": "tar", ".tbz2": "tar", ".tar.xz": "tar",
    ".txz": "tar", ".tar.zst": "tar", ".tzst": "tar",
}  # fmt: skip
BY_TYPE = {
    "application/zip": "zip",
    "application/x-zip-compressed": "zip",
    "application/tar": "tar",
    "application/tar+gzip": "tar",
    "application/x-tar": "tar",
    "application/x-gtar": "tar",
    "application/gzip": "tar",
    "application/x-gzip": "tar",
    "application/x-compressed-tar": "tar",
    "application/x-bzip2": "tar",
    "application/x-xz": "tar",
    "application/zstd": "tar",
    "application/x-zstd": "tar",
}
"""Content types of archives. Those of compression only are archives of tar if the content is."""
MODELS_THAT_ARE_ZIPS = (".pt", ".pth", ".ptl", ".keras", ".npz", ".mar", ".jar", ".mleap", ".whl")
"""Files that models are kept in, and that programs open as they are."""
_ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")


def kind(name: str, content_type: str = "") -> str | None:
    """Returns "zip" or "tar" if a name, or else a content type, says that a file is such an archive; else `None`."""
    lowered = name.lower()
    if lowered.endswith(MODELS_THAT_ARE_ZIPS):
        return None
    named = next((kind for ending, kind in BY_NAME.items() if lowered.endswith(ending)), None)
    return named or BY_TYPE.get(content_type.partition(";")[0].strip().lower())


def is_named_so(name: str) -> bool:
    """Whether the name of a file says that it is an archive."""
    return any(name.lower().endswith(ending) for ending in BY_NAME)


def fetch_and_unpack(job: Job, file: RemoteFile, what: str) -> None:
    """Fetches an archive, and puts its files into the staging folder instead of it.

    What is only compressed, and no archive, stays as it is.

    Raises:
        Failure: It is damaged or no archive, a file would get out of the folder, or the files are too large.
    """
    job.fetcher.fetch([file])
    archive = job.staging.files / file.path
    if not _is(what, archive):
        if is_named_so(file.path):
            begin = archive.open("rb").read(60)
            raise Failure(f'"{file.path}" is no {what} archive; it begins with {begin!r}', "Correct the uri.")
        return
    unpacked = job.staging.work / "unpacked"
    shutil.rmtree(unpacked, ignore_errors=True)
    into = Unpacked(unpacked, Budget(archive.stat().st_size, job.settings), job.is_wanted)
    try:
        _UNPACK[what](archive, into)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise Failure(
            f'The archive "{file.path}" cannot be read: {error}', "Upload it again, as zip or tar.gz."
        ) from error
    into.finish()
    shutil.rmtree(job.staging.files)
    unpacked.rename(job.staging.files)


def _is(what: str, archive: Path) -> bool:
    if what == "tar":
        return tar_streams.is_tar(archive)
    with archive.open("rb") as file:
        return file.read(4) in _ZIP_MAGIC


def _unpack_zip(archive: Path, into: Unpacked) -> None:
    with zipfile.ZipFile(archive) as opened:
        members = opened.infolist()
        into.budget.expect(sum(each.file_size for each in members), into.folder)
        for each in members:
            mode = each.external_attr >> 16
            if stat.S_ISLNK(mode):
                into.link(each.filename, opened.read(each).decode("utf-8", "surrogateescape"), is_relative=True)
            elif stat.S_IFMT(mode) not in {0, stat.S_IFREG, stat.S_IFDIR}:
                raise Failure(f'"{each.filename}" in the archive is a device or a pipe', "Remove it from the archive.")
            elif each.is_dir():
                checked_path(each.filename)
            else:
                with opened.open(each) as content:
                    into.write(each.filename, content, mode)


def _unpack_tar(archive: Path, into: Unpacked) -> None:
    with archive.open("rb") as raw:
        tar_streams.unpack(raw, into)


_UNPACK: dict[str, Callable[[Path, Unpacked], None]] = {"zip": _unpack_zip, "tar": _unpack_tar}
