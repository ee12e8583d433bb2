"""HTTP clients with the certificates, proxies and time limits of the operator."""

import ssl
from collections.abc import Mapping
from pathlib import Path

import certifi
import httpx
from model_registry_client.retries import retry_after as _retry_after

from model_registry_storage_initializer.environment import Environment
from model_registry_storage_initializer.settings import Settings

PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Statuses after which a GET is sent again."""


def client(environment: Environment, settings: Settings, *, is_checked: bool = True) -> httpx.Client:
    """Returns a client that follows no redirects. `is_checked` says whether certificates are checked."""
    return httpx.Client(
        verify=trusted(environment) if is_checked else False,
        timeout=httpx.Timeout(settings.stall, connect=10.0, pool=None),
        limits=httpx.Limits(max_connections=settings.threads + 2, max_keepalive_connections=settings.threads),
        headers={"User-Agent": "model-registry-storage-initializer", "Accept-Encoding": "identity"},
    )


def trusted(environment: Environment) -> ssl.SSLContext:
    """Returns what is trusted: the public authorities, and those of the operator."""
    context = httpx.create_ssl_context()
    if bundle := environment.certificates():
        context.load_verify_locations(bundle)
    return context


def trusted_file(environment: Environment, folder: Path) -> str:
    """Writes what is trusted into one file, for libraries that trust one file only; returns its path, empty if there is no need."""
    if not (bundle := environment.certificates()):
        return ""
    both = folder / "certificates.pem"
    both.write_bytes(Path(certifi.where()).read_bytes() + b"\n" + bundle.read_bytes())
    return str(both)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Returns the seconds that a server asks to wait; `None` if it does not."""
    return _retry_after(headers)
