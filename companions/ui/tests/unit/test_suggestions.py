"""Filters suggest the values that the rows have, where the server counts them; the list itself never waits for that."""

import re

import pytest

from companions.ui.tests.registry import Registry, registry

LABEL = {"metadataType": "MetadataStringValue", "string_value": ""}
NUMBER = {"metadataType": "MetadataIntValue", "int_value": "1"}


def suggested(page: str) -> dict[str, list[str]]:
    """The values of each list of suggestions, by the name of the filter."""
    lists = re.findall(r'<datalist id="suggested-(\w+)">(.*?)</datalist>', page)
    return {name: re.findall(r'value="([^"]*)"', options) for name, options in lists}


async def fill(served: Registry) -> str:
    """Two models with labels, and a version of each; returns the id of the first model."""
    first = await served.make(
        "/registered_models", name="churn", owner="bob", customProperties={"gold": LABEL, "rank": NUMBER}
    )
    second = await served.make("/registered_models", name="prices", owner='ann "x" <b>', tasks=["ranking"])
    await served.make("/model_versions", name="1", author="eve", registeredModelId=first["id"])
    await served.make("/model_versions", name="1", author="mallory", registeredModelId=second["id"])
    return str(first["id"])


async def test_the_values_of_all_rows_are_suggested_in_one_call() -> None:
    async with registry() as served:
        await fill(served)
        values = suggested(await served.page("/ui/suggestions?kind=registered_models"))
        assert served.calls == 1
    assert sorted(values["owner"]) == ["ann &#34;x&#34; &lt;b&gt;", "bob"]
    assert values["task"] == ["ranking"]
    assert values["label"] == ["gold"]
    assert values["property"] == ["rank"]


async def test_a_list_below_a_model_suggests_only_what_its_rows_have() -> None:
    async with registry() as served:
        id_ = await fill(served)
        page = await served.page(f"/ui/models/{id_}/versions?author=carl")
        found = re.search(r'data-part="(/ui/suggestions[^"]+)"', page)
        assert found
        values = suggested(await served.page(found[1].replace("&amp;", "&")))
    assert values["author"] == ["eve"]


async def test_a_list_comes_without_suggestions_and_says_where_they_are() -> None:
    async with registry() as served:
        await fill(served)
        page = await served.page("/ui/models?q=u")
        assert served.calls == 1
    assert 'id="suggestions" data-part="/ui/suggestions?kind=registered_models"' in page
    assert 'name="owner" value="" list="suggested-owner"' in page
    assert "suggested-since" not in page


async def test_a_server_without_extensions_suggests_nothing() -> None:
    async with registry(extensions=False) as served:
        await fill(served)
        page = await served.page("/ui/models?q=u")
        answer = await served.client.get("/ui/suggestions?kind=registered_models")
    assert "suggest" not in page
    assert answer.status_code == 404


@pytest.mark.parametrize("kind", ["", "serves", "registered_models/../../v1alpha3/artifacts"])
async def test_only_kinds_with_values_are_asked_for(kind: str) -> None:
    async with registry() as served:
        answer = await served.client.get("/ui/suggestions", params={"kind": kind})
        assert answer.status_code == 404
        assert served.calls == 0
