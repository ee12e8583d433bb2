"""The forms of deployments and environments on a whole server, as a browser without JavaScript sends them."""

from typing import Any

import httpx
import orjson
import pytest
from model_registry_client.custom_properties import to_wire
from model_registry_client.states import ExecutionState
from model_registry_ui.backend import Answer

from companions.ui.tests.fake_backend import EXTENSIONS, FakeBackend, browsing
from companions.ui.tests.html_form import HtmlForm
from companions.ui.tests.registry import Registry, registry
from companions.ui.tests.unit.deployments.test_deployment_pages import MOST_CALLS, fill

FORMS = (
    "/ui/deployments/new",
    "/ui/deployments/5/version",
    "/ui/deployments/5/state",
    "/ui/deployments/5/serves/new",
    "/ui/deployments/5/edit",
    "/ui/environments/new",
    "/ui/environments/4/edit",
)


async def form_of(made: Registry, path: str) -> HtmlForm:
    """The form of a page."""
    return HtmlForm(await made.page(path))


async def followed(made: Registry, answer: httpx.Response) -> str:
    """The page that an answer leads to."""
    assert answer.status_code == 303, answer.text
    return (await made.client.get(answer.headers["location"])).text


async def service_of(made: Registry, id_: str) -> dict[str, Any]:
    """A service as the API has it."""
    found: dict[str, Any] = (await made.served.client.get(f"/inference_services/{id_}")).json()
    return found


async def test_a_version_is_deployed_from_its_page() -> None:
    async with registry() as made:
        ids = await fill(made)
        listed = await made.page(f"/ui/versions/{ids['old']}/deployments")
        path = f"/ui/deployments/new?model={ids['model']}&version={ids['old']}"
        assert path.replace("&", "&amp;") in listed
        form = await form_of(made, path)
        assert made.calls <= MOST_CALLS
        assert (form.values("model"), form.values("version"), form.values("name")) == (["fraud"], ["1.0.0"], ["fraud"])
        form.fill("environment", "production").fill("runtime", "kserve-onnx").fill("name", "by form")
        text = await followed(made, await form.send(made.client))
        services = (await made.served.client.get('/inference_services?filterQuery=name = "by form"')).json()["items"]
    assert "The deployment was created." in text
    assert [(one["modelVersionId"], one["runtime"], one["desiredState"]) for one in services] == [
        (ids["old"], "kserve-onnx", "DEPLOYED")
    ]


async def test_models_and_versions_lead_to_the_form_that_deploys_them() -> None:
    async with registry() as made:
        ids = await fill(made)
        of_model = await made.page(f"/ui/models/{ids['model']}")
        of_version = await made.page(f"/ui/versions/{ids['old']}")
    assert f'href="/ui/deployments/new?model={ids["model"]}">Deploy</a>' in of_model
    assert f'href="/ui/deployments/new?model={ids["model"]}&amp;version={ids["old"]}">Deploy</a>' in of_version


async def test_names_that_do_not_exist_are_said_at_their_fields_and_nothing_typed_is_lost() -> None:
    async with registry() as made:
        await fill(made)
        form = await form_of(made, "/ui/deployments/new")
        form.fill("environment", "nowhere").fill("model", "fraud").fill("version", "9").fill("description", "Kept.")
        answer = await form.send(made.client)
        again = HtmlForm(answer.text)
        environments = (await made.served.client.get("/serving_environments")).json()["size"]
    assert answer.status_code == 422
    assert "There is no environment of this name." in answer.text
    assert "The model fraud has no version of this name." in answer.text
    assert (again.values("environment"), again.values("description")) == (["nowhere"], ["Kept."])
    assert environments == 1


async def test_a_new_environment_is_made_only_where_that_is_ticked_and_once() -> None:
    async with registry() as made:
        await fill(made)
        for name in ("first", "second"):
            form = await form_of(made, "/ui/deployments/new")
            form.fill("environment", "new place").fill("model", "fraud").fill("name", name).fill("creates", "1")
            await followed(made, await form.send(made.client))
        names = [one["name"] for one in (await made.served.client.get("/serving_environments")).json()["items"]]
    assert sorted(names) == ["new place", "production"]


