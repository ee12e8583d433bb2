"""Fixtures for the tests with real clients."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.integration.clients import gateway
from tests.integration.clients.gateway import Gateway
from tests.integration.clients.python_clients import CannotBeHad, Flows, PythonClient, flows_of
from tests.support import processes
from tests.support.processes import Proxy
from tests.support.tiers import further_referee

FlowsOf = Callable[[PythonClient, str], Flows]


@pytest.fixture(scope="session")
def flows() -> Iterator[FlowsOf]:
    """Answers the flows of a file for a client; its driver is started when first asked for. Skips without the client."""
    started: dict[tuple[PythonClient, str], Flows] = {}
    with ExitStack() as stack:

        def get(client: PythonClient, file: str) -> Flows:
            if (client, file) not in started:
                try:
                    started[client, file] = stack.enter_context(flows_of(client, file))
                except CannotBeHad as reason:
                    pytest.skip(str(reason))
            return started[client, file]

        yield get


@pytest.fixture
def empty_proxy(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Proxy]:
    """A proxy of the test's own, with nothing in its store."""
    with processes.proxy(tmp_path, *further_referee(request.config)) as running:
        yield running


@pytest.fixture
def tls_gateway(proxy: Proxy, tmp_path: Path) -> Iterator[Gateway]:
    """A gateway in front of the proxy with TLS and a certificate of its own."""
    if not shutil.which("openssl"):
        pytest.skip("openssl is not installed, and the gateway needs a certificate")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    subprocess.run([*command, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    with gateway.gateway(proxy.url, key, certificate) as running:
        yield running
