"""Checksums that S3 keeps of objects in addition to the ETag: asked by a HEAD, since obstore does not show them."""

import base64
import binascii
from datetime import UTC, datetime, timedelta

import httpx
import obstore
from obstore.exceptions import BaseError

from model_registry_storage_initializer.sources.signatures import Keys, signed
from model_registry_storage_initializer.sources.stores import Bucket

KINDS = ("sha256", "crc64nvme", "crc32c", "crc32", "sha1")
"""The kinds of checksums that are compared, the best one first."""
_HEADER, _MODE = "x-amz-checksum-", {"x-amz-checksum-mode": "ENABLED"}
_SIGNED_FOR = timedelta(minutes=5)
_SECONDS = 30
_OTHER_DIGESTS = ("x-amz-server-side-encryption-customer-algorithm", "x-amz-server-side-encryption-aws-kms-key-id")
"""Headers of objects whose ETag is no MD5."""


def checksum(bucket: Bucket, name: str) -> tuple[str, str] | None:
    """Returns kind and hex of a checksum of a whole object.

    `None` if S3 has none, such as for parts only; if it cannot be asked; or if the pod has no keys but a role.
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
        headers = _MODE if is_open else signed("HEAD", url, _MODE, keys, datetime.now(UTC))
        answer = httpx.head(url, headers=headers, verify=bucket.verify, timeout=_SECONDS)
    except (BaseError, httpx.HTTPError, ValueError):
        return None
    if not answer.is_success or answer.headers.get(f"{_HEADER}type", "").upper() == "COMPOSITE":
        return None
    found = ((kind, _hex(answer.headers.get(_HEADER + kind, ""))) for kind in KINDS)
    return next(((kind, value) for kind, value in found if value), None)


def is_etag_no_md5(bucket: Bucket, name: str) -> bool:
    """Whether an object is encrypted so that its ETag is no MD5. Only asked when the MD5 differs."""
    try:
        url = obstore.sign(bucket.store, "HEAD", name, _SIGNED_FOR)
        answer = httpx.head(url, verify=bucket.verify, timeout=_SECONDS)
    except (BaseError, httpx.HTTPError, ValueError):
        return False
    return "aws:kms" in answer.headers.get("x-amz-server-side-encryption", "") or any(
        header in answer.headers for header in _OTHER_DIGESTS
    )


def _hex(text: str) -> str:
    """A checksum as hex; empty for one of parts (it ends in their number) or for none."""
    try:
        return base64.b64decode(text, validate=True).hex()
    except binascii.Error:
        return ""
