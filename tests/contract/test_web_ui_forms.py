"""The forms of the web UI on the real API: everything that they send is accepted, and what the API refuses stands at its field."""

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from model_registry_client.custom_properties import from_wire, to_wire
from model_registry_ui.application import create
from model_registry_ui.backend import Prefixes
from model_registry_ui.in_process import InProcess
from model_registry_ui.options import Options
from model_registry_ui.remote import Remote
from starlette.types import Receive, Scope, Send

from companions.ui.tests.html_form import HtmlForm
from model_registry_proxy.http.responses import send_json
from tests.support.document import content
from tests.support.serving import API, Served, serving

KINDS = ("model-artifact", "dataset-artifact", "doc-artifact", "metric", "parameter")


@pytest.fixture
async def registry() -> AsyncIterator[Served]:
    async with serving() as served:
        yield served


@pytest.fixture(params=["mounted", "standalone"])
async def browser(registry: Served, request: pytest.FixtureRequest) -> AsyncIterator[httpx.AsyncClient]:
    """A browser on the UI of the registry: as a part of the server, and before it."""
    api = registry.client._transport.app  # type: ignore[attr-defined]

    async def server(scope: Scope, receive: Receive, answer: Send) -> None:
        if scope["path"] == "/openapi.json":
            await send_json(answer, 200, content())
        else:
            await api(scope, receive, answer)

    before = Remote("http://registry", transport=httpx.ASGITransport(app=server))
    ui = create(InProcess(server, Prefixes(API)) if request.param == "mounted" else before, Options(ways=()))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=ui), base_url="http://localhost:8080") as client:
        yield client


async def form_of(browser: httpx.AsyncClient, path: str, **typed: str) -> HtmlForm:
    answer = await browser.get(path)
    assert answer.status_code == 200, answer.text
    form = HtmlForm(answer.text, -1)
    for name, value in typed.items():
        form.fill(name.replace("__", "-"), value)
    return form


async def registered(browser: httpx.AsyncClient) -> str:
    """Registers a model with a version and files; returns the id of the version."""
    typed = {"model__name": "fraud/ü", "version__name": "1:0", "uri": "s3://b/fraud/1", "modelFormatName": "onnx"}
    answer = await (await form_of(browser, "/ui/models/new", **typed)).send(browser)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].rpartition("/")[2]


async def entity(registry: Served, path: str) -> dict[str, Any]:
    found: dict[str, Any] = (await registry.client.get(path)).json()
    return found


async def test_a_registered_model_has_a_version_and_files(registry: Served, browser: httpx.AsyncClient) -> None:
    version = await registered(browser)
    assert (await entity(registry, f"/model_versions/{version}"))["name"] == "1:0"
    artifacts = await entity(registry, f"/model_versions/{version}/artifacts")
    assert [(one["name"], one["uri"]) for one in artifacts["items"]] == [("fraud/ü", "s3://b/fraud/1")]
    again = await form_of(browser, "/ui/models/new", model__name="fraud/ü", version__name="1", uri="s3://x")
    answer = await again.send(browser)
    assert answer.status_code == 409
    assert "Register a version of it" in answer.text
    assert 'id="field-model-name-error"' in answer.text


@pytest.mark.parametrize("path", ["/ui/models/1/edit", "/ui/versions/{version}/edit", "/ui/artifacts/1/edit"])
async def test_every_field_is_saved_cleared_and_restored(
    registry: Served, browser: httpx.AsyncClient, path: str
) -> None:
    path = path.format(version=await registered(browser))
    form = HtmlForm((await browser.get(path)).text, -1)
    texts = [name for name, _ in form.pairs if not name.startswith(("_", "property", "state"))]
    for name in texts:
        form.fill(name, f"{name} <ü> \U0001f600")
    saved = await form.send(browser)
    assert saved.status_code == 303, re.findall(r'class="error"[^>]*>([^<]*)', saved.text)
    after = HtmlForm((await browser.get(path)).text, -1)
    assert {name: after.values(name) for name in texts} == {name: [f"{name} <ü> \U0001f600"] for name in texts}
    for name in texts:
        after.fill(name, "")
    assert (await after.send(browser)).status_code == 303
    cleared = HtmlForm((await browser.get(path)).text, -1)
    assert {cleared.values(name)[0] for name in texts} == {""}
    undo = HtmlForm((await browser.get(path)).text, -1)
    assert undo.values("_mark") != after.values("_mark")


async def test_properties_of_every_kind_are_kept_exactly(registry: Served, browser: httpx.AsyncClient) -> None:
    version = await registered(browser)
    path = f"/ui/versions/{version}/properties"
    given = {
        "text": "1.10",
        "lines": "a\nb\n",
        "label": "",
        "whole": 2**63 - 1,
        "least": -(2**63),
        "decimal": 0.1,
        "one": 1.0,
        "tiny": 5e-324,
        "yes": True,
        "json": {"a": [1, {"b": None}]},
        "a.b": "dots",
    }
    await registry.client.patch(f"/model_versions/{version}", json={"customProperties": to_wire(given)})
    form = await form_of(browser, path)
    names = form.values("property-name")
    await form.fill("property-value", "changed", names.index("text")).send(browser)
    found = (await entity(registry, f"/model_versions/{version}"))["customProperties"]
    assert from_wire(found) == {**given, "text": "changed"}


