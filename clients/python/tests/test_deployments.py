"""Deployments: which version is deployed in which environment."""

from collections.abc import Callable

import httpx
import pytest
from model_registry_client import (
    AsyncRegistry,
    Conflict,
    ExecutionState,
    InferenceService,
    InferenceServiceState,
    ModelRegistryClient,
    ModelVersion,
    NotFound,
    RegisteredModel,
    Registry,
    ServeModel,
    ServingEnvironment,
)
from model_registry_client.deployment import Deployment, differs

Unique = Callable[[str], str]


def test_deployments_show_the_environment_and_the_version_of_a_model(registry: Registry, unique: Unique) -> None:
    name, other, east, west = unique("m"), unique("other"), unique("east"), unique("west")
    model = registry.create_registered_model(name)
    first = registry.create_model_version(model.id, "1")
    registry.create_registered_model(other)
    registry.deployments.deploy(other, east)
    pinned = registry.deployments.deploy(name, east, version="1", runtime="triton")
    newest = registry.deployments.deploy(model, west, name="fresh", custom_properties={"url": "http://x"})
    assert (pinned.version, pinned.is_pinned, newest.version, newest.is_pinned) == (first, True, first, False)
    second = registry.create_model_version(model.id, "2")
    registry.create_serve(pinned.service.id, first.id, last_known_state="NEW")
    registry.create_serve(pinned.service.id, first.id, last_known_state="RUNNING")

    found = registry.deployments_of(name)
    assert [(d.environment.name, d.version.name if d.version else None) for d in found] == [(east, "1"), (west, "2")]
    assert [str(d) for d in found] == [
        f"{name} 1 in {east} as {name}: deployed, last seen RUNNING",
        f"{name} 2 in {west} as fresh: deployed",
    ]
    assert {d.model.name for d in registry.deployments.all(east)} == {name, other}
    assert {d.service.id for d in found} <= {d.service.id for d in registry.deployments.all()}

    moved = registry.deployments.deploy(name, east, version=second)
    assert (moved.service.id, moved.version, moved.service.runtime) == (pinned.service.id, second, "triton")
    gone = registry.deployments.undeploy(moved)
    assert not gone.is_deployed
    assert [d.is_deployed for d in registry.deployments_of(model)] == [False, True]
    assert registry.deployments.deploy(name, east).is_deployed


@pytest.mark.parametrize(
    ("desired", "version", "state", "has_drift"),
    [
        ("DEPLOYED", "7", "RUNNING", False),
        ("DEPLOYED", "7", "COMPLETE", False),
        ("DEPLOYED", "7", "FAILED", True),
        ("DEPLOYED", "8", "RUNNING", True),
        ("DEPLOYED", "", "RUNNING", False),
        ("UNDEPLOYED", "7", "RUNNING", True),
        ("UNDEPLOYED", "8", "COMPLETE", False),
        ("UNDEPLOYED", "7", "FAILED", False),
    ],
)
def test_what_was_seen_last_may_differ_from_what_is_meant(
    desired: str, version: str, state: str, has_drift: bool
) -> None:
    service = InferenceService(desired_state=InferenceServiceState(desired))
    serve = ServeModel(model_version_id="7", last_known_state=ExecutionState(state))
    assert differs(service, version, serve) == has_drift
    assert not differs(service, version, None)
    meant = ModelVersion(id=version, name="v") if version else None
    deployment = Deployment(RegisteredModel(name="m"), ServingEnvironment(name="e"), service, meant, serve)
    assert (deployment.has_drift, str(deployment).endswith(", drift")) == (has_drift, has_drift)


def test_a_missing_model_version_or_environment_is_an_error(
    registry: Registry, server_url: str, unique: Unique
) -> None:
    name, environment = unique("m"), unique("environment")
    with pytest.raises(NotFound, match="no registered model named"):
        registry.deployments_of(name)
    with pytest.raises(ValueError, match="no registered model named"), ModelRegistryClient(server_url) as client:
        client.deployments_of(name)
    model = registry.create_registered_model(name)
    assert registry.deployments_of(name) == []
    with pytest.raises(NotFound, match="no version '7'"):
        registry.deployments.deploy(model, environment, version="7")
    with pytest.raises(NotFound, match="no serving environment named"):
        registry.deployments.all(environment)
    assert registry.deployments.deploy(model, environment).version is None
    with pytest.raises(Conflict):
        registry.deployments.deploy(registry.create_registered_model(unique("m")), environment, name=name)


async def test_deployments_work_with_asyncio(async_registry: AsyncRegistry, unique: Unique) -> None:
    model = await async_registry.create_registered_model(unique("m"))
    deployed = await async_registry.deployments.deploy(model, unique("environment"))
    assert await async_registry.deployments_of(model.name) == [deployed]


@pytest.mark.parametrize("refuses", [True, False])
def test_deployments_are_filtered_here_if_the_server_cannot(refuses: bool) -> None:
    services = [
        {"id": str(n), "name": f"s{n}", "registeredModelId": str(n % 2), "servingEnvironmentId": "9"} for n in range(4)
    ]

    def answer(request: httpx.Request) -> httpx.Response:
        last = request.url.path.rpartition("/")[2]
        if last == "inference_services":
            if refuses and "filterQuery" in request.url.params:
                return httpx.Response(400, json={"code": "Bad Request", "message": "no"})
            return httpx.Response(200, json={"items": services, "nextPageToken": ""})
        if last == "serves":
            return httpx.Response(200, json={"items": [], "nextPageToken": ""})
        return httpx.Response(200, json={"id": last if last.isdigit() else "5", "name": "x"})

    with Registry("http://x", token="t", transport=httpx.MockTransport(answer)) as registry:
        found = registry.deployments_of(registry.get_registered_model("1"))
        assert [d.service.name for d in found] == ["s1", "s3"]
