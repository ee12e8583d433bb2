"""Channels to MLMD: to a server by its address, or to the embedded engine, which is started if needed."""

from collections.abc import Iterator
from contextlib import contextmanager

import grpc.aio

from model_registry_proxy.configuration.settings import Settings
from model_registry_proxy.configuration.tls import MlmdTls
from model_registry_proxy.engine.frames import FrameChannel
from model_registry_proxy.engine.supervisor import EmbeddedMlmd
from model_registry_proxy.serving.balancing import BalancedChannel
from model_registry_proxy.serving.mlmd_servers import targets

_MOST_METADATA_BYTES = 64 * 2**20
"""Of an error: texts of MLMD quote whole nodes and statements."""
FRAMES = "frames:"

Channel = grpc.aio.Channel | FrameChannel
"""Either way to MLMD."""

_LONGEST_BACKOFF_MS = 1000
"""Between attempts to reach MLMD again. gRPC's default of two minutes would make every outage so much longer."""

_SIGNS_OF_LIFE: list[tuple[str, int | str]] = [
    ("grpc.keepalive_time_ms", 2000),
    ("grpc.keepalive_timeout_ms", 3000),
    ("grpc.keepalive_permit_without_calls", 0),
    ("grpc.http2.ping_timeout_ms", 3000),
    ("grpc.min_reconnect_backoff_ms", 5000),
]
"""A server that accepts calls and answers nothing, not even a ping, is given up after five seconds.

Pings are sent only during calls, and at most two without data between them: servers close connections for more.
"""

_ROUND: list[tuple[str, int | str]] = [
    ("grpc.service_config", '{"loadBalancingConfig": [{"round_robin": {}}]}'),
    ("grpc.dns_min_time_between_resolutions_ms", 5000),
]
"""Calls go to all addresses of a name in turn. The name is looked up again whenever a server is lost."""


@contextmanager
def mlmd_target(settings: Settings) -> Iterator[str]:
    """The target (see `channel_to`) of the store that `settings` name; of several servers with commas between.

    Raises `EngineError` and `SettingsError`.
    """
    if servers := targets(settings):
        yield ",".join(servers)
    else:
        with EmbeddedMlmd(
            settings.database, port=settings.mlmd_port, max_message_bytes=settings.max_message_bytes
        ) as engine:
            yield engine.target


def is_embedded(target: str) -> bool:
    """Whether a target is the embedded engine."""
    return target.startswith(FRAMES)


def channel_to(target: str, max_message_bytes: int, tls: MlmdTls | None = None) -> Channel:
    """A channel for the running event loop to a gRPC target, in the clear without `tls`, or to an engine's `frames:PATH`.

    Calls go to several gRPC targets (with commas between) in turn. Messages may have `max_message_bytes` either way: gRPC's own
    default of 4 MiB is too small for a page of long texts.
    """
    if is_embedded(target):
        return FrameChannel(target.removeprefix(FRAMES), max_message_bytes)
    several = target.split(",")
    if len(several) == 1:
        return _channel(target, max_message_bytes, tls)
    return BalancedChannel([_channel(one, max_message_bytes, tls) for one in several])  # type: ignore[return-value]


def _channel(target: str, max_message_bytes: int, tls: MlmdTls | None) -> grpc.aio.Channel:
    options: list[tuple[str, int | str]] = [
        ("grpc.max_send_message_length", max_message_bytes),
        ("grpc.max_receive_message_length", max_message_bytes),
        ("grpc.max_metadata_size", _MOST_METADATA_BYTES),
        ("grpc.absolute_max_metadata_size", _MOST_METADATA_BYTES),
        ("grpc.initial_reconnect_backoff_ms", 100),
        ("grpc.max_reconnect_backoff_ms", _LONGEST_BACKOFF_MS),
    ]
    if not target.startswith("unix:"):
        options += _SIGNS_OF_LIFE
    if target.startswith("dns:"):
        options += _ROUND
    if tls is None:
        return grpc.aio.insecure_channel(target, options=options)
    if tls.server_name:
        options.append(("grpc.ssl_target_name_override", tls.server_name))
    credentials = grpc.ssl_channel_credentials(tls.authorities, tls.key, tls.certificate)
    return grpc.aio.secure_channel(target, credentials, options=options)
