"""Kubeflow's SDK, which goes through the newest `model-registry`."""

from collections.abc import Callable, Iterator

import pytest

from tests.integration.clients.conftest import FlowsOf
from tests.integration.clients.gateway import TOKEN, Gateway
from tests.integration.clients.python_clients import KUBEFLOW, flows_in
from tests.support.processes import Database, Proxy
from tests.support.stores import SHARED_STORES, on, proxy_on
from tests.support.tiers import further_referee


@pytest.mark.parametrize("flow", flows_in("kubeflow_hub.py"))
def test_on_any_store(any_proxy: Proxy, flows: FlowsOf, flow: str) -> None:
    flows(KUBEFLOW, "kubeflow_hub.py").run(flow, address=any_proxy.url)


@pytest.mark.parametrize("flow", flows_in("kubeflow_hub_securely.py"))
def test_through_a_gateway(tls_gateway: Gateway, flows: FlowsOf, flow: str) -> None:
    flows(KUBEFLOW, "kubeflow_hub_securely.py").run(
        flow, port=str(tls_gateway.port), certificate=str(tls_gateway.certificate), token=TOKEN
    )


@pytest.fixture(scope="module", params=on(SHARED_STORES))
def safe_proxy(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, database: Callable[[], Database]
) -> Iterator[Proxy]:
    """A proxy that shows large whole numbers as texts, on every store that this machine has."""
    folder, flags = tmp_path_factory.mktemp(request.param), ("--client-safe-integers", *further_referee(request.config))
    with proxy_on(request.param, folder, database, *flags) as running:
        yield running


@pytest.mark.parametrize("flow", flows_in("kubeflow_hub_safe_integers.py"))
def test_with_whole_numbers_that_this_client_cannot_read(safe_proxy: Proxy, flows: FlowsOf, flow: str) -> None:
    flows(KUBEFLOW, "kubeflow_hub_safe_integers.py").run(flow, address=safe_proxy.url)
