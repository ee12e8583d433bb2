"""Probes and metrics over HTTP."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
import trustme
from model_registry_controller.kubernetes.connection import ConfigurationError
from model_registry_controller.measuring import Measures
from model_registry_controller.probes import Health, serve
from model_registry_controller.settings.reading import read

Serve = Callable[..., list[int]]


@pytest.fixture
def health() -> Health:
    return Health()


@pytest.fixture
def started(health: Health) -> Iterator[Serve]:
    """A function that starts the servers of some flags, and returns their ports."""
    servers = []

    def start(*flags: str) -> list[int]:
        made = serve(read(flags, {}), health, Measures())
        servers.extend(made)
        return [server.server_port for server in made]

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_probes_say_whether_the_event_loop_gives_signs(started: Serve, health: Health) -> None:
    [port] = started("--health-probe-bind-address=127.0.0.1:0")

    def statuses() -> list[int]:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            return [client.get(path).status_code for path in ("/healthz", "/readyz", "/other")]

    assert statuses() == [200, 500, 404]
    health.is_ready = True
    assert statuses() == [200, 200, 404]
    health._last -= 61
    assert statuses() == [500, 500, 404]
    health.beat()
    assert statuses() == [200, 200, 404]


def test_metrics_are_served_where_they_are_asked_for(started: Serve, tmp_path: Path) -> None:
    _, port = started(
        "--health-probe-bind-address=127.0.0.1:0", "--metrics-bind-address=127.0.0.1:0", "--metrics-secure=false"
    )
    text = httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False).text
    assert "model_registry_controller_leader 0.0" in text
    assert "process_resident_memory_bytes" in text


def test_metrics_are_served_over_tls(started: Serve, tmp_path: Path) -> None:
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    (tmp_path / "tls.crt").write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
    issued.private_key_pem.write_to_path(tmp_path / "tls.key")
    context = ssl.create_default_context()
    authority.configure_trust(context)
    [port] = started(
        "--health-probe-bind-address=0", "--metrics-bind-address=127.0.0.1:0", f"--metrics-cert-path={tmp_path}"
    )
    with httpx.Client(verify=context, trust_env=False) as client:
        assert client.get(f"https://127.0.0.1:{port}/metrics").status_code == 200
        with suppress(httpx.TransportError):
            client.get(f"http://127.0.0.1:{port}/metrics")
        assert client.get(f"https://127.0.0.1:{port}/metrics").status_code == 200


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--health-probe-bind-address=8081"], "must be an address such as :8081"),
        (["--health-probe-bind-address=:port"], "must be an address such as :8081"),
        (["--metrics-bind-address=127.0.0.1:0"], "needs --metrics-cert-path"),
        (["--metrics-bind-address=127.0.0.1:0", "--metrics-cert-path=/missing"], "must have tls.crt and tls.key"),
        (["--health-probe-bind-address=203.0.113.1:1"], "cannot be listened on"),
    ],
)
def test_an_address_that_cannot_be_used_is_named(started: Serve, flags: list[str], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        started("--health-probe-bind-address=0", *flags)
