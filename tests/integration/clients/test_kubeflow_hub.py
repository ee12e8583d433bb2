"""Kubeflow's SDK, which goes through the newest `model-registry`."""

import pytest

from tests.integration.clients.conftest import FlowsOf
from tests.integration.clients.gateway import TOKEN, Gateway
from tests.integration.clients.python_clients import KUBEFLOW, flows_in
from tests.support.processes import Proxy


@pytest.mark.parametrize("flow", flows_in("kubeflow_hub.py"))
def test_on_any_store(any_proxy: Proxy, flows: FlowsOf, flow: str) -> None:
    flows(KUBEFLOW, "kubeflow_hub.py").run(flow, address=any_proxy.url)


@pytest.mark.parametrize("flow", flows_in("kubeflow_hub_securely.py"))
def test_through_a_gateway(tls_gateway: Gateway, flows: FlowsOf, flow: str) -> None:
    flows(KUBEFLOW, "kubeflow_hub_securely.py").run(
        flow, port=str(tls_gateway.port), certificate=str(tls_gateway.certificate), token=TOKEN
    )
