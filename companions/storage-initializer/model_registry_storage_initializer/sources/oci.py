"""Images of OCI registries that hold a model below /models ("modelcars"), and artifacts whose layers are files.

A layer is unpacked while it comes, so it needs no space of its own. A layer that an earlier run has finished is not read again.
"""

import hashlib
import logging
import platform
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from model_registry_storage_initializer import tar_streams
from model_registry_storage_initializer.errors import Failure, Interrupted
from model_registry_storage_initializer.patience import Patience
from model_registry_storage_initializer.remote_files import checked_path
from model_registry_storage_initializer.sources.oci_registry import ImageRegistry, Reference, reference
from model_registry_storage_initializer.sources.protocol import Job
from model_registry_storage_initializer.unpacking import Budget, Unpacked

logger = logging.getLogger(__name__)
PREFIX = "models/"
_TITLE = "org.opencontainers.image.title"
_MACHINES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
_NOT_THERE = "Check the name and tag, or push an image with files below /models."


def fetch(job: Job) -> None:
    """Fetches the files below /models of an image, or the files of an artifact.

    Raises:
        Failure: There is no such image, it may not be read, it is damaged, or it holds no model.
    """
    named = reference(job.uri)
    with ImageRegistry(job, named) as registry:
        layers = _manifest(registry, named)["layers"]
        size = sum(layer.get("size", 0) for layer in layers)
        job.progress.expect(len(layers), size)
        into = job.staging.work / "layers"
        done = _Done(job.staging.work / "layers.done", into, [layer["digest"] for layer in layers])
        kept = sum(layer.get("size", 0) for layer in layers[: done.number])
        job.staging.require_space(size - kept, "The image")
        job.progress.resume(kept)
        unpacked = Unpacked(into, Budget(size, job.settings), job.is_wanted, PREFIX)
        for layer in layers[done.number :]:
            _Layer(job, registry, layer).unpack(unpacked)
            done.add(layer["digest"], is_whole=unpacked.follow_links())
            job.progress.finish()
        unpacked.finish()
    shutil.rmtree(job.staging.files)
    into.rename(job.staging.files)
    if not job.staging.present():
        raise Failure(f"{job.uri} has no files below /models", _NOT_THERE)


def _manifest(registry: ImageRegistry, named: Reference) -> dict[str, Any]:
    """The manifest of an image; of an index, that for this machine."""
    manifest = registry.manifest(named.tag)
    if isinstance(entries := manifest.get("manifests"), list):
        machine = _MACHINES.get(platform.machine().lower(), platform.machine().lower())
        chosen = next((each for each in entries if _is_for(each, machine)), None) or _only(entries)
        if not chosen:
            raise Failure(f"{named} has no image for linux/{machine}", "Push it for this platform.")
        manifest = registry.manifest(chosen["digest"])
    if not isinstance(manifest.get("layers"), list):
        raise Failure(f"{named} is no image", _NOT_THERE)
    return manifest


def _is_for(entry: dict[str, Any], machine: str) -> bool:
    wanted = entry.get("platform") or {}
    return wanted.get("os") == "linux" and wanted.get("architecture") == machine


def _only(entries: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The only manifest of an index that names no platform, as for artifacts."""
    return entries[0] if len(entries) == 1 and not entries[0].get("platform") else None


class _Done:
    """Records the layers that are unpacked. They count as long as they are the first ones of the image.

    Attributes:
        number: How many layers an earlier run has finished.
    """

    def __init__(self, journal: Path, into: Path, digests: list[str]) -> None:
        self._journal = journal
        lines = journal.read_text("utf-8").split("\n")[:-1] if journal.exists() else []
        self.number = len(lines) if into.is_dir() and lines == digests[: len(lines)] else 0
        self._is_recorded = True
        if not self.number:
            journal.unlink(missing_ok=True)
            shutil.rmtree(into, ignore_errors=True)

    def add(self, digest: str, *, is_whole: bool) -> None:
        """Records a layer, and no more after one whose links lead to later layers."""
        self._is_recorded = self._is_recorded and is_whole
        if self._is_recorded:
            with self._journal.open("a", encoding="utf-8") as journal:
                journal.write(f"{digest}\n")


class _Layer:
    """One layer as a stream that continues where the connection broke off, and counts and checks what came."""

    def __init__(self, job: Job, registry: ImageRegistry, layer: dict[str, Any]) -> None:
        self._job, self._registry = job, registry
        self.digest: str = layer["digest"]
        self._media_type: str = layer.get("mediaType", "")
        self._title: str = (layer.get("annotations") or {}).get(_TITLE, "")
        self._hash = hashlib.new(self.digest.partition(":")[0], usedforsecurity=False)
        self._chunks, self._waiting = self._read(), b""

    def unpack(self, into: Unpacked) -> None:
        """Writes the files of the layer. Raises `Failure` if its digest is wrong."""
        if "tar" in self._media_type or not self._title:
            if "tar" not in self._media_type:
                return  # such as an attestation
            tar_streams.unpack(self, into)
        else:
            into.write(PREFIX + checked_path(self._title), self)
        for _ in iter(lambda: self.read(2**20), b""):
            pass
        if (found := self._hash.hexdigest()) != self.digest.partition(":")[2]:
            cause = f"The layer {self.digest} of {self._job.uri} is damaged: its digest is {found}"
            raise Failure(cause, "Push the image again.")

    def read(self, size: int = 2**18, /) -> bytes:
        """Returns the next bytes, at most `size`; empty at the end."""
        if not self._waiting:
            self._waiting = next(self._chunks, b"")
        taken, self._waiting = self._waiting[:size], self._waiting[size:]
        return taken

    def _read(self) -> Iterator[bytes]:
        position = 0
        patience = Patience(f"The layer {self.digest} of {self._job.uri}", self._job.settings)
        while True:
            try:
                for chunk in self._registry.blob(self.digest, position):
                    position += len(chunk)
                    self._hash.update(chunk)
                    self._job.progress.add(len(chunk))
                    patience.brought(len(chunk))
                    yield chunk
                return
            except Interrupted as interruption:
                failures = patience.failed(interruption)
                logger.info("%s: %s; it goes on at byte %s.", self.digest, interruption, position)
                self._job.fetcher.wait(failures, interruption)
