"""The server that a command uses, and its token."""

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
"""Shorter than the default of the client, because a person is waiting."""


@dataclass(frozen=True)
class Connection:
    """A server and its credentials.

    Attributes:
        server: The address.
        source: Where the address comes from, in words for messages.
        token: The Bearer token.
        token_file: A file with the token.
        ca: A file with PEM certificates to trust.
        insecure: Whether the server's certificate is not checked.
        timeout: Seconds to wait for a response.
    """

    server: str
    source: str
    token: str | None = None
    token_file: str | None = None
    ca: str | None = None
    insecure: bool = False
    timeout: float = 30.0

    def open(self, retries: RetryPolicy = RETRIES) -> Registry:
        """Returns a registry. No request is sent. Raises `InvalidValue` if the address or a file cannot be used."""
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
        """Returns the transport of an export or import. No request is sent.

        The address has the form that `model-registry` uses, so that each of the two commands can continue the other's files.

        Args:
            patience: Seconds that the server may be unreachable before a request fails.

        Raises:
            InvalidValue: The address or a file cannot be used.
        """
        from model_registry_client.transfer.rest import Rest  # noqa: PLC0415 (most commands do not need it)

        return Rest(
            str(httpx.URL(root_url(self.server))),
            token=find_token(self.token, self.token_file),
            ca=self.ca,
            insecure=self.insecure,
            patience=patience,
            timeout=self.timeout,
        )


def choose(options: Mapping[str, Any]) -> Connection:
    """Chooses the connection: from the flags, else from the environment, else from the file of contexts.

    The token of a context is sent to the server of this context and to no other. A server from a flag or the environment, and a
    context without a token, get the token of the flag or the environment.

    Args:
        options: The values of the common flags.

    Raises:
        Problem: There is no context of this name.
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
