"""The forms of experiments and runs on a whole server, as a browser without JavaScript sends them."""

from typing import Any

import httpx
import orjson
import pytest
from model_registry_client.custom_properties import to_wire
from model_registry_ui.backend import Answer

from companions.ui.tests.experiment_registry import registry as experiments_in_memory
from companions.ui.tests.fake_backend import EXTENSIONS, browsing
from companions.ui.tests.html_form import HtmlForm
from companions.ui.tests.registry import Registry, registry

FORMS = (
    "/ui/experiments/new",
    "/ui/experiments/1/edit",
    "/ui/experiments/1/runs/new",
    "/ui/runs/2/edit",
    "/ui/runs/2/end",
    "/ui/runs/2/archive",
    "/ui/runs/2/labels",
    "/ui/experiments/1/archive",
    "/ui/experiments/1/labels",
)
MOST_CALLS = 10


async def form_of(made: Registry, path: str) -> HtmlForm:
    """The form of a page."""
    return HtmlForm(await made.page(path))


async def followed(made: Registry, answer: httpx.Response) -> str:
    """The page that an answer leads to."""
    assert answer.status_code == 303, answer.text
    return (await made.client.get(answer.headers["location"])).text


async def stored(made: Registry, path: str) -> dict[str, Any]:
    """An entity as the API has it."""
    found: dict[str, Any] = (await made.served.client.get(path)).json()
    return found


async def fill(made: Registry) -> tuple[dict[str, Any], dict[str, Any]]:
    """Makes an experiment and a run that is running."""
    experiment = await made.make("/experiments", name="churn", owner="ann", customProperties=to_wire({"team": "risk"}))
    run = await made.make("/experiment_runs", name="first", experimentId=experiment["id"], status="RUNNING")
    return experiment, run


async def test_an_experiment_is_created_from_the_list_and_a_taken_name_leads_to_what_has_it() -> None:
    async with registry() as made:
        assert 'href="/ui/experiments/new"' in await made.page("/ui/experiments")
        form = await form_of(made, "/ui/experiments/new")
        text = await followed(made, await form.fill("name", "churn").fill("owner", "ann").send(made.client))
        again = await form_of(made, "/ui/experiments/new")
        taken = await again.fill("name", "churn").fill("description", "Kept.").send(made.client)
        empty = await (await form_of(made, "/ui/experiments/new")).send(made.client)
    assert "It was created." in text
    assert (taken.status_code, empty.status_code) == (409, 422)
    assert "Show the experiment churn" in taken.text
    assert HtmlForm(taken.text).values("description") == ["Kept."]


async def test_an_external_id_that_is_taken_leads_to_the_experiment_that_has_it() -> None:
    async with registry() as made:
        await made.make("/experiments", name="churn", externalId="e-1")
        form = await form_of(made, "/ui/experiments/new")
        taken = await form.fill("name", "other").fill("externalId", "e-1").send(made.client)
    assert taken.status_code == 409
    assert 'id="field-externalId-error"' in taken.text
    assert "Show the experiment churn" in taken.text


async def test_a_run_is_created_below_its_experiment_and_is_running_from_now() -> None:
    async with registry() as made:
        experiment, _ = await fill(made)
        path = f"/ui/experiments/{experiment['id']}/runs/new"
        assert f'href="{path}"' in await made.page(f"/ui/experiments/{experiment['id']}")
        answer = await (await form_of(made, path)).fill("name", "second").send(made.client)
        assert made.calls <= MOST_CALLS
        assert answer.status_code == 303, answer.text
        run = await stored(made, "/experiment_runs/" + answer.headers["location"].rpartition("/")[2])
        taken = await (await form_of(made, path)).fill("name", "first").send(made.client)
        nameless = await followed(made, await (await form_of(made, path)).send(made.client))
    assert (run["name"], run["experimentId"], run["status"]) == ("second", experiment["id"], "RUNNING")
    assert int(run["startTimeSinceEpoch"]) > 0
    assert taken.status_code == 409
    assert "Show the run first" in taken.text
    assert "It was created." in nameless


@pytest.mark.parametrize("kind", ["experiment", "run"])
async def test_fields_and_properties_are_edited_and_taken_back(kind: str) -> None:
    async with registry() as made:
        experiment, run = await fill(made)
        entity, collection = (experiment, "experiments") if kind == "experiment" else (run, "experiment_runs")
        page = f"/ui/{kind}s/{entity['id']}"
        assert f'href="{page}/edit"' in await made.page(page)
        form = await form_of(made, f"{page}/edit")
        assert made.calls <= MOST_CALLS
        form.fill("owner", "bob").fill("description", "Rates.").fill("property-name", "stage")
        text = await followed(made, await form.fill("property-value", "late").send(made.client))
        after = await stored(made, f"/{collection}/{entity['id']}")
        await followed(made, await HtmlForm(text).send(made.client))
        undone = await stored(made, f"/{collection}/{entity['id']}")
    assert (after["owner"], after["description"]) == ("bob", "Rates.")
    assert after["customProperties"]["stage"]["string_value"] == "late"
    assert after.get("status") == entity.get("status")
    assert (undone.get("owner") or None) == entity.get("owner")
    assert undone["customProperties"] == entity["customProperties"]


@pytest.mark.parametrize("kind", ["experiment", "run"])
async def test_two_changes_at_the_same_time_are_merged(kind: str) -> None:
    async with registry() as made:
        experiment, run = await fill(made)
        path, collection = (
            (f"/ui/experiments/{experiment['id']}/edit", f"/experiments/{experiment['id']}")
            if kind == "experiment"
            else (f"/ui/runs/{run['id']}/edit", f"/experiment_runs/{run['id']}")
        )
        form = await form_of(made, path)
        await made.served.client.patch(collection, json={"description": "Theirs."})
        answer = await form.fill("owner", "bob").send(made.client)
        assert answer.status_code == 409
        merged = HtmlForm(answer.text)
        await followed(made, await merged.send(made.client, do="merge"))
        after = await stored(made, collection)
    assert (after["description"], after["owner"]) == ("Theirs.", "bob")


