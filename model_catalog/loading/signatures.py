"""Whether files have changed: their inodes, times, sizes and rights. Links are followed, so the swaps of Kubernetes are seen."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

FileSignature = tuple[str, int, int, int, int]
"""The path, inode, time of change in ns, size in bytes and mode of a file; zeros for one that is not there."""
Signature = tuple[FileSignature, ...]
_MOST_FOLDERS = 100_000


def signature_of(paths: Iterable[Path]) -> Signature:
    """The signature of files."""
    return tuple(_of_file(path) for path in paths)


def signature_below(folders: Iterable[Path]) -> Signature:
    """The signature of all files below folders, in any depth. A folder that cannot be read counts as empty."""
    return tuple(sorted(found for folder in folders for found in _below(folder)))


def _of_file(path: Path) -> FileSignature:
    try:
        found = os.stat(path)  # noqa: PTH116 (a third of the time of Path.stat)
    except OSError:
        return (str(path), 0, 0, 0, 0)
    return (str(path), found.st_ino, found.st_mtime_ns, found.st_size, found.st_mode)


def _below(folder: Path) -> Iterator[FileSignature]:
    seen: set[tuple[int, int]] = set()  # links may lead in a circle
    todo = [folder]
    while todo and len(seen) < _MOST_FOLDERS:
        current = todo.pop()
        try:
            found = current.stat()
            if (found.st_dev, found.st_ino) in seen:
                continue
            seen.add((found.st_dev, found.st_ino))
            for child in os.scandir(current):
                if child.is_dir():
                    todo.append(Path(child.path))
                else:
                    yield _of_file(Path(child.path))
        except OSError:
            continue
