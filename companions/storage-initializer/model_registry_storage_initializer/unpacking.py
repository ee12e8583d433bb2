"""Where the members of an archive are written: only regular files below one folder, within limits.

Links never reach the disk as links. At the end, a link to a file of the same archive becomes that file.
"""

import os
import posixpath
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from model_registry_storage_initializer import free_space
from model_registry_storage_initializer.errors import Failure
from model_registry_storage_initializer.progress import size_text
from model_registry_storage_initializer.remote_files import checked_path
from model_registry_storage_initializer.settings import GIB, Settings

_CHUNK = 2**20
_MOST_MEMBERS = 500_000
_REMEDY = (
    "It looks like an attack; if not, raise MODEL_REGISTRY_MOST_TIMES_UNPACKED or MODEL_REGISTRY_MOST_UNPACKED_GIB."
)


class Content(Protocol):
    """The bytes of a member."""

    def read(self, size: int = ..., /) -> bytes:
        """Returns the next bytes; empty at the end."""


class Budget:
    """How much may be unpacked.

    Args:
        packed: The size of the archive in bytes.
        settings: The limits.
    """

    def __init__(self, packed: int, settings: Settings) -> None:
        times = max(GIB, packed * settings.most_times)
        self._most = min(times, settings.most_unpacked or times)
        self._packed, self._taken, self._members = packed, 0, 0

    def expect(self, size: int, folder: Path) -> None:
        """Raises `Failure` if files of this size in bytes are too large, or if the file system has less left."""
        self._check(size)
        free_space.require(next(each for each in folder.parents if each.exists()), size, "The unpacked archive")

    def take(self, size: int) -> None:
        """Counts bytes. Raises `Failure` if they are too many."""
        self._taken += size
        self._check(self._taken)

    def member(self) -> None:
        """Counts a member. Raises `Failure` if there are too many."""
        self._members += 1
        if self._members > _MOST_MEMBERS:
            raise Failure(f"The archive has more than {_MOST_MEMBERS} members", _REMEDY)

    def _check(self, size: float) -> None:
        if size > self._most:
            sizes = f"more than {size_text(self._most)} from {size_text(self._packed)}"
            raise Failure(f"The archive is too large when it is unpacked: {sizes}", _REMEDY)


class Unpacked:
    """The members of an archive below a folder.

    Args:
        folder: The folder; it is made.
        budget: How much may be unpacked.
        is_wanted: Whether a path is to be unpacked.
        prefix: Only members below this folder of the archive are taken, without it; such as "models/".
    """

    def __init__(self, folder: Path, budget: Budget, is_wanted: Callable[[str], bool], prefix: str = "") -> None:
        self.folder, self.budget = folder, budget
        self._is_wanted, self._prefix = is_wanted, prefix
        self._links: dict[str, str] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def write(self, name: str, content: Content, mode: int = 0) -> str:
        """Writes a regular file. `mode` has its permissions. Returns its path; empty if it is not taken."""
        path = self._path(name)
        if not path:
            return ""
        target = self.folder / path
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.unlink(missing_ok=True)
            with target.open("xb") as file:
                while chunk := content.read(_CHUNK):
                    self.budget.take(len(chunk))
                    file.write(chunk)
        except (FileExistsError, NotADirectoryError, IsADirectoryError):
            raise Failure(f'"{name}" is a file and a folder in the archive', "Pack it again.") from None
        self._links.pop(path, None)
        target.chmod(0o755 if mode & 0o111 else 0o644)
        return path

    def link(self, name: str, target: str, *, is_relative: bool) -> None:
        """Takes a link. `target` is relative to the folder of the link, or to the whole archive."""
        path = self._path(name)
        if not path:
            return
        start = posixpath.dirname(posixpath.normpath(name)) if is_relative else ""
        wanted = posixpath.normpath(posixpath.join(start, target))
        if target.startswith("/") and self._prefix and wanted.startswith("/" + self._prefix):
            wanted = wanted.lstrip("/")
        if wanted.startswith(("/", "..")):
            raise Failure(
                f'"{name}" in the archive is a link to "{target}", which is outside of it', "Pack the file itself."
            )
        self._links[path] = wanted.removeprefix(self._prefix)

    def remove(self, name: str) -> None:
        """Removes what an earlier layer brought under this name."""
        path = self._path(name, is_counted=False)
        if path:
            self._links.pop(path, None)
            target = self.folder / path
            if target.is_dir():
                shutil.rmtree(target)
            else:
                target.unlink(missing_ok=True)

    def follow_links(self) -> bool:
        """Turns links into the files that they lead to, as far as those are there. Returns whether that was all of them."""
        while ready := {path: target for path, target in self._links.items() if (self.folder / target).is_file()}:
            for path, target in ready.items():
                (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
                (self.folder / path).unlink(missing_ok=True)
                os.link(self.folder / target, self.folder / path)
                del self._links[path]
        return not self._links

    def finish(self) -> None:
        """Turns links into the files that they lead to. Raises `Failure` for one that leads to no file of the archive."""
        if not self.follow_links():
            path, target = next(iter(self._links.items()))
            cause = f'"{path}" in the archive is a link to "{target}", which is no file of the archive'
            raise Failure(cause, "Pack the files themselves.")

    def _path(self, name: str, *, is_counted: bool = True) -> str:
        if is_counted:
            self.budget.member()
        path = checked_path(name)
        if not path.startswith(self._prefix):
            return ""
        path = path.removeprefix(self._prefix)
        return path if path and self._is_wanted(path) else ""
