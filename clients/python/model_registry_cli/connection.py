"""Which server a command speaks to, and with what token."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
from model_registry_client import Registry, RetryPolicy
from model_registry_client.addresses import root_url
from model_registry_client.credentials import find_token

from model_registry_cli import contexts

if TYPE_CHECKING:
    from model_registry_client.transfer.rest import Rest

DEFAULT_SERVER = "http://localhost:8080"
SERVER_VARIABLE = "MODEL_REGISTRY_URL"
RETRIES = RetryPolicy(attempts=3, first_pause=0.2, longest_pause=2.0, longest_retry_after=10.0)
"""Somebody waits before the screen."""


@dataclass(frozen=True)
class Connection:
    """A server, who told of it, and how to be let in."""

    server: str
    source: str
    token: str | None = None
    token_file: str | None = None
    ca: str | None = None
    insecure: bool = False
    timeout: float = 30.0

    def open(self, retries: RetryPolicy = RETRIES) -> Registry:
        """A registry. Nothing is sent yet. Raises `InvalidValue` for an address or a file that cannot be used."""
        return Registry(
            self.server,
            token=self.token,
            token_file=self.token_file,
            custom_ca=self.ca,
            is_secure=False if self.insecure else None,
            timeout=self.timeout,
            retries=retries,
            headers={"User-Agent": "mr (model-registry-client)"},
        )

    def rest(self, patience: float) -> "Rest":
        """The server for an export or import, which wait for it for `patience` seconds. Raises `InvalidValue` as `open`.

        The address is written as `model-registry` writes it, so that either command goes on with the other's files.
        """
        from model_registry_client.transfer.rest import Rest  # noqa: PLC0415 (most commands need none)

        return Rest(
            str(httpx.URL(root_url(self.server))),
            token=find_token(self.token, self.token_file),
            ca=self.ca,
            insecure=self.insecure,
            patience=patience,
            timeout=self.timeout,
        )


def choose(options: Mapping[str, Any]) -> Connection:
    """The connection that flags, the environment and the file of contexts tell, in this order.

    A context's token goes to the context's server and to no other: a server named by flag or environment gets the token of the
    flag or of the environment, as does a context without one. Raises `Problem` for a context that is not there.
    """
    given = {name: options[name] for name in ("token_file", "ca", "insecure", "timeout") if options.get(name)}
    if server := options.get("server"):
        return Connection(server, "--server", **given)
    if name := options.get("context"):
        return _of_context(name, "--context", given)
    if server := os.environ.get(SERVER_VARIABLE):
        return Connection(server, SERVER_VARIABLE, **given)
    if name := contexts.load().current:
        return _of_context(name, "the context in use", given)
    return Connection(DEFAULT_SERVER, "the default", **given)


def _of_context(name: str, how: str, given: Mapping[str, Any]) -> Connection:
    fields = contexts.load().named(name).set_fields()
    if "token_file" in given:
        fields.pop("token", None)
    return Connection(source=f"{how}, {name!r}", **{**fields, **given})
