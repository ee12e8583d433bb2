"""Adding artifacts of every kind to a version, and registering a run with its artifacts, parameters and metrics."""

import re
from typing import Any

import orjson
import pytest
from model_registry_client.custom_properties import to_wire
from model_registry_ui.backend import Answer
from model_registry_ui.options import Options

from companions.ui.tests.fake_backend import EXTENSIONS, browsing
from companions.ui.tests.html_form import HtmlForm
from companions.ui.tests.unit.test_edit_forms import TYPED
from companions.ui.tests.unit.test_hostile_text import Elements
from companions.ui.tests.unit.test_register import Registry, lost, refused

OPEN = Options(ways=())
ADD = "/ui/versions/2/artifacts/new"
RUN = "/ui/runs/4/register"
KINDS = ("model-artifact", "dataset-artifact", "doc-artifact", "metric", "parameter")


def filled_registry(text: str = "plain") -> Registry:
    made = Registry()
    made.add("registered_models", name="fraud")
    made.add("model_versions", name="1.0.0", registeredModelId="1")
    made.add("experiments", name=text)
    made.add("experiment_runs", name=f"run {text}", experimentId="3", owner="ann")
    of_run = {"experimentRunId": "4", "experimentId": "3"}
    made.add("artifacts", name=text, artifactType="model-artifact", uri="s3://m/1", **of_run)
    made.add("artifacts", name="train", artifactType="dataset-artifact", uri="s3://d/1", **of_run)
    made.add("artifacts", name="auc", artifactType="metric", value=0.5, **of_run)
    for name, kind, value in (
        ("depth", "number", "8"),
        ("rate", "number", "1e-3"),
        ("odd", "number", "NaN"),
        ("fast", "boolean", "True"),
        ("grid", "object", '{"a": 1}'),
        (f"note{text}", "string", text),
    ):
        made.add("artifacts", name=name, artifactType="parameter", parameterType=kind, value=value, **of_run)
    answer = {"items": list(made.entities["artifacts"].values()), "nextPageToken": "", "size": 9}
    path = "/api/model_registry/v1alpha3/experiment_runs/4/artifacts"
    made.answers[path] = Answer(200, orjson.dumps(answer))
    return made


@pytest.fixture
def backend() -> Registry:
    return filled_registry()


@pytest.mark.parametrize("kind", KINDS)
async def test_an_artifact_of_each_kind_is_added(backend: Registry, kind: str) -> None:
    async with browsing(backend, OPEN) as client:
        text = (await client.get(f"{ADD}?kind={kind}")).text
        assert text.count('aria-current="page"') >= 1
        form = HtmlForm(text).fill("name", "new").fill("description", "two\r\nlines")
        if kind in {"metric", "parameter"}:
            form.fill("value", "0.25")
        form.fill("property-name", "n").fill("property-kind", "whole number").fill("property-value", "5")
        answer = await form.send(client)
        assert (answer.status_code, answer.headers["location"]) == (303, "/ui/versions/2/artifacts")
        assert "The artifact was added." in (await client.get("/ui/versions/2/artifacts")).text
    (_, body), value = backend.creates()[0], {"metric": 0.25, "parameter": "0.25"}
    expected: dict[str, Any] = {"artifactType": kind, "name": "new", "description": "two\nlines"}
    if kind in value:
        expected["value"] = value[kind]
    assert body == {**expected, "customProperties": to_wire({"n": 5})}


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        ("metric", "value", ""),
        ("metric", "value", "many"),
        ("metric", "step", "1.5"),
        ("parameter", "value", ""),
        ("model-artifact", "name", "x" * 254),
        ("dataset-artifact", "state", "GONE"),
        ("doc-artifact", "externalId", "x" * 256),
    ],
)
async def test_a_wrong_field_is_shown_with_what_was_typed(backend: Registry, kind: str, field: str, value: str) -> None:
    async with browsing(backend, OPEN) as client:
        form = HtmlForm((await client.get(f"{ADD}?kind={kind}")).text)
        answer = await form.fill("name", "new").fill("description", "kept").fill(field, value).send(client)
    assert answer.status_code == 422
    assert f'id="field-{field}-error"' in answer.text
    again = HtmlForm(answer.text)
    assert (again.values(field), again.values("description")) == ([value], ["kept"])
    assert backend.creates() == []


