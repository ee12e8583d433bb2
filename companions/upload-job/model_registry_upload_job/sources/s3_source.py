"""The objects of a folder in an S3 bucket, or one object."""

from collections.abc import Iterator, Sequence
from functools import cached_property, partial
from pathlib import Path, PurePosixPath
from typing import Any

from obstore.exceptions import BaseError
from obstore.store import S3Store

from model_registry_upload_job.parallel import run_all
from model_registry_upload_job.problems import UploadError
from model_registry_upload_job.retrying import BrokenOffError, unless_stalled
from model_registry_upload_job.s3 import Bucket
from model_registry_upload_job.sources.remote import Reading, RemoteFile

_AT_ONCE = 16
_LEAST = 1
_PASSING = ("error sending request", "SlowDown", "code: 429", "code: 500", "code: 503", " 429 ", " 500 ", " 503 ")


class S3Source:
    """Objects below a key. A key names a folder, whose neighbours with a longer name do not count."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket
        self._folder = bucket.key

    @property
    def name(self) -> str:
        """The address."""
        return self._bucket.uri

    @cached_property
    def _store(self) -> S3Store:
        return self._bucket.open()

    def files(self) -> Sequence[RemoteFile]:
        """Lists the objects. Objects that only mark a folder are left out."""
        try:
            listed = [entry for page in self._store.list(prefix=self._folder or None) for entry in page]
            markers = self._markers(listed)
            found = [entry for entry in listed if entry["path"] not in markers]
            if not found and (one := self._one_object()):
                self._folder = self._folder.rpartition("/")[0]
                found = [one]
        except BaseError as error:
            raise self._bucket.problem("cannot be listed", error) from error
        if not found:
            raise UploadError(f"There is nothing at {self.name}.", "Check the bucket and the key of the source.")
        return [RemoteFile(self._path(entry), entry["size"], entry["e_tag"]) for entry in found]

    def _markers(self, listed: Sequence[Any]) -> set[str]:
        """The paths of objects that only mark a folder: their keys end with a slash, which the list leaves out."""
        parents = {str(parent) for entry in listed for parent in PurePosixPath(entry["path"]).parents}
        empty = [entry["path"] for entry in listed if entry["size"] == 0 and entry["path"] not in parents]
        heads = run_all([partial(self._head, path) for path in empty], _AT_ONCE, lambda: None)
        without_object = {path for path, head in zip(empty, heads, strict=True) if head is None}
        return without_object | {entry["path"] for entry in listed if entry["path"] in parents} | {self._folder}

    def _one_object(self) -> Any:
        return self._head(self._folder) if self._folder else None

    def _head(self, key: str) -> Any:
        try:
            return self._store.head(key)
        except FileNotFoundError:
            return None

    def _path(self, entry: Any) -> str:
        path = entry["path"].removeprefix(f"{self._folder}/" if self._folder else "")
        if ".." in PurePosixPath(path).parts:
            raise UploadError(f"The key {entry['path']!r} would be written outside the folder.", "Rename the object.")
        return str(path)

    def read(self, file: RemoteFile, offset: int) -> Reading:
        """Reads an object from a byte on, if it is still the one that was listed."""
        key = f"{self._folder}/{file.path}".lstrip("/")
        options: dict[str, Any] = {"if_match": file.mark} if file.mark else {}
        if offset:
            options["range"] = {"offset": offset}
        try:
            result = self._store.get(key, options=options)  # type: ignore[arg-type]
        except (BaseError, FileNotFoundError) as error:
            raise self._failure(file, error) from error
        return Reading(offset, self._chunks(file, result))

    def _chunks(self, file: RemoteFile, result: Any) -> Iterator[bytes]:
        try:
            yield from unless_stalled(map(bytes, result.stream(min_chunk_size=_LEAST)), f"{file.path} of {self.name}")
        except (BaseError, OSError) as error:
            raise BrokenOffError(f"The transfer of {file.path} from {self.name} was cut") from error

    def _failure(self, file: RemoteFile, error: Exception) -> Exception:
        problem = self._bucket.problem(f"cannot be read at {file.path}", error)
        is_passing = any(sign in str(error) for sign in _PASSING)
        return BrokenOffError(problem.cause) if is_passing and "404" not in str(error) else problem

    def arrange(self, fetched: Path, folder: Path) -> Path:  # noqa: ARG002 (objects stay as they are)
        """Leaves objects as they are: an archive in a bucket is copied, not unpacked."""
        return fetched
