"""Other storages, by KServe's own library, where the extra `kserve` is installed."""

import importlib.util
import os

from model_registry_storage_initializer.errors import Failure
from model_registry_storage_initializer.http_clients import trusted_file
from model_registry_storage_initializer.sources.protocol import Job

_TRUSTED = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "GIT_SSL_CAINFO")
"""The variables by which its libraries take certificates of authorities."""


def fetch(job: Job) -> None:
    """Fetches a URI by kserve-storage. Raises `Failure` where that is not installed, or where it fails."""
    scheme = job.uri.partition("://")[0]
    if importlib.util.find_spec("kserve_storage") is None:
        raise Failure(
            f"{scheme}:// is not supported by this image: {job.uri}",
            'Use an image with the extra "kserve", or move the files to s3, gs, az, http(s), hf or oci.',
        )
    from kserve_storage import Storage  # type: ignore[import-not-found, import-untyped, unused-ignore] # noqa: PLC0415

    os.environ |= job.environment.values
    if trusted := trusted_file(job.environment, job.staging.work):
        os.environ |= dict.fromkeys(_TRUSTED, trusted)
    try:
        Storage.download(job.uri, str(job.staging.files))
    except ImportError as error:
        cause = f"{scheme}:// needs the Python package {error.name}, which this image lacks: {job.uri}"
        raise Failure(cause, "Use an image with this package, or move the files elsewhere.") from error
    except Exception as error:  # it raises whatever its libraries raise
        raise Failure(f"{job.uri} cannot be fetched: {error}", "Check its uri and credentials.") from error