@pytest.mark.parametrize("failing", [lost, refused(503, "The store cannot be reached."), refused(403, "No.")])
async def test_a_typed_artifact_is_kept_whatever_fails(backend: Registry, failing: Any) -> None:
    async with browsing(backend, OPEN) as client:
        form = HtmlForm((await client.get(ADD)).text).fill("uri", "s3://kept")
        backend.failing["artifacts"] = failing
        answer = await form.send(client)
        assert answer.status_code in {503, 403}
        backend.failing.clear()
        assert (await HtmlForm(answer.text).send(client)).status_code == 303
    assert backend.creates()[-1][1]["uri"] == "s3://kept"


async def test_a_run_is_registered_with_its_artifacts_parameters_and_metrics(backend: Registry) -> None:
    async with browsing(backend, OPEN) as client:
        form = HtmlForm((await client.get(RUN)).text)
        assert form.values("artifact") == ["model-artifact/5", "dataset-artifact/6"]
        form.pairs.remove(("artifact", "dataset-artifact/6"))
        answer = await form.fill("model-name", "fraud").fill("version-name", "2.0.0").send(client)
        assert answer.status_code == 303
        assert re.fullmatch(r"/ui/versions/\d+", answer.headers["location"])
    (kind, version), (_, attached) = backend.creates()
    properties = {"depth": 8, "rate": 0.001, "odd": "NaN", "fast": True, "grid": {"a": 1}, "noteplain": "plain"}
    assert (kind, version["name"], version["registeredModelId"]) == ("model_versions", "2.0.0", "1")
    assert version["customProperties"] == to_wire({"auc": 0.5, **properties, "experiment_run_id": 4})
    assert attached == {"artifactType": "model-artifact", "id": "5"}


async def test_a_model_that_does_not_exist_is_created_for_a_run(backend: Registry) -> None:
    async with browsing(backend, OPEN) as client:
        await HtmlForm((await client.get(RUN)).text).fill("model-name", "new").send(client)
    assert [kind for kind, _ in backend.creates()] == ["registered_models", "model_versions", "artifacts", "artifacts"]


async def test_registering_a_run_goes_on_after_a_failure_and_does_nothing_twice(backend: Registry) -> None:
    async with browsing(backend, OPEN) as client:
        form = HtmlForm((await client.get(RUN)).text).fill("model-name", "new")
        backend.failing["artifacts"] = lost
        answer = await form.send(client)
        assert answer.status_code == 503
        assert answer.text.count("exists.</li>") == 2
        backend.failing.clear()
        backend.questions.clear()
        assert (await HtmlForm(answer.text).send(client)).status_code == 303
    assert [kind for kind, _ in backend.creates()] == ["artifacts", "artifacts"]


@pytest.mark.parametrize("hostile", TYPED)
@pytest.mark.parametrize("path", [ADD, RUN])
async def test_text_adds_no_element(path: str, hostile: str) -> None:
    async def page(text: str) -> Elements:
        backend = filled_registry(text)
        backend.failing["artifacts"] = refused(400, f"{text} is wrong")
        async with browsing(backend, OPEN) as client:
            form = HtmlForm((await client.get(path)).text)
            form.fill("name" if path == ADD else "model-name", text)
            answer = await form.send(client)
        assert answer.status_code == 400
        return Elements(answer.text)

    plain, found = await page("plain"), await page(hostile)
    assert found.tags() == plain.tags()
    assert found.attributes() == plain.attributes()


@pytest.mark.parametrize("path", [ADD, RUN])
async def test_a_form_is_for_users_with_rights_and_counts_only_from_here(backend: Registry, path: str) -> None:
    async with browsing(backend, OPEN) as client:
        forged = await client.post(path, data={"name": "evil"}, headers={"sec-fetch-site": "cross-site"})
    reading = Registry(EXTENSIONS)
    reading.entities, reading.answers = backend.entities, dict(backend.answers)
    said = {"user": "rob", "authentication": "tokens", "highestRole": "reader", "mayWriteSomething": False}
    reading.answers[f"{EXTENSIONS}/whoami"] = Answer(200, orjson.dumps(said))
    async with browsing(reading) as client:
        refused_page = await client.get(path)
    assert (forged.status_code, refused_page.status_code, backend.creates()) == (403, 403, [])