async def test_a_name_that_is_taken_is_said_at_its_field() -> None:
    async with registry() as made:
        await fill(made)
        form = await form_of(made, "/ui/deployments/new")
        form.fill("environment", "production").fill("model", "fraud").fill("name", "good")
        answer = await form.send(made.client)
    assert answer.status_code == 409
    assert 'id="field-name-error"' in answer.text
    assert HtmlForm(answer.text).values("environment") == ["production"]


async def test_another_version_is_deployed_and_a_further_one_can_be_undone() -> None:
    async with registry() as made:
        ids = await fill(made)
        path = f"/ui/deployments/{ids['bad']}/version"
        text = await followed(made, await (await form_of(made, path)).fill("version", "1.0.0").send(made.client))
        assert "This version is meant to run now." in text
        assert (await service_of(made, ids["bad"]))["modelVersionId"] == ids["old"]
        text = await followed(made, await (await form_of(made, path)).fill("version", "1.1.0").send(made.client))
        assert (await service_of(made, ids["bad"]))["modelVersionId"] == ids["new"]
        undo = HtmlForm(text)
        assert undo.action == f"/ui/deployments/{ids['bad']}/undo"
        await followed(made, await undo.send(made.client))
        assert (await service_of(made, ids["bad"]))["modelVersionId"] == ids["old"]
        answer = await (await form_of(made, path)).fill("version", "").send(made.client)
    assert answer.status_code == 422


async def test_undeploying_and_deploying_again() -> None:
    async with registry() as made:
        ids = await fill(made)
        path = f"/ui/deployments/{ids['good']}/state"
        assert ">Undeploy</a>" in await made.page(f"/ui/deployments/{ids['good']}")
        text = await followed(made, await (await form_of(made, path)).send(made.client))
        assert "It is not meant to run any more." in text
        assert "Not meant to run, but seen running." in text
        assert ">Deploy</a>" in text
        await followed(made, await (await form_of(made, path)).send(made.client))
        assert (await service_of(made, ids["good"]))["desiredState"] == "DEPLOYED"


@pytest.mark.parametrize("form_page", ["version", "state"])
async def test_a_change_of_another_user_is_shown_and_not_overwritten(form_page: str) -> None:
    async with registry() as made:
        ids = await fill(made)
        form = await form_of(made, f"/ui/deployments/{ids['bad']}/{form_page}")
        await made.served.client.patch(f"/inference_services/{ids['bad']}", json={"modelVersionId": ids["new"]})
        if form_page == "version":
            form.fill("version", "1.0.0")
        answer = await form.send(made.client)
        assert answer.status_code == 412
        assert "Another user has changed this deployment" in answer.text
        assert "1.1.0, which it names" in answer.text
        assert (await service_of(made, ids["bad"]))["modelVersionId"] == ids["new"]
        await followed(made, await HtmlForm(answer.text).send(made.client))


async def test_a_serve_is_recorded_with_the_version_that_is_meant() -> None:
    async with registry() as made:
        ids = await fill(made)
        form = await form_of(made, f"/ui/deployments/{ids['bad']}/serves/new")
        assert made.calls <= MOST_CALLS
        assert (form.values("version"), form.values("lastKnownState")) == (["1.1.0"], ["RUNNING"])
        text = await followed(made, await form.fill("name", "by form").send(made.client))
        again = await form_of(made, f"/ui/deployments/{ids['bad']}/serves/new")
        taken = await again.fill("name", "by form").send(made.client)
        wrong = await again.fill("version", "7").send(made.client)
    assert "The serve is recorded." in text
    assert "by form" in text
    assert "<strong class=drift>drift</strong>" not in text
    assert (taken.status_code, wrong.status_code) == (409, 422)
    assert "The model fraud has no version of this name." in wrong.text


