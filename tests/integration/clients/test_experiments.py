"""The experiments of `model-registry`, which only v1alpha3 has."""

import pytest

from tests.integration.clients.conftest import FlowsOf
from tests.integration.clients.python_clients import LAST_OF_V1ALPHA3, flows_in
from tests.support.processes import Proxy


@pytest.mark.parametrize("flow", flows_in("experiments.py"))
def test_by_v1alpha3(proxy: Proxy, flows: FlowsOf, flow: str) -> None:
    flows(LAST_OF_V1ALPHA3, "experiments.py").run(flow, address=proxy.url)
