"""Registering for a model that exists: it is searched for and chosen in the form, and nothing that was typed is lost."""

import re
from typing import Any

import orjson
import pytest
from model_registry_client.custom_properties import to_wire
from model_registry_ui.backend import Answer, Question

from companions.ui.tests.fake_backend import browsing
from companions.ui.tests.html_form import HtmlForm
from companions.ui.tests.unit.test_register import NEW, OPEN, Registry, filled, refused

RUN = "/ui/runs/{}/register"


class Searching(Registry):
    """A registry that knows the query of the search."""

    def _chosen(self, collection: str, question: Question) -> list[dict[str, Any]]:
        found = re.fullmatch(
            r'name ILIKE "%(.*)%" AND state = "LIVE"', dict(question.parameters).get("filterQuery", "")
        )
        rows = super()._chosen(collection, question)
        return [row for row in rows if found[1].lower() in row["name"].lower()] if found else rows


@pytest.fixture
def known() -> Searching:
    """Three models, of which the first has a version with files."""
    backend = Searching()
    backend.add("registered_models", name="fraud", owner="ann")
    properties = to_wire({"gold": "", "accuracy": 0.93})
    backend.add("model_versions", name="1.0.0", registeredModelId="1", customProperties=properties)
    files = {"uri": "s3://models/fraud/1.0.0", "modelFormatName": "onnx"}
    backend.add("artifacts", name="fraud", artifactType="model-artifact", modelVersionId="2", **files)
    backend.add("registered_models", name="fraud-large")
    backend.add("registered_models", name="churn")
    return backend


def choices(text: str) -> list[str]:
    """The models that a page offers."""
    return [value for _, value in HtmlForm(text).buttons if value.startswith("choose-model-")]


async def test_a_model_that_exists_is_found_and_chosen_without_scripts(known: Searching) -> None:
    async with browsing(known, OPEN) as client:
        form = await filled(client, model_name="", version_author="bob", uri="", sought_model="FRAUD")
        answer = await form.send(client, "find-model")
        assert (answer.status_code, choices(answer.text)) == (200, ["choose-model-4", "choose-model-1"])
        answer = await HtmlForm(answer.text).send(client, "choose-model-1")
        assert "Register a version of fraud" in answer.text
        form = HtmlForm(answer.text)
        assert (form.values("version-name"), form.values("version-author")) == (["2.0.0"], ["bob"])
        assert (form.values("uri"), form.values("modelFormatName")) == (["s3://models/fraud/"], ["onnx"])
        assert form.values("property-name") == ["accuracy", "gold", ""]
        sent = await form.fill("uri", "s3://models/fraud/2").fill("property-value", "0.95").send(client)
        assert (sent.status_code, sent.headers["location"]) == (303, "/ui/versions/6")
    assert [(kind, body.get("registeredModelId")) for kind, body in known.creates()] == [
        ("model_versions", "1"),
        ("artifacts", None),
    ]


async def test_what_was_typed_wins_over_what_the_newest_version_has(known: Searching) -> None:
    async with browsing(known, OPEN) as client:
        form = await filled(client, model_name="", modelFormatName="sklearn", property_name="own", property_value="1")
        form = HtmlForm((await form.send(client, "choose-model-1")).text)
    assert (form.values("uri"), form.values("modelFormatName")) == (["s3://models/fraud/2"], ["sklearn"])
    assert form.values("property-name") == ["own"]


async def test_a_choice_is_taken_back_with_what_came_with_it(known: Searching) -> None:
    async with browsing(known, OPEN) as client:
        form = await filled(client, model_name="", uri="")
        form = HtmlForm((await form.send(client, "choose-model-1")).text)
        answer = await form.send(client, "other-model")
    form = HtmlForm(answer.text)
    assert "Register a model" in answer.text
    assert (form.values("uri"), form.values("version-name"), form.values("property-name")) == ([""], ["2.0.0"], [""])


async def test_enter_in_the_search_searches(known: Searching) -> None:
    async with browsing(known, OPEN) as client:
        answer = await (await filled(client, model_name="", sought_model="churn")).send(client)
    assert (choices(answer.text), known.creates()) == (["choose-model-5"], [])


async def test_a_search_without_a_result_says_so_and_keeps_what_was_typed(known: Searching) -> None:
    async with browsing(known, OPEN) as client:
        answer = await (await filled(client, model_name="", sought_model="none")).send(client, "find-model")
    assert "No model in use has this in its name." in answer.text
    assert HtmlForm(answer.text).values("sought-model") == ["none"]


async def test_a_name_that_is_taken_can_be_chosen_at_once(known: Searching) -> None:
    async with browsing(known, OPEN) as client:
        answer = await (await filled(client)).send(client)
        assert (answer.status_code, choices(answer.text)) == (409, ["choose-model-1"])
        answer = await HtmlForm(answer.text).send(client, "choose-model-1")
        assert (await HtmlForm(answer.text).send(client)).status_code == 303
    assert known.creates()[-2][1]["registeredModelId"] == "1"


@pytest.mark.parametrize("do", ["find-model", "choose-model-1"])
async def test_a_search_that_fails_keeps_what_was_typed(known: Searching, do: str) -> None:
    async with browsing(known, OPEN) as client:
        form = await filled(client, model_name="", sought_model="fraud")
        known.answers["/api/model_registry/v1alpha3/registered_models"] = refused(503, "The store is slow.")()
        known.answers["/api/model_registry/v1alpha3/registered_models/1"] = refused(503, "The store is slow.")()
        answer = await form.send(client, do)
    assert answer.status_code == 503
    assert "The store is slow." in answer.text
    assert HtmlForm(answer.text).values("version-name") == ["2.0.0"]


async def test_a_run_is_registered_for_a_chosen_model(known: Searching) -> None:
    experiment = known.add("experiments", name="e")
    run = known.add("experiment_runs", name="r", experimentId=experiment["id"])
    known.answers[f"/api/model_registry/v1alpha3/experiment_runs/{run['id']}/artifacts"] = Answer(
        200, orjson.dumps({"items": []})
    )
    async with browsing(known, OPEN) as client:
        form = HtmlForm((await client.get(RUN.format(run["id"]))).text)
        answer = await form.fill("sought-model", "large").send(client, "find-model")
        answer = await HtmlForm(answer.text).send(client, choices(answer.text)[0])
        assert (await HtmlForm(answer.text).send(client)).status_code == 303
    assert [(kind, body["registeredModelId"]) for kind, body in known.creates()] == [("model_versions", "4")]


async def test_scripts_get_the_same_results(known: Searching) -> None:
    async with browsing(known, OPEN) as client:
        answer = await client.get("/ui/models/find?name=large")
    assert 'value="choose-model-4"' in answer.text
    assert 'value="choose-model-1"' not in answer.text


async def test_the_form_of_a_model_that_exists_offers_no_other(known: Searching) -> None:
    async with browsing(known, OPEN) as client:
        text = (await client.get("/ui/models/1/versions/new")).text
        assert "other-model" not in text
        assert "find-model" not in text
        assert "find-model" in (await client.get(NEW)).text
