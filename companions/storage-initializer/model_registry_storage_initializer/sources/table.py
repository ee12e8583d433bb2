"""Which module fetches from which kind of URI."""

import re
from collections.abc import Callable

from model_registry_storage_initializer.errors import Failure
from model_registry_storage_initializer.sources import buckets, hub, kserve, local, oci, web
from model_registry_storage_initializer.sources.protocol import Job

BY_SCHEME: dict[str, Callable[[Job], None]] = {
    "s3": buckets.fetch,
    "gs": buckets.fetch,
    "gcs": buckets.fetch,
    "az": buckets.fetch,
    "azure": buckets.fetch,
    "adl": buckets.fetch,
    "abfs": buckets.fetch,
    "abfss": buckets.fetch,
    "wasb": buckets.fetch,
    "wasbs": buckets.fetch,
    "http": web.fetch,
    "https": web.fetch,
    "hf": hub.fetch,
    "file": local.fetch,
    "oci": oci.fetch,
    "pvc": local.fetch_volume,
    "hdfs": kserve.fetch,
    "webhdfs": kserve.fetch,
    "git": kserve.fetch,
    "modelscope": kserve.fetch,
}
BY_HOST: dict[re.Pattern[str], Callable[[Job], None]] = {
    re.compile(r"https://[^/]+\.blob\.core\.[a-z.]+/[^/]+/.+"): buckets.fetch,
    re.compile(r"https://[^/]+\.file\.core\.[a-z.]+/.+"): kserve.fetch,
    re.compile(r"https://[^?]+\.git(?:[@?#].*)?"): kserve.fetch,
}
"""URIs of https that are more than a file."""


def source(uri: str) -> Callable[[Job], None]:
    """Returns what fetches a URI. Raises `Failure` for a scheme that is not known."""
    for pattern, fetch in BY_HOST.items():
        if pattern.fullmatch(uri):
            return fetch
    scheme, found, _ = uri.partition("://")
    if not found or scheme.lower() not in BY_SCHEME:
        raise Failure(f'The uri "{uri}" has no known scheme', f"Known ones are: {', '.join(BY_SCHEME)}.")
    return BY_SCHEME[scheme.lower()]
