"""Files that are in the pod already: `file://`, and volumes that KServe has mounted for `pvc://`."""

import os
import stat
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from urllib.parse import unquote

from model_registry_storage_initializer.errors import Changed, Failure
from model_registry_storage_initializer.remote_files import RemoteFile, checked_path
from model_registry_storage_initializer.sources.protocol import Job

PVC_MOUNT = Path("/mnt/pvc")
_CHUNK = 2**20


def fetch(job: Job) -> None:
    """Copies a file, or the files of a folder. Links are followed, since they mean nothing in another container.

    Raises:
        Failure: It does not exist, cannot be read, or is a device.
    """
    named = job.uri.removeprefix("file://").removeprefix("localhost/")
    source = next(
        (path for path in (Path("/" + named.lstrip("/")), Path("/" + unquote(named).lstrip("/"))) if path.exists()),
        None,
    )
    if not source:
        raise Failure(
            f"{job.uri} does not exist in the pod", "Mount the volume in the storage initializer, or use another uri."
        )
    copy(job, source)


def fetch_volume(job: Job) -> None:
    """Copies from a volume claim that is mounted at /mnt/pvc. Raises `Failure` where it is not."""
    claim, _, path = job.uri.removeprefix("pvc://").partition("/")
    for mount in (PVC_MOUNT / claim, PVC_MOUNT):
        if (mount / path).exists():
            copy(job, mount / path)
            return
    raise Failure(
        f'The volume claim "{claim}" is not mounted at {PVC_MOUNT}, so {job.uri} cannot be read',
        f"KServe mounts claims only for a storageUri that is the claim itself: use storageUri: {job.uri}.",
    )


def copy(job: Job, source: Path) -> None:
    """Copies a file or a folder into the staging folder."""
    paths = {source.name: source} if source.is_file() else dict(_below(source))
    wanted = {path: file for path, file in paths.items() if job.is_wanted(path)}
    if not wanted:
        raise Failure(f"{job.uri} has no files", "Correct the uri, or STORAGE_ALLOW_PATTERNS.")
    job.fetcher.fetch([_file(path, file, job, is_only=len(wanted) == 1) for path, file in wanted.items()])


def _below(folder: Path) -> Iterator[tuple[str, Path]]:
    seen: set[tuple[int, int]] = set()
    for inside, folders, names in os.walk(folder, followlinks=True):
        status = Path(inside).stat()
        if (status.st_dev, status.st_ino) in seen:
            folders.clear()  # a link that leads back
            continue
        seen.add((status.st_dev, status.st_ino))
        yield from ((str(Path(inside, name).relative_to(folder)), Path(inside, name)) for name in names)


def _file(path: str, file: Path, job: Job, *, is_only: bool) -> RemoteFile:
    try:
        status = file.stat()
    except OSError as error:
        raise Failure(f"{file} cannot be read: {error.strerror}", "Correct the link or its permissions.") from error
    if not stat.S_ISREG(status.st_mode):
        raise Failure(f"{file} is a device or a pipe", "Remove it.")
    mark = f"{status.st_mtime_ns} {status.st_size} {status.st_ino}"
    return RemoteFile(
        checked_path(path), status.st_size, mark, partial(_read, file), sha256=job.digest(path, is_only=is_only)
    )


def _read(file: Path, start: int, end: int | None) -> Iterator[bytes]:
    try:
        with file.open("rb", buffering=0) as opened:
            opened.seek(start)
            while end is None or start < end:
                if not (chunk := opened.read(_CHUNK if end is None else min(_CHUNK, end - start))):
                    raise Changed
                start += len(chunk)
                yield chunk
    except OSError as error:
        raise Failure(f"{file} cannot be read: {error.strerror}", "Give the pod permission to read it.") from error
