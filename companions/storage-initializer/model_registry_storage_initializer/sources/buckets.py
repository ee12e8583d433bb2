"""Objects of S3, Google Cloud Storage and Azure, by obstore."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import obstore
from obstore.exceptions import (
    BaseError,
    InvalidPathError,
    PermissionDeniedError,
    PreconditionError,
    UnauthenticatedError,
)

from model_registry_storage_initializer.errors import Changed, Failure, Interrupted
from model_registry_storage_initializer.remote_files import Chunk, RemoteFile, checked_path
from model_registry_storage_initializer.sources import archives
from model_registry_storage_initializer.sources.protocol import Job
from model_registry_storage_initializer.sources.s3_checksums import checksum, is_etag_no_md5
from model_registry_storage_initializer.sources.stores import Bucket, opened

_CHUNK = 2**18
_MD5 = re.compile(r'"?([0-9a-f]{32})"?')
_QUOTED = re.compile(r'"[^"]*"')


@dataclass(frozen=True)
class Objects:
    """The objects below a prefix, or the single one of this name."""

    bucket: Bucket
    listed: list[dict[str, Any]]
    is_single: bool


def fetch(job: Job) -> None:
    """Fetches the objects that a URI names into the staging folder. An archive that is the only object is unpacked.

    Raises:
        Failure: There are none, they cannot be read, or one is wrong.
    """
    bucket = opened(job.uri, job.environment, job.settings)
    try:
        found = _listed(bucket)
        files = [file for each in found.listed if (file := _file(each, found, job))]
        if not files:
            raise Failure(f"{job.uri} has no objects that the patterns choose", "Correct STORAGE_ALLOW_PATTERNS.")
        archive = archives.kind(files[0].path) if len(files) == 1 else None
        if archive:
            archives.fetch_and_unpack(job, files[0], archive)
        else:
            job.fetcher.fetch(files)
    except (BaseError, OSError) as error:
        raise failure(error, bucket) from error


def failure(error: Exception, bucket: Bucket) -> Failure:
    """Returns the failure for an error of obstore."""
    text = _short(error)
    if isinstance(error, FileNotFoundError) or "NoSuchBucket" in text:
        return Failure(f"{bucket.uri} does not exist: {text}", "Correct the uri of the artifact.")
    if isinstance(error, PermissionDeniedError | UnauthenticatedError | PermissionError):
        return Failure(f"{bucket.uri} may not be read: {text}", f"Give the pod credentials: {bucket.credentials}.")
    if isinstance(error, InvalidPathError):
        name = _QUOTED.search(text)
        return Failure(
            f"{bucket.uri} has an object {name[0] if name else text} whose name is no path: a part of it is empty, . or .., or"
            " holds a control character",
            "Rename it at its source, or remove it if it only marks a folder.",
        )
    if isinstance(error, OSError) and error.errno:
        return Failure(
            f"{error.strerror}: {error.filename or 'the destination'}", "Check the volume of the destination."
        )
    return Failure(f"{bucket.uri} cannot be read: {text}", f"Check the endpoint, the region and {bucket.credentials}.")


def _listed(bucket: Bucket) -> Objects:
    """Lists the objects below the prefix; a prefix ends at a slash. Without any, the object of this name is looked up."""
    listed = [dict(each) for chunk in obstore.list(bucket.store, prefix=bucket.path or None) for each in chunk]
    if real := _without_folders(bucket, listed):
        return Objects(bucket, real, is_single=False)
    if not bucket.path or bucket.is_folder:
        raise Failure(f"{bucket.uri} has no objects", "Correct the uri of the artifact, or upload the files.")
    try:
        return Objects(bucket, [dict(obstore.head(bucket.store, bucket.path))], is_single=True)
    except FileNotFoundError:
        raise Failure(
            f"{bucket.uri} has no objects, and is none", "Correct the uri of the artifact, or upload the files."
        ) from None


def _without_folders(bucket: Bucket, listed: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leaves out objects that only mark a folder: their names end in a slash, which the listed name lacks.

    So the listed name is looked up; another object may have it.
    """
    empty = [each["path"] for each in listed if not each["size"]]
    with ThreadPoolExecutor(8) as pool:
        looked_up = dict(zip(empty, pool.map(partial(_looked_up, bucket), empty), strict=True))
    found = {each["path"]: looked_up.get(each["path"], each) for each in listed}
    return [each for each in found.values() if each]


def _looked_up(bucket: Bucket, path: str) -> dict[str, Any] | None:
    try:
        return dict(obstore.head(bucket.store, path))
    except FileNotFoundError:
        return None


def _file(each: dict[str, Any], found: Objects, job: Job) -> RemoteFile | None:
    name = each["path"]
    prefix = name.rpartition("/")[0] if found.is_single else found.bucket.path
    path = checked_path(name.removeprefix(prefix).lstrip("/"))
    if not job.is_wanted(path):
        return None
    mark = each.get("e_tag") or f"{each['last_modified'].timestamp()} {each['size']}"
    md5 = _MD5.fullmatch(each.get("e_tag") or "") if found.bucket.has_md5 else None
    return RemoteFile(
        path,
        each["size"],
        mark,
        partial(_read, found.bucket, name, each.get("e_tag")),
        md5=md5[1] if md5 else "",
        sha256=job.digest(path, is_only=len(found.listed) == 1),
        checksum=partial(checksum, found.bucket, name, each["size"]) if found.bucket.has_md5 else lambda: None,
        excuse=partial(is_etag_no_md5, found.bucket, name),
    )


def _read(bucket: Bucket, name: str, e_tag: str | None, start: int, end: int | None) -> Iterator[Chunk]:
    options: obstore.GetOptions = {"if_match": e_tag} if e_tag else {}
    if start or end is not None:
        options["range"] = (start, end) if end is not None else {"offset": start}
    try:
        for chunk in obstore.get(bucket.store, name, options=options).stream(min_chunk_size=_CHUNK):
            yield memoryview(chunk)
    except PreconditionError:
        raise Changed from None
    except FileNotFoundError as error:
        cause = f'The object "{name}" of {bucket.uri} is not there any more, or its name ends in a slash'
        raise Failure(cause, "Start again, or rename it at its source.") from error
    except (PermissionDeniedError, UnauthenticatedError) as error:
        raise failure(error, bucket) from error
    except BaseError as error:
        raise Interrupted(_short(error)) from error


def _short(error: Exception) -> str:
    """The first sentence of an error of obstore, without its debug output."""
    text = str(error).partition("\n\nDebug source")[0]
    code = re.search(r"<Code>([^<]+)</Code>(?:.*?<Message>([^<]*)</Message>)?", text, re.DOTALL)
    reason = f" {code[1]}: {code[2] or ''}" if code else ""
    return " ".join(text.partition("<?xml")[0].split())[:400] + reason
