"""Objects of any form, as a definition without a schema lets them pass: the controller goes on, and so does every other object."""

from typing import Any

import pytest
from controller_support.world import MODEL, World
from hypothesis import given
from hypothesis import strategies as st
from model_registry_controller.kserve.objects import read
from model_registry_controller.settings.reading import Names

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["conditions", "type", "status", "components", "predictor", "traffic", "percent", "revisionName",
                         "modelStatus", "states", "lastFailureInfo", "url", "model", "runtime", "storageUri"]),
        inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(JSON, JSON)
def test_any_spec_and_status_can_be_read(spec: Any, status: Any) -> None:
    item = {"metadata": {"namespace": "n", "name": "m"}, "spec": spec, "status": status}
    assert read(item, Names()).key == ("n", "m")


@pytest.mark.parametrize(
    "more",
    [
        {"predictor": []},
        {"predictor": "x"},
        {"status": []},
        {"status": {"conditions": "Ready"}},
        {"status": {"conditions": [None, {"type": "Ready", "status": "True"}], "components": 7, "url": ["x"]}},
    ],
)
async def test_the_controller_goes_on_after_an_odd_object(cluster: World, more: dict[str, Any]) -> None:
    await cluster.start()
    cluster.create("odd", {MODEL: cluster.model}, **more)
    cluster.create("usual")
    await cluster.idle()
    assert (await cluster.entry("usual"))["desiredState"] == "DEPLOYED"
    assert (await cluster.entry("odd"))["desiredState"] == "DEPLOYED"
    for name in ("odd", "usual"):
        cluster.delete(name)
    await cluster.until(lambda: not cluster.exists("odd") and not cluster.exists("usual"))
