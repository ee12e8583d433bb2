"""Checksums that S3 keeps of objects in addition to the ETag: asked by a HEAD, since obstore does not show them."""

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial

import httpx
import obstore
from obstore.exceptions import BaseError

from model_registry_storage_initializer.remote_files import Expected
from model_registry_storage_initializer.sources.signatures import Keys, signed
from model_registry_storage_initializer.sources.stores import Bucket

KINDS = ("sha256", "crc64nvme", "crc32c", "crc32", "sha1")
"""The kinds of checksums that are compared, the best one first."""
_HEADER, _MODE = "x-amz-checksum-", {"x-amz-checksum-mode": "ENABLED"}
_OF_PARTS = re.compile(r"(?P<digest>.+)-(?P<number>[1-9]\d*)")
_SIGNED_FOR = timedelta(minutes=5)
_SECONDS = 30
_OTHER_DIGESTS = ("x-amz-server-side-encryption-customer-algorithm", "x-amz-server-side-encryption-aws-kms-key-id")
"""Headers of objects whose ETag is no MD5."""

Ask = Callable[[str], Mapping[str, str]]
"""Asks for the headers of an object; takes the query."""


def checksum(bucket: Bucket, name: str, size: int) -> Expected | None:
    """Returns a checksum of an object: of the whole, or of the checksums of its parts.

    `None` if S3 has none, if it cannot be asked, or if the pod has no keys but a role.
    """
    config = bucket.store.config
    keys = Keys(
        name=config.get("access_key_id", ""),
        secret=config.get("secret_access_key", ""),
        token=config.get("session_token", ""),
        region=config.get("region", "us-east-1"),
    )
    is_open = str(config.get("skip_signature", "")).lower() == "true"
    if not (is_open or keys.name):
        return None
    try:
        url = obstore.sign(bucket.store, "HEAD", name, _SIGNED_FOR).partition("?")[0]
        return stated(partial(_headers, bucket, url, None if is_open else keys), size)
    except (BaseError, httpx.HTTPError, ValueError):
        return None


def is_etag_no_md5(bucket: Bucket, name: str) -> bool:
    """Whether an object is encrypted so that its ETag is no MD5. Only asked when the MD5 differs."""
    try:
        url = obstore.sign(bucket.store, "HEAD", name, _SIGNED_FOR)
        answer = httpx.head(url, verify=bucket.verify, timeout=_SECONDS)
    except (BaseError, httpx.HTTPError, ValueError):
        return False
    return _is_encrypted(answer.headers)


def stated(ask: Ask, size: int) -> Expected | None:
    """Returns the best checksum that the headers of an object of this size in bytes state; `None` without one."""
    headers = ask("")
    etag = _OF_PARTS.fullmatch(headers.get("etag", "").strip('"'))
    is_whole = headers.get(f"{_HEADER}type", "" if etag else "FULL_OBJECT").upper() == "FULL_OBJECT"
    for kind in KINDS:
        text = headers.get(_HEADER + kind, "")
        if (digest := _hex(text)) and (is_whole or kind == "crc64nvme"):
            return Expected(kind, digest)
        if (named := _OF_PARTS.fullmatch(text)) and (digest := _hex(named["digest"])):
            return _of_parts(ask, kind, digest, int(named["number"]), size)
    return (
        _of_parts(ask, "md5", etag["digest"], int(etag["number"]), size)
        if etag and not _is_encrypted(headers)
        else None
    )


def _headers(bucket: Bucket, url: str, keys: Keys | None, query: str) -> Mapping[str, str]:
    asked = f"{url}?{query}" if query else url
    headers = signed("HEAD", asked, _MODE, keys, datetime.now(UTC)) if keys else _MODE
    return httpx.head(asked, headers=headers, verify=bucket.verify, timeout=_SECONDS).raise_for_status().headers


def _of_parts(ask: Ask, kind: str, digest: str, number: int, size: int) -> Expected | None:
    """The checksum of checksums, if the parts have one size, as those of usual programs do; the last one may be smaller."""
    first = int(ask("partNumber=1").get("content-length", "0"))
    if not 0 < first <= size or -(-size // first) != number:
        return None
    return Expected(kind, f"{digest}-{number}", first, partial(_are_uneven, ask, first, number))


def _are_uneven(ask: Ask, size: int, number: int) -> bool:
    """Whether the parts have more than one size. Only asked when the checksum differs."""
    try:
        sizes = (ask(f"partNumber={each}").get("content-length", "") for each in range(2, number))
        return any(each != str(size) for each in sizes)
    except httpx.HTTPError:
        return True


def _is_encrypted(headers: Mapping[str, str]) -> bool:
    return "aws:kms" in headers.get("x-amz-server-side-encryption", "") or any(
        name in headers for name in _OTHER_DIGESTS
    )


def _hex(text: str) -> str:
    """A checksum as hex; empty if it is not in base64."""
    try:
        return base64.b64decode(text, validate=True).hex()
    except binascii.Error:
        return ""
