"""Lists are filtered by the name of an environment or a model; addresses with ids keep working."""

import re

import pytest

from companions.ui.tests.registry import registry
from companions.ui.tests.unit.deployments.test_deployment_pages import MOST_CALLS, NAMED, fill
from companions.ui.tests.unit.test_suggestions import suggested


def value(page: str, name: str) -> str:
    """What stands in the field of a filter."""
    found = re.search(rf'<input id="filter-{name}"[^>]*? value="([^"]*)"', page)
    assert found
    return found[1]


@pytest.mark.parametrize("query", ["environment=staging", "environment={environment}", "model=churn", "model={model}"])
async def test_a_list_of_deployments_takes_names_and_ids(query: str) -> None:
    async with registry() as made:
        await fill(made)
        environment = await made.make("/serving_environments", name="staging")
        model = await made.make("/registered_models", name="churn")
        ids = {"servingEnvironmentId": environment["id"], "registeredModelId": model["id"]}
        await made.make("/inference_services", name="other", **ids)
        page = await made.page(f"/ui/deployments?{query.format(environment=environment['id'], model=model['id'])}")
        assert made.calls <= MOST_CALLS
        answer = await made.client.get(f"/ui/deployments.csv?{query.format(environment='staging', model='churn')}")
    name, _, _ = query.partition("=")
    assert NAMED.findall(page) == ["other"]
    assert value(page, name) == {"environment": "staging", "model": "churn"}[name]
    assert f"<span>{name}: {value(page, name)}</span>" in page
    assert len(answer.text.splitlines()) == 2


async def test_versions_are_filtered_by_the_name_of_their_model() -> None:
    async with registry() as made:
        ids = await fill(made)
        model = await made.make("/registered_models", name="churn")
        await made.make("/model_versions", name="7", registeredModelId=model["id"])
        assert NAMED.findall(await made.page("/ui/versions?model=churn")) == ["7"]
        assert NAMED.findall(await made.page(f"/ui/versions?model={ids['model']}")) == ["1.1.0", "1.0.0"]


async def test_a_name_that_does_not_exist_is_said_and_kept() -> None:
    async with registry() as made:
        await fill(made)
        page = await made.page("/ui/deployments?environment=%22none%22<b>")
    assert "Environment &#34;&#34;none&#34;&lt;b&gt;&#34; does not exist." in page
    assert value(page, "environment") == "&#34;none&#34;&lt;b&gt;"


async def test_a_model_whose_name_is_a_number_is_found_where_no_model_has_this_id() -> None:
    async with registry() as made:
        ids = await fill(made)
        model = await made.make("/registered_models", name="4711")
        await made.make("/inference_services", name="other", registeredModelId=model["id"], servingEnvironmentId="1")
        page = await made.page("/ui/deployments?model=4711")
        assert NAMED.findall(page) == ["other"]
        assert value(page, "model") == model["id"]
        assert ids["model"] != model["id"]


async def test_names_are_suggested_for_the_filters() -> None:
    async with registry() as made:
        await fill(made)
        page = await made.page("/ui/deployments")
        assert 'list="suggested-environment"' in page
        values = suggested(await made.page("/ui/suggestions?kind=inference_services"))
        of_versions = suggested(await made.page("/ui/suggestions?kind=model_versions"))
        of_models = suggested(await made.page("/ui/suggestions?kind=registered_models"))
    assert (values["environment"], values["model"]) == (["production"], ["fraud"])
    assert (of_versions["model"], "environment" in of_versions, "model" in of_models) == (["fraud"], False, False)
