"""A bucket of Amazon S3, or of another server that speaks its protocol."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from obstore.exceptions import BaseError
from obstore.store import S3Store

from model_registry_upload_job.problems import UploadError
from model_registry_upload_job.retrying import STALL_SECONDS

CONNECT_TIMEOUT = "10s"
READ_TIMEOUT = f"{STALL_SECONDS:.0f}s"
"""How long a server may send nothing. An object as a whole may take as long as it needs."""
WRITE_TIMEOUT = "300s"
"""How long one request that writes may take: it has at most one part of an object."""
_RETRIES = 8
_DEFAULT_REGION = "us-east-1"


@dataclass(frozen=True)
class Bucket:
    """Where a bucket is, and the keys for it.

    Attributes:
        name: The bucket.
        key: The key of an object, or a folder; without a slash at its ends.
        endpoint: The URL of the server; empty for Amazon's.
        region: The region; empty for the usual one.
        secrets: Access key, secret key and session token, by the names of `S3Store`. Empty: from the environment.
    """

    name: str
    key: str
    endpoint: str = ""
    region: str = ""
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def uri(self) -> str:
        """The address as `s3://bucket/key`."""
        return f"s3://{self.name}/{self.key}".rstrip("/")

    @property
    def server(self) -> str:
        """The URL of the server, by the environment if nothing else says it; empty for Amazon's."""
        return self.endpoint or os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or ""

    def open(self, *, writes: bool = False) -> S3Store:
        """Returns the bucket, with time limits for reading or for writing. No request is sent.

        Raises `UploadError` if its name or the endpoint cannot be used.
        """
        endpoint = self.server
        region = self.region or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or _DEFAULT_REGION
        if endpoint and not endpoint.startswith(("http://", "https://")):
            raise UploadError(f"The S3 endpoint must begin with http:// or https://; got {endpoint!r}.")
        options: dict[str, str] = dict(self.secrets)
        if endpoint:
            options["endpoint"] = endpoint.rstrip("/")
        client: dict[str, str | bool] = {
            "allow_http": endpoint.startswith("http://"),
            "connect_timeout": CONNECT_TIMEOUT,
            **({"timeout": WRITE_TIMEOUT} if writes else {"timeout": "12h", "read_timeout": READ_TIMEOUT}),
        }
        if bundle := os.environ.get("AWS_CA_BUNDLE"):
            client["root_certificate"] = _text(bundle)
        try:
            return S3Store(
                self.name,
                region=region,
                virtual_hosted_style_request=not endpoint,
                client_options=client,  # type: ignore[arg-type]
                retry_config={"max_retries": _RETRIES, "retry_timeout": timedelta(minutes=10)},
                **options,  # type: ignore[arg-type]
            )
        except (BaseError, ValueError) as error:
            raise self.problem("cannot be used", error) from error

    def problem(self, what: str, error: Exception) -> UploadError:
        """Returns the error for a failed request, in one line with a remedy."""
        text = " ".join(str(error).partition("Debug source")[0].split())
        remedy = next(
            (remedy for sign, remedy in _REMEDIES if sign in text), "Check the bucket, the endpoint and the keys."
        )
        return UploadError(f"{self.uri} {what}: {_short(text)}", remedy)


_REMEDIES = (
    ("169.254.169.254", "No keys were given, and this machine has none: set the access key and the secret key."),
    ("NoSuchBucket", "Check the name of the bucket, and the endpoint."),
    ("InvalidAccessKeyId", "Check the access key."),
    ("SignatureDoesNotMatch", "Check the secret key."),
    ("AccessDenied", "Allow these keys to list and read, or to write, in this bucket."),
    ("error sending request", "Check the endpoint, and whether it can be reached from here."),
)
_LONGEST = 400


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."


def _text(file: str) -> str:
    try:
        with open(file, encoding="utf-8") as opened:  # noqa: PTH123
            return opened.read()
    except OSError as error:
        raise UploadError(f"The certificates of AWS_CA_BUNDLE cannot be read: {error}.") from error
