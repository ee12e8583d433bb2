"""Files as objects of an S3 bucket."""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property, partial
from pathlib import PurePosixPath
from urllib.parse import urlencode

from obstore.exceptions import BaseError
from obstore.store import S3Store

from model_registry_upload_job.allowance import Allowance
from model_registry_upload_job.destinations.uploaded import Uploaded
from model_registry_upload_job.model_files import ModelFile
from model_registry_upload_job.parallel import run_all
from model_registry_upload_job.problems import UploadError
from model_registry_upload_job.s3 import Bucket

log = logging.getLogger(__name__)
_AT_ONCE = 8
_PART = 6 * 2**20
_PARTS_AT_ONCE = 2
_MEMORY = 36 * 2**20
"""The bytes that all transfers together may hold."""
_MOST_PARTS = 9_000
_SHA256 = "sha256"
_PROBE = ".model-registry-upload-probe"


class S3Destination:
    """A folder of an S3 bucket.

    Args:
        bucket: The bucket and the folder.
        note: Gets the number of bytes of each part that is sent, or was there.
    """

    def __init__(self, bucket: Bucket, note: Callable[[int], None]) -> None:
        self._bucket, self._note = bucket, note
        self._lock = threading.Lock()
        self._sent = 0
        self._is_over = threading.Event()
        self._allowance = Allowance(_MEMORY)

    @cached_property
    def _store(self) -> S3Store:
        return self._bucket.open(writes=True)

    @property
    def name(self) -> str:
        """The address."""
        return self._bucket.uri

    @property
    def uri(self) -> str:
        """The address with the endpoint and the region, as Kubeflow's Python client writes it."""
        asked = {"endpoint": self._bucket.server, "defaultRegion": self._bucket.region}
        query = urlencode({name: value for name, value in asked.items() if value}, safe=":/")
        return f"{self.name}?{query}" if self._bucket.server else self.name

    def check(self) -> None:
        """Writes an empty object and deletes it. Raises `UploadError` if that fails."""
        try:
            self._store.put(self._key(_PROBE), b"")
            self._store.delete(self._key(_PROBE))
        except (BaseError, OSError) as error:
            raise self._bucket.problem("cannot be written", error) from error

    def put(self, files: Sequence[ModelFile], note_read: Callable[[int], None]) -> Uploaded:
        """Sends files, 8 at a time, and none that is there. Returns the address and the SHA-256 of each file.

        Raises:
            UploadError: The folder has files that are no part of the model, or one cannot be written.
        """
        self._refuse_others({self._key(file.path) for file in files})
        actions = [partial(self._put, file, note_read) for file in files]
        found = run_all(actions, _AT_ONCE, self._is_over.set)
        hashes = {file.path: digest for file, digest in zip(files, found, strict=True)}
        log.info("%s has all %d files; %d bytes were sent", self.name, len(files), self._sent)
        return Uploaded(self.uri, hashes, self._sent, sum(file.size for file in files))

    def _refuse_others(self, ours: AbstractSet[str]) -> None:
        """Looks for files of another upload: the folder would be read with them."""
        folders = {str(parent) for key in ours for parent in PurePosixPath(key).parents}
        try:
            listed = [each["path"] for page in self._store.list(prefix=self._bucket.key or None) for each in page]
        except BaseError as error:
            raise self._bucket.problem("cannot be listed", error) from error
        others = [path for path in listed if path not in ours and path not in folders and path != self._key(_PROBE)]
        if others:
            raise UploadError(
                f"{self.name} has {len(others)} files that are no part of the model, such as {others[0]}.",
                "Name another folder, or delete them: readers would get them as files of the model.",
            )

    def abandon(self) -> None:
        """Does nothing: an unfinished object is not there for readers."""

    def _key(self, path: str) -> str:
        return f"{self._bucket.key}/{path}".lstrip("/")

    def _put(self, file: ModelFile, note_read: Callable[[int], None]) -> str:
        digest = file.sha256(note_read)
        key = self._key(file.path)
        try:
            if self._is_there(key, file.size, digest):
                self._note(file.size)
                return digest
            self._send(file, key, digest)
        except (BaseError, OSError) as error:
            raise self._bucket.problem(f"cannot be written at {file.path}", error) from error
        return digest

    def _send(self, file: ModelFile, key: str, digest: str) -> None:
        part = max(_PART, -(-file.size // _MOST_PARTS))
        attributes: dict[str, str] = {_SHA256: digest}
        if file.size <= part:
            with self._allowance.taking(2 * file.size):
                self._store.put(key, b"".join(self._unless_over(file)), attributes=attributes)
            self._count(file.size)
            return
        with self._allowance.taking(part * (_PARTS_AT_ONCE + 1)):
            chunks = self._counted(file)
            self._store.put(key, chunks, attributes=attributes, chunk_size=part, max_concurrency=_PARTS_AT_ONCE)

    def _is_there(self, key: str, size: int, digest: str) -> bool:
        try:
            found = self._store.get(key, options={"head": True})
        except FileNotFoundError:
            return False
        return bool(found.meta["size"] == size and found.attributes.get(_SHA256) == digest)

    def _counted(self, file: ModelFile) -> Iterator[bytes]:
        for chunk in self._unless_over(file):
            yield chunk
            self._count(len(chunk))

    def _unless_over(self, file: ModelFile) -> Iterator[bytes]:
        for chunk in file.chunks():
            if self._is_over.is_set():
                raise UploadError(f"{file.path} was left unfinished, because another file failed.")
            yield chunk

    def _count(self, size: int) -> None:
        with self._lock:
            self._sent += size
        self._note(size)
