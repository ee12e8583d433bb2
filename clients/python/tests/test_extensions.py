"""The extensions of Model Registry Proxy in the client."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

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


def test_a_client_reads_which_user_changed_what(registry: Registry, unique: Unique) -> None:
    before = datetime.now(UTC)
    model = registry.create_registered_model(unique("m"), owner="ann")
    registry.update_registered_model(model.id, owner="bob", custom_properties={"stage": "x"})
    found = list(registry.extensions.audit(model))
    assert [one.operation for one in found] == ["updateRegisteredModel", "createRegisteredModel"]
    assert "owner" in found[0].changed
    assert "customProperties.stage" in found[0].changed
    assert (found[1].user, found[1].outcome, found[1].status) == ("anonymous", "done", 201)
    assert (found[1].kind, found[1].id, found[1].name) == ("registered_model", model.id, model.name)
    assert before - timedelta(seconds=1) < found[1].time < datetime.now(UTC) + timedelta(seconds=1)
    assert list(registry.extensions.audit(model, changed="customProperties.stage", user="anonymous")) == found[:1]
    assert list(registry.extensions.audit(model, outcome="failed")) == []
    assert list(registry.extensions.audit(model, since=datetime.now(UTC) + timedelta(hours=1))) == []
    assert list(registry.extensions.audit(model, until=before - timedelta(hours=1))) == []
    with pytest.raises(NotFound):
        list(registry.extensions.audit(model.model_copy(update={"id": "987654321"})))


async def test_audit_records_of_an_artifact_come_page_by_page(async_registry: AsyncRegistry, unique: Unique) -> None:
    name = unique("a")
    artifact = await async_registry.create_doc_artifact(name)
    for number in range(3):
        await async_registry.update_doc_artifact(artifact.id, uri=f"s3://x/{number}")
    found = [one async for one in async_registry.extensions.audit(artifact)]
    assert [one.kind for one in found] == ["document_artifact"] * 4
    assert {one.name for one in found} == {name}


def test_records_come_from_all_pages_and_a_server_that_keeps_none_says_which_setting_would() -> None:
    record = {"time": "1795000000000", "method": "PATCH", "changed": ["owner"], "outcome": "done"}
    pages = {
        None: {"isKept": True, "items": [record], "nextPageToken": "a"},
        "a": {"isKept": True, "items": [], "nextPageToken": "b"},
        "b": {"isKept": True, "items": [record], "nextPageToken": ""},
    }
    paged = httpx.MockTransport(
        lambda request: httpx.Response(200, json=pages[request.url.params.get("nextPageToken")])
    )
    with Registry("http://registry:8080", transport=paged) as registry:
        assert [one.user for one in registry.extensions.audit(user="ann")] == [None, None]
    none = {"isKept": False, "items": [], "nextPageToken": "", "reason": "start it with --audit-log FILE"}
    unkept = httpx.MockTransport(lambda _: httpx.Response(200, json=none))
    with (
        Registry("http://registry:8080", transport=unkept) as registry,
        pytest.raises(NotSupported, match="--audit-log FILE"),
    ):
        list(registry.extensions.audit())


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
