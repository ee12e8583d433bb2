"""PyPI's `model-registry`: the newest release, which uses v1, and the last one that uses v1alpha3."""

import pytest

from tests.integration.clients.conftest import FlowsOf
from tests.integration.clients.gateway import TOKEN, Gateway
from tests.integration.clients.python_clients import LAST_OF_V1ALPHA3, NEWEST, PythonClient, flows_in
from tests.support.processes import Proxy
from tests.support.tiers import slow

both_clients = pytest.mark.parametrize("client", [NEWEST, *slow(LAST_OF_V1ALPHA3)], ids=["v1", "v1alpha3"])


@pytest.mark.parametrize("flow", flows_in("models.py"))
def test_on_any_store(any_proxy: Proxy, flows: FlowsOf, flow: str) -> None:
    flows(NEWEST, "models.py").run(flow, address=any_proxy.url)


@pytest.mark.parametrize("flow", flows_in("models.py"))
def test_by_v1alpha3(proxy: Proxy, flows: FlowsOf, flow: str) -> None:
    flows(LAST_OF_V1ALPHA3, "models.py").run(flow, address=proxy.url)


@pytest.mark.parametrize("flow", flows_in("bindings.py"))
@both_clients
def test_by_the_generated_bindings(proxy: Proxy, flows: FlowsOf, client: PythonClient, flow: str) -> None:
    flows(client, "bindings.py").run(flow, address=proxy.url)


@pytest.mark.parametrize("flow", flows_in("whole_registry.py"))
@both_clients
def test_in_an_empty_registry(empty_proxy: Proxy, flows: FlowsOf, client: PythonClient, flow: str) -> None:
    flows(client, "whole_registry.py").run(flow, address=empty_proxy.url)


@pytest.mark.parametrize("flow", flows_in("connections.py"))
@both_clients
def test_over_http(proxy: Proxy, flows: FlowsOf, client: PythonClient, flow: str) -> None:
    flows(client, "connections.py").run(flow, address=proxy.url)


@pytest.mark.parametrize("flow", flows_in("secure_connections.py"))
@both_clients
def test_through_a_gateway(proxy: Proxy, tls_gateway: Gateway, flows: FlowsOf, client: PythonClient, flow: str) -> None:
    flows(client, "secure_connections.py").run(
        flow, port=str(tls_gateway.port), certificate=str(tls_gateway.certificate), token=TOKEN
    )
    assert all(request["accept"] == "application/json" for request in tls_gateway.requests)
