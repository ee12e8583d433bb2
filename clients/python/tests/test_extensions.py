"""The extensions of Model Registry Proxy in the client."""

from collections.abc import Callable

import httpx
import pytest
from model_registry_client import AsyncRegistry, Invalid, NotFound, NotSupported, Registry

Unique = Callable[[str], str]


def test_a_client_sees_which_user_it_is(registry: Registry, unique: Unique) -> None:
    model = registry.create_registered_model(unique("m"))
    found = registry.extensions.whoami([model.id, "987654321"])
    assert (found.user, found.groups, found.authentication) == ("anonymous", (), "none")
    assert (found.role, found.highest_role, found.model_roles) == ("admin", "admin", {model.id: "admin"})
    assert registry.extensions.whoami().model_roles == {}


def test_the_newest_serves_of_many_services_come_in_few_requests(registry: Registry, unique: Unique) -> None:
    model = registry.create_registered_model(unique("m"))
    version = registry.create_model_version(model.id, "1")
    environment = unique("environment")
    first, second, idle = [registry.deployments.deploy(model, environment, name=name).service for name in "abc"]
    registry.create_serve(first.id, version.id, last_known_state="COMPLETE")
    newest = {
        first.id: registry.create_serve(first.id, version.id, last_known_state="RUNNING"),
        second.id: registry.create_serve(second.id, version.id),
    }
    missing = [str(10**9 + number) for number in range(200)]
    assert registry.extensions.newest_serves([first.id, idle.id, *missing, second.id]) == newest
    assert registry.extensions.newest_serves([]) == {}


def test_curves_of_metrics_are_thinned_and_keep_their_spikes(registry: Registry, unique: Unique) -> None:
    experiment = registry.create_experiment(unique("e"))
    run = registry.create_experiment_run(experiment.id, "r")
    for step in range(30):
        registry.create_metric("loss", 100.0 if step == 17 else 1.0, experiment_run_id=run.id, step=step)
    found = registry.extensions.metric_curves(run.id, ["loss", "none"], max_points=6)
    loss = found["loss"]
    assert (loss.count, loss.is_thinned, loss.is_complete) == (30, True, True)
    assert {0, 17, 29} <= {point.step for point in loss.points}
    assert max(point.value or 0 for point in loss.points) == 100.0
    assert (found["none"].count, found["none"].points, found["none"].is_thinned) == (0, (), False)
    with pytest.raises(NotFound):
        registry.extensions.metric_curves("987654321", ["loss"])
    with pytest.raises(Invalid, match="names"):
        registry.extensions.metric_curves(run.id, [])


async def test_extensions_work_with_asyncio_and_those_without_a_method_too(
    async_registry: AsyncRegistry, unique: Unique
) -> None:
    owner = unique("owner")
    await async_registry.create_registered_model(unique("m"), owner=owner)
    facets = await async_registry.extensions.get("/facets/registered_models", {"filterQuery": f"owner = '{owner}'"})
    assert facets["count"] == 1
    assert (await async_registry.extensions.whoami()).user == "anonymous"


@pytest.mark.parametrize("path", ["", "/api/model_registry/v1alpha3", "/api/model_registry/v1"])
def test_the_extensions_are_found_from_any_address_of_the_server_and_other_requests_go_on_as_before(
    server_url: str, path: str, unique: Unique
) -> None:
    with Registry(server_url + path) as registry:
        assert registry.extensions.whoami().authentication == "none"
        model = registry.create_registered_model(unique("m"))
        assert registry.get_registered_model(model.id) == model
        assert registry.extensions.whoami([model.id]).model_roles == {model.id: "admin"}


def test_a_server_without_extensions_is_named() -> None:
    kubeflow = httpx.MockTransport(lambda _: httpx.Response(404, text="404 page not found"))
    with (
        Registry("http://kubeflow:8080", transport=kubeflow) as registry,
        pytest.raises(NotSupported, match="only Model Registry Proxy has extensions"),
    ):
        registry.extensions.whoami()
