"""Deployments as a file, and changes of many of them at once."""

import csv
import io

import pytest

from companions.ui.tests.html_form import HtmlForm
from companions.ui.tests.registry import Registry, registry
from companions.ui.tests.unit.deployments.test_deployment_pages import fill


async def rows(made: Registry, path: str) -> list[dict[str, str]]:
    """The rows of a file."""
    answer = await made.client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer.text)))


@pytest.mark.parametrize("extensions", [True, False])
@pytest.mark.parametrize("path", ["/ui/deployments", "/ui/models/{model}/deployments", "/ui/environments/1"])
async def test_a_list_of_deployments_is_a_file(path: str, *, extensions: bool) -> None:
    async with registry(extensions=extensions) as made:
        ids = await fill(made)
        page = await made.page(path.format(**ids))
        file = path.format(**ids) + ".csv"
        assert f'href="{file}' in page
        found = {row["Service"]: row for row in await rows(made, file)}
    assert sorted(found) == ["bad", "good", "quiet 0"]
    assert found["bad"]["Seen"] == "RUNNING; 1.0.0 was seen, 1.1.0 is meant."
    assert (found["good"]["Seen"], found["good"]["Version"], found["quiet 0"]["Seen"]) == ("RUNNING", "1.0.0", "")
    assert ("Model" in found["bad"], "Environment" in found["bad"]) == (
        "models" not in path,
        "environments" not in path,
    )


async def test_a_file_has_the_filters_of_the_list() -> None:
    async with registry() as made:
        ids = await fill(made)
        other = await made.make("/registered_models", name="other")
        await made.make(
            "/inference_services", name="elsewhere", registeredModelId=other["id"], servingEnvironmentId="1"
        )
        assert [row["Service"] for row in await rows(made, "/ui/deployments.csv?seen=drift")] == ["bad"]
        assert [row["Service"] for row in await rows(made, "/ui/deployments.csv?q=goo")] == ["good"]
        assert len(await rows(made, f"/ui/models/{ids['model']}/deployments.csv")) == 3


async def test_a_file_of_more_services_than_one_call_answers_for_is_complete() -> None:
    async with registry() as made:
        ids = await fill(made, services=230)
        names = [row["Service"] for row in await rows(made, f"/ui/deployments.csv?model={ids['model']}")]
        seen = [row["Service"] for row in await rows(made, "/ui/deployments.csv") if row["Seen"]]
    assert (len(names), seen) == (230, ["bad", "good"])


async def test_environments_are_a_file() -> None:
    async with registry() as made:
        await fill(made)
        assert 'href="/ui/environments.csv' in await made.page("/ui/environments")
        assert [row["Name"] for row in await rows(made, "/ui/environments.csv")] == ["production"]


async def test_many_deployments_are_undeployed_and_that_is_taken_back() -> None:
    async with registry() as made:
        ids = await fill(made)
        assert 'value="undeploy">Undeploy</button>' in await made.page("/ui/deployments")
        chosen = f"id={ids['good']}&id={ids['bad']}"
        asked = await made.page(f"/ui/deployments/change?do=undeploy&{chosen}")
        assert "Undeploy 2 deployments" in asked
        result = (await HtmlForm(asked, -1).send(made.client)).text
        assert "2 of 2 deployments not meant to run any more" in result
        states = [
            (await made.served.client.get(f"/inference_services/{ids[name]}")).json()["desiredState"]
            for name in ("good", "bad")
        ]
        assert states == ["UNDEPLOYED"] * 2
        again = (
            await HtmlForm(await made.page(f"/ui/deployments/change?do=undeploy&{chosen}"), -1).send(made.client)
        ).text
        assert "There was nothing to do" in again
        undone = (await HtmlForm(result, -1).send(made.client)).text
    assert "2 of 2 deployments meant to run" in undone


async def test_many_deployments_get_and_lose_a_label() -> None:
    async with registry() as made:
        ids = await fill(made)
        for do in ("add-label", "remove-label"):
            asked = await made.page(f"/ui/deployments/change?do={do}&id={ids['good']}")
            result = (await HtmlForm(asked, -1).fill("label", "canary").send(made.client)).text
            assert f"1 of 1 deployment {'got' if do == 'add-label' else 'lost'} the label canary" in result


async def test_the_file_of_selected_deployments_has_those_only() -> None:
    async with registry() as made:
        ids = await fill(made)
        answer = await made.client.get(f"/ui/deployments/change?do=csv&id={ids['good']}")
        assert [row["Service"] for row in await rows(made, answer.headers["location"])] == ["good"]