@pytest.mark.parametrize("path", FORMS)
async def test_a_reader_gets_no_form_and_no_link_to_one(path: str) -> None:
    backend = experiments_in_memory(curves=True)
    said = {"user": "rob", "authentication": "tokens", "highestRole": "reader", "mayWriteSomething": False}
    backend.answers[f"{EXTENSIONS}/whoami"] = Answer(200, orjson.dumps(said))
    async with browsing(backend) as client:
        assert (await client.get(path)).status_code == 403
        shown = [await client.get(page) for page in ("/ui/experiments", "/ui/experiments/1", "/ui/runs/2")]
    assert [answer.status_code for answer in shown] == [200] * 3
    assert all(form not in answer.text for answer in shown for form in FORMS)


async def test_a_run_is_ended_now_and_a_second_status_can_be_taken_back() -> None:
    async with registry() as made:
        _, run = await fill(made)
        page, path = f"/ui/runs/{run['id']}", f"/experiment_runs/{run['id']}"
        assert f'href="{page}/end"' in await made.page(page)
        text = await followed(
            made, await (await form_of(made, f"{page}/end")).fill("status", "FINISHED").send(made.client)
        )
        ended = await stored(made, path)
        second = await (await form_of(made, f"{page}/end")).fill("status", "FAILED").send(made.client)
        undo = HtmlForm(await followed(made, second))
        failed = await stored(made, path)
        await followed(made, await undo.send(made.client))
        undone = await stored(made, path)
    assert "The run is finished." in text
    assert f'action="{page}/undo"' not in text
    assert int(ended["endTimeSinceEpoch"]) > 0
    assert {one["endTimeSinceEpoch"] for one in (failed, undone)} == {ended["endTimeSinceEpoch"]}
    assert [one["status"] for one in (ended, failed, undone)] == ["FINISHED", "FAILED", "FINISHED"]


async def test_a_run_that_another_user_has_changed_is_not_ended() -> None:
    async with registry() as made:
        _, run = await fill(made)
        form = await form_of(made, f"/ui/runs/{run['id']}/end")
        await made.served.client.patch(f"/experiment_runs/{run['id']}", json={"owner": "eve"})
        answer = await form.fill("status", "KILLED").send(made.client)
        unknown = await (await form_of(made, f"/ui/runs/{run['id']}/end")).fill("status", "LOST").send(made.client)
        after = await stored(made, f"/experiment_runs/{run['id']}")
    assert (answer.status_code, unknown.status_code) == (412, 422)
    assert "Another user has changed this run" in answer.text
    assert after["status"] == "RUNNING"


@pytest.mark.parametrize("kind", ["experiment", "run"])
async def test_it_is_archived_and_restored_and_gets_a_label(kind: str) -> None:
    async with registry() as made:
        experiment, run = await fill(made)
        entity, collection = (experiment, "experiments") if kind == "experiment" else (run, "experiment_runs")
        page, path = f"/ui/{kind}s/{entity['id']}", f"/{collection}/{entity['id']}"
        text = await followed(made, await (await form_of(made, f"{page}/archive")).send(made.client))
        archived = await stored(made, path)
        await followed(made, await (await form_of(made, f"{page}/restore")).send(made.client))
        form = await form_of(made, f"{page}/labels")
        labelled = await followed(made, await form.fill("label", "nightly").send(made.client))
        after = await stored(made, path)
    assert "It is archived." in text
    assert f'href="{page}/restore"' in text
    assert archived["state"] == "ARCHIVED"
    assert after["state"] == "LIVE"
    assert "The label was added." in labelled
    assert after["customProperties"]["nightly"]["string_value"] == ""


@pytest.mark.parametrize(
    ("status", "has_start"), [("RUNNING", True), ("SCHEDULED", False), ("", True), ("FAILED", True)]
)
async def test_a_new_run_has_the_chosen_status(status: str, *, has_start: bool) -> None:
    async with registry() as made:
        experiment, _ = await fill(made)
        form = await form_of(made, f"/ui/experiments/{experiment['id']}/runs/new")
        assert form.values("status") == ["RUNNING"]
        answer = await form.fill("name", "new one").fill("status", status).send(made.client)
        run = await stored(made, f"/experiment_runs/{answer.headers['location'].rpartition('/')[2]}")
    assert run["status"] == (status or "RUNNING")
    assert bool(run.get("startTimeSinceEpoch")) is has_start


async def test_a_run_is_scheduled_and_runs_without_an_end() -> None:
    async with registry() as made:
        _, run = await fill(made)
        page, path = f"/ui/runs/{run['id']}/end", f"/experiment_runs/{run['id']}"
        first = await (await form_of(made, page)).fill("status", "SCHEDULED").send(made.client)
        undo = HtmlForm(await followed(made, first))
        scheduled = await stored(made, path)
        await followed(made, await undo.send(made.client))
        undone = await stored(made, path)
        await followed(made, await (await form_of(made, page)).fill("status", "SCHEDULED").send(made.client))
        text = await followed(made, await (await form_of(made, page)).fill("status", "RUNNING").send(made.client))
    assert [one.get("status") for one in (scheduled, undone)] == ["SCHEDULED", run.get("status") or "RUNNING"]
    assert not scheduled.get("endTimeSinceEpoch")
    assert "The run is running." in text
