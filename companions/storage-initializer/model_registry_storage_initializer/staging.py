"""The folder at the destination where files wait until all are complete and checked, and the mark of a complete download.

`.model-registry-KEY` holds what is not complete, and disappears at the end. `.model-registry-complete-KEY` stays: a restarted init
container finds in it that everything is there. KEY stands for the source, so that several sources may share a destination.
"""

import hashlib
import json
import os
import shutil
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from model_registry_storage_initializer import free_space
from model_registry_storage_initializer.errors import Failure
from model_registry_storage_initializer.part_files import PartFile
from model_registry_storage_initializer.remote_files import RemoteFile, checked_path

PREFIX = ".model-registry-"
PUBLISHING = threading.Lock()
"""Is held while files get their names, so that a signal lets that end."""
_BOOT = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True)
class Identity:
    """What is fetched. Only files of the same identity are kept from an earlier run.

    Attributes:
        source: The URI of the command line.
        uri: The URI of the files.
        artifact_id: The id of the artifact in the registry, if there is one.
        patterns: The patterns that choose the files.
    """

    source: str
    uri: str
    artifact_id: str
    patterns: tuple[tuple[str, ...], tuple[str, ...]]

    def json(self) -> list[Any]:
        """Returns it as a value of JSON."""
        return [self.source, self.uri, self.artifact_id, [list(each) for each in self.patterns]]


class Staging:
    """Where the files of one source wait. What an earlier run fetched of the same files is kept.

    Args:
        destination: The folder that gets the files at the end.
        identity: What is fetched.
    """

    def __init__(self, destination: Path, identity: Identity) -> None:
        key = hashlib.sha256(identity.source.encode()).hexdigest()[:12]
        self.destination, self._identity = destination, identity
        self._folder = destination / f"{PREFIX}{key}"
        self._marker = destination / f"{PREFIX}complete-{key}"
        self.files, self.work = self._folder / "files", self._folder / "work"
        self._journal, self._publishing = self._folder / "journal", self._folder / "publishing"
        self._lock = threading.Lock()
        self._done: dict[str, tuple[int, str, str]] = {}

    def kept(self) -> dict[str, int] | None:
        """Returns path and size of the files of a complete earlier download that are all there; `None` without one."""
        marker = _json(self._marker)
        if not isinstance(marker, dict) or marker.get("identity") != self._identity.json():
            return None
        files: dict[str, int] = marker["files"]
        return files if all(_size(self.destination / path) == size for path, size in files.items()) else None

    def open(self) -> None:
        """Makes the folder, or takes over that of an earlier run. One with other files is removed."""
        head = {"identity": self._identity.json(), "boot": _boot()}
        try:
            lines = self._journal.read_text("utf-8").split("\n")[:-1]
        except OSError:
            lines = []
        if not lines or _parsed(lines[0]) != head:
            shutil.rmtree(self._folder, ignore_errors=True)
            self.files.mkdir(parents=True)
            self._journal.write_text(json.dumps(head) + "\n", "utf-8")
            lines = lines[:1]
        self.work.mkdir(exist_ok=True)
        for line in lines[1:]:
            if isinstance(entry := _parsed(line), list):
                self._done[entry[0]] = (entry[1], entry[2], entry[3])

    def interrupted_publication(self) -> dict[str, int] | None:
        """Returns path and size of all files if an earlier run ended while it gave them their names; else `None`."""
        files = _json(self._publishing)
        return files if isinstance(files, dict) else None

    def has(self, file: RemoteFile) -> bool:
        """Whether an earlier run has fetched this very file, and checked it."""
        size, mark, digest = self._done.get(file.path, (None, "", ""))
        is_same = bool(mark) and mark == file.mark and (not file.sha256 or digest == f"sha256:{file.sha256}")
        return is_same and size is not None and _size(self.files / file.path) == size

    def part(self, file: RemoteFile) -> Path:
        """Returns the path for the parts of a file."""
        return self.work / (hashlib.sha256(file.path.encode()).hexdigest()[:32] + ".part")

    def complete(self, part_file: PartFile, digest: str) -> None:
        """Moves a complete file to the others, and records it."""
        file = part_file.file
        target = self.files / checked_path(file.path)
        try:
            part_file.publish(target)
        except (FileExistsError, NotADirectoryError, IsADirectoryError):
            raise Failure(f'"{file.path}" is a file and a folder at its source', "Remove one of them there.") from None
        self.record(file.path, file.mark, digest)

    def record(self, path: str, mark: str, digest: str) -> None:
        """Records a file that is complete. `digest` is in hex, after its kind and a colon."""
        entry = (self.files.joinpath(path).stat().st_size, mark, digest)
        with self._lock, self._journal.open("a", encoding="utf-8") as journal:
            self._done[path] = entry
            journal.write(json.dumps([path, *entry]) + "\n")

    def digest(self, path: str) -> str:
        """Returns the recorded digest of a file, after its kind and a colon; empty without one."""
        return self._done.get(path, (0, "", ""))[2]

    def present(self) -> dict[str, int]:
        """Returns path and size of all files that wait."""
        found = (Path(folder, name) for folder, _, names in os.walk(self.files) for name in names)
        return {str(path.relative_to(self.files)): path.lstat().st_size for path in found}

    def discard(self, *, unless_started: bool) -> None:
        """Removes everything that waits. `unless_started` keeps it if there is something that another attempt can use."""
        has_parts = any(path.stat().st_size for path in self.work.glob("*.part"))
        has_parts = has_parts or (self.files / ".cache").exists() or (self.work / "layers.done").exists()
        if not (unless_started and (self._done or has_parts)):
            shutil.rmtree(self._folder, ignore_errors=True)

    def require_space(self, size: int, what: str) -> None:
        """Raises `Failure` if the destination has less than this left."""
        free_space.require(self._folder, size, what)

    def publish(self, files: Mapping[str, int]) -> None:
        """Gives all files their names at the destination, removes those of an earlier download, and marks the end."""
        with PUBLISHING:
            self._publish(files)

    def _publish(self, files: Mapping[str, int]) -> None:
        _write(self._publishing, files)
        for path in files:
            waiting, target = self.files / path, self.destination / path
            if not waiting.exists() and _size(target) == files[path]:
                continue  # an earlier run has moved it
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                waiting.replace(target)
            except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
                raise Failure(f"{target} cannot be written: {error.strerror}", "Empty the destination.") from error
        self._remove_older(files)
        _write(self._marker, {"identity": self._identity.json(), "files": dict(files)})
        shutil.rmtree(self._folder)

    def _remove_older(self, files: Mapping[str, int]) -> None:
        """Removes files of an earlier download from this source, such as those of the version before."""
        marker = _json(self._marker)
        older = marker.get("files", {}) if isinstance(marker, dict) else {}
        for path in set(older) - set(files):
            target = self.destination / path
            target.unlink(missing_ok=True)
            for folder in target.relative_to(self.destination).parents[:-1]:
                try:
                    (self.destination / folder).rmdir()
                except OSError:
                    break
        if older and older.keys() != files.keys():
            self._marker.unlink(missing_ok=True)


def _boot() -> str:
    """Identifies the run of the machine: after a crash of it, what files hold is not certain."""
    return _BOOT.read_text("utf-8").strip() if _BOOT.exists() else ""


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size if path.is_file() else None
    except OSError:
        return None


def _parsed(line: str) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        return None


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None


def _write(path: Path, content: Any) -> None:
    """Writes JSON so that the file is whole or absent."""
    new = path.with_name(path.name + ".new")
    new.write_text(json.dumps(content), "utf-8")
    new.replace(path)