async def test_a_gated_version_is_warned_about_before_and_after() -> None:
    async with registry() as made:
        ids = await fill(made)
        gated = await made.make(
            "/model_versions",
            name="gated",
            registeredModelId=ids["model"],
            customProperties=to_wire({"hf_gated": "manual"}),
        )
        form = await form_of(made, f"/ui/deployments/new?model={ids['model']}&version={gated['id']}&environment=1")
        page = await made.page(f"/ui/deployments/new?model={ids['model']}&version={gated['id']}&environment=1")
        text = await followed(made, await form.send(made.client))
    assert "Serves of the version gated are refused, since it has the property hf_gated." in page
    assert "Serves of its version are refused, since it has the property hf_gated or hf_private." in text


async def test_a_version_that_is_archived_or_of_an_archived_model_is_warned_about_before_and_after() -> None:
    async with registry() as made:
        ids = await fill(made)
        path = f"/ui/deployments/new?model={ids['model']}&version={ids['old']}"
        usual = await made.page(path)
        for kind, id_ in (("model_versions", ids["old"]), ("registered_models", ids["model"])):
            await made.served.client.patch(f"/{kind}/{id_}", json={"state": "ARCHIVED"})
        form = await made.page(path)
        of_service = await made.page(f"/ui/deployments/{ids['good']}")
        again = HtmlForm(await made.page(f"/ui/deployments/{ids['good']}/state"))
        undeployed = await followed(made, await again.send(made.client))
        back = await made.page(f"/ui/deployments/{ids['good']}/state")
    words = '<p class="band">The model fraud is archived. The version 1.0.0 is archived.</p>'
    assert [words in page for page in (usual, form, of_service, undeployed, back)] == [False, True, True, False, True]


async def test_an_environment_is_created_and_a_taken_name_leads_to_what_has_it() -> None:
    async with registry() as made:
        form = await form_of(made, "/ui/environments/new")
        text = await followed(
            made, await form.fill("name", "staging").fill("description", "For tests.").send(made.client)
        )
        taken = await (await form_of(made, "/ui/environments/new")).fill("name", "staging").send(made.client)
        empty = await (await form_of(made, "/ui/environments/new")).send(made.client)
    assert "It was created." in text
    assert "For tests." in text
    assert (taken.status_code, empty.status_code) == (409, 422)
    assert "Show the environment staging" in taken.text


async def test_runtime_and_properties_of_a_deployment_can_be_edited() -> None:
    async with registry() as made:
        ids = await fill(made)
        form = await form_of(made, f"/ui/deployments/{ids['good']}/edit")
        await followed(made, await form.fill("runtime", "triton").fill("property-name", "team").send(made.client))
        service = await service_of(made, ids["good"])
    assert service["runtime"] == "triton"
    assert "team" in service["customProperties"]


@pytest.mark.parametrize("path", FORMS)
async def test_a_reader_gets_no_form_and_no_link_to_one(path: str) -> None:
    backend = FakeBackend(EXTENSIONS)
    said = {"user": "rob", "authentication": "tokens", "highestRole": "reader", "mayWriteSomething": False}
    backend.answers[f"{EXTENSIONS}/whoami"] = Answer(200, orjson.dumps(said))
    backend.answers[f"{EXTENSIONS}/inference_services/newest_serves"] = Answer(200, b'{"items": []}')
    for collection, fields in (
        ("registered_models", {}),
        ("model_versions", {"registeredModelId": "1"}),
        ("artifacts", {"modelVersionId": "2", "artifactType": "doc-artifact"}),
        ("serving_environments", {}),
        ("inference_services", {"registeredModelId": "1", "servingEnvironmentId": "4"}),
    ):
        backend.add(collection, name=collection, **fields)
    async with browsing(backend) as client:
        assert (await client.get(path)).status_code == 403
        shown = [await client.get(page) for page in ("/ui/deployments", "/ui/deployments/5", "/ui/environments/4")]
    assert [answer.status_code for answer in shown] == [200] * 3
    assert all(path not in answer.text and 'class="editor"' not in answer.text for answer in shown)


@pytest.mark.parametrize("state", [state.value for state in ExecutionState])
async def test_a_serve_has_any_state_that_the_api_knows(state: str) -> None:
    async with registry() as made:
        await fill(made)
        form = await form_of(made, FORMS[3])
        page = await made.page(FORMS[3])
        assert f'<option value="{state}"' in page
        answer = await form.fill("lastKnownState", state).send(made.client)
    assert answer.status_code == 303