async def test_the_later_of_two_users_sees_both_changes(registry: Served, browser: httpx.AsyncClient) -> None:
    await registered(browser)
    mine = await form_of(browser, "/ui/models/1/edit", owner="mine", license="MIT")
    await registry.client.patch("/registered_models/1", json={"owner": "theirs", "provider": "new"})
    answer = await mine.send(browser)
    assert answer.status_code == 409
    merge = HtmlForm(answer.text).fill("choice:field:owner", "theirs")
    assert (await merge.send(browser, "merge")).status_code == 303
    model = await entity(registry, "/registered_models/1")
    assert (model["owner"], model["license"], model["provider"]) == ("theirs", "MIT", "new")


@pytest.mark.parametrize("kind", KINDS)
async def test_an_artifact_of_each_kind_is_added_and_edited(
    registry: Served, browser: httpx.AsyncClient, kind: str
) -> None:
    version = await registered(browser)
    form = await form_of(browser, f"/ui/versions/{version}/artifacts/new?kind={kind}", name="new")
    if kind in {"metric", "parameter"}:
        form.fill("value", "0.25")
    form.fill("description", "added").fill("property-name", "p").fill("property-value", "x")
    answer = await form.send(browser)
    assert answer.status_code == 303, re.findall(r'class="error"[^>]*>([^<]*)', answer.text)
    edit = await form_of(browser, "/ui/artifacts/2/edit", description="edited", state="PENDING")
    assert (await edit.send(browser)).status_code == 303
    found = await entity(registry, "/artifacts/2")
    assert (found["description"], found["state"], found["artifactType"]) == ("edited", "PENDING", kind)


async def test_states_and_labels_of_one_and_of_many(registry: Served, browser: httpx.AsyncClient) -> None:
    version = await registered(browser)
    await (await form_of(browser, f"/ui/versions/{version}/archive")).send(browser)
    assert (await entity(registry, f"/model_versions/{version}"))["state"] == "ARCHIVED"
    await (await form_of(browser, "/ui/models/1/labels", label="gold")).send(browser)
    assert (await entity(registry, "/registered_models/1"))["customProperties"] == to_wire({"gold": ""})
    ids = [(await registry.make("/registered_models", name=f"m{number}"))["id"] for number in range(12)]
    query = "&".join(f"id={id_}" for id_ in ids)
    many = await form_of(browser, f"/ui/models/change?do=add-label&{query}", label="many")
    assert "12 of 12 models" in (await many.send(browser)).text
    found = await entity(registry, f"/registered_models/{ids[-1]}")
    assert found["customProperties"] == to_wire({"many": ""})


async def test_a_run_is_registered_with_what_it_logged(registry: Served, browser: httpx.AsyncClient) -> None:
    experiment = await registry.make("/experiments", name="trees")
    run = await registry.make("/experiment_runs", name="depth-8", experimentId=experiment["id"])
    below = f"/experiment_runs/{run['id']}/artifacts"
    await registry.make(below, artifactType="parameter", name="depth", value="8", parameterType="number")
    await registry.make(below, artifactType="metric", name="auc", value=0.97, step=3)
    files = await registry.make(below, artifactType="model-artifact", name="model", uri="s3://b/m")
    answer = await (await form_of(browser, f"/ui/runs/{run['id']}/register", model__name="new")).send(browser)
    assert answer.status_code == 303, answer.text
    version = answer.headers["location"].rpartition("/")[2]
    properties = {"depth": 8, "auc": 0.97, "experiment_run_id": int(run["id"])}
    assert (await entity(registry, f"/model_versions/{version}"))["customProperties"] == to_wire(properties)
    attached = await entity(registry, f"/model_versions/{version}/artifacts")
    assert [one["id"] for one in attached["items"]] == [files["id"]]
    assert f'href="/ui/versions/{version}"' in (await browser.get(f"/ui/runs/{run['id']}")).text


async def test_an_external_id_that_is_taken_leads_to_what_has_it(registry: Served, browser: httpx.AsyncClient) -> None:
    await registered(browser)
    other = await registry.make("/registered_models", name="other", externalId="taken")
    answer = await (await form_of(browser, "/ui/models/1/edit", externalId="taken", owner="kept")).send(browser)
    assert answer.status_code == 409
    assert 'id="field-externalId-error"' in answer.text
    assert f'<a href="/ui/models/{other["id"]}">Show other</a>' in answer.text
    assert HtmlForm(answer.text, -1).values("owner") == ["kept"]


async def test_a_version_is_deployed_in_a_new_environment_and_seen_there(
    registry: Served, browser: httpx.AsyncClient
) -> None:
    version = await registered(browser)
    model = (await entity(registry, f"/model_versions/{version}"))["registeredModelId"]
    path = f"/ui/deployments/new?model={model}&version={version}"
    form = await form_of(browser, path, environment="production", creates="1", runtime="kserve-onnx")
    answer = await form.send(browser)
    assert answer.status_code == 303, answer.text
    service = answer.headers["location"].rpartition("/")[2]
    states = await form_of(browser, f"/ui/deployments/{service}/serves/new", lastKnownState="FAILED")
    assert (await states.send(browser)).status_code == 303
    made = await entity(registry, f"/inference_services/{service}")
    serves = (await entity(registry, f"/inference_services/{service}/serves"))["items"]
    assert (made["modelVersionId"], made["runtime"]) == (version, "kserve-onnx")
    assert [(one["modelVersionId"], one["lastKnownState"]) for one in serves] == [(version, "FAILED")]
    taken = await form_of(browser, path, environment="production", name="x" * 300)
    refused = await taken.send(browser)
    assert (refused.status_code, 'id="field-name-error"' in refused.text) == (422, True)
