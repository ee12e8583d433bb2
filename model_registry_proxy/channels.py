"""Where MLMD is, and the way to it: an MLMD server by address, or the embedded engine, started for the occasion."""

from collections.abc import Iterator
from contextlib import contextmanager

import grpc.aio

from model_registry_proxy.embedded_mlmd import EmbeddedMlmd
from model_registry_proxy.security.tls import MlmdTls
from model_registry_proxy.settings import Settings

MAX_MESSAGE_BYTES = 64 * 2**20
"""The largest gRPC message either way; gRPC's own default of 4 MiB is too small for a page of long texts."""

_LONGEST_BACKOFF_MS = 1000
"""Between attempts to reach MLMD again; gRPC's own two minutes would prolong every outage by as much."""


@contextmanager
def mlmd_target(settings: Settings) -> Iterator[str]:
    """The gRPC target of the store that `settings` name; raises `EngineError`."""
    if settings.mlmd_hostname:
        yield f"{settings.mlmd_hostname}:{settings.mlmd_port}"
    else:
        with EmbeddedMlmd(settings.database, port=settings.mlmd_port) as engine:
            yield engine.target


def channel_to(target: str, tls: MlmdTls | None = None) -> grpc.aio.Channel:
    """A channel for the running event loop; in the clear without `tls`."""
    options: list[tuple[str, int | str]] = [
        ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
        ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
        ("grpc.max_metadata_size", MAX_MESSAGE_BYTES),  # MLMD's errors quote whole nodes and statements
        ("grpc.absolute_max_metadata_size", MAX_MESSAGE_BYTES),
        ("grpc.initial_reconnect_backoff_ms", 100),
        ("grpc.max_reconnect_backoff_ms", _LONGEST_BACKOFF_MS),
    ]
    if tls is None:
        return grpc.aio.insecure_channel(target, options=options)
    if tls.server_name:
        options.append(("grpc.ssl_target_name_override", tls.server_name))
    credentials = grpc.ssl_channel_credentials(tls.authorities, tls.key, tls.certificate)
    return grpc.aio.secure_channel(target, credentials, options=options)
