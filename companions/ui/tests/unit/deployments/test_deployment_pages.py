"""The pages of deployments on a whole server: names behind ids, what was seen, drift, and the number of calls."""

import re
from typing import Any

import pytest

from companions.ui.tests.registry import Registry, registry

NAMED = re.compile(r'data-row.*?<th scope=row><a href="[^"]*">([^<]*)<', re.DOTALL)
SERVICE = re.compile(r'<(?:th scope=row><a|a class="name") href="/ui/deployments/\d+">([^<]*)<')
MOST_CALLS = 10


async def fill(made: Registry, services: int = 3) -> dict[str, Any]:
    """A model with two versions, and services of it: one as meant, one with drift, and others that were never seen."""
    environment = await made.make("/serving_environments", name="production")
    model = await made.make("/registered_models", name="fraud")
    old, new = [
        await made.make("/model_versions", name=name, registeredModelId=model["id"]) for name in ("1.0.0", "1.1.0")
    ]
    ids = {"servingEnvironmentId": environment["id"], "registeredModelId": model["id"]}
    names = ["good", "bad", *(f"quiet {number}" for number in range(services - 2))]
    pinned = {"good": old["id"]}
    found = [
        await made.make(
            "/inference_services", name=name, **ids, **({"modelVersionId": pinned[name]} if name in pinned else {})
        )
        for name in names
    ]
    for service in found[:2]:
        for state in ("NEW", "RUNNING"):
            path = f"/inference_services/{service['id']}/serves"
            await made.make(path, name=f"rollout {state}", modelVersionId=old["id"], lastKnownState=state)
    return {"model": model["id"], "old": old["id"], "new": new["id"], "good": found[0]["id"], "bad": found[1]["id"]}


async def test_the_list_names_what_stands_behind_ids_and_shows_drift() -> None:
    async with registry() as made:
        await fill(made)
        text = await made.page("/ui/deployments")
    assert NAMED.findall(text) == ["quiet 0", "bad", "good"]
    assert text.count("<strong class=drift>drift</strong>") == 1
    assert "1.0.0 was seen, 1.1.0 is meant." in text
    assert text.count("<small>pinned</small>") == 1
    assert text.count("<small>newest</small>") == 2
    assert text.count("never seen") == 1


async def test_the_versions_of_a_model_say_a_moment_later_where_they_are_meant_to_run() -> None:
    async with registry() as made:
        ids = await fill(made)
        first = await made.page(f"/ui/models/{ids['model']}/versions")
        later = await made.page(f"/ui/models/{ids['model']}/versions?later=1")
        assert made.calls <= MOST_CALLS
        file = await made.page(f"/ui/models/{ids['model']}/versions.csv?cols=deployed")
        answer = await made.served.client.patch(
            f"/inference_services/{ids['good']}", json={"desiredState": "UNDEPLOYED"}
        )
        assert answer.status_code == 200, answer.text
        changed = await made.page(f"/ui/models/{ids['model']}/versions?later=1")
    assert [text.count(">production<") for text in (first, later, changed)] == [0, 2, 1]
    assert "Deployed in" in first
    assert 'versions?later=1"' in first
    assert file.splitlines()[0].startswith("Name,Deployed in,")
    assert file.count("production") == 2


async def test_the_overview_shows_drift_in_a_part_that_is_loaded_later() -> None:
    async with registry() as made:
        await fill(made, 8)
        first = await made.page("/ui/")
        calls = made.calls
        later = await made.page("/ui/?part=deployments")
        assert made.calls <= MOST_CALLS
    assert calls <= 4
    assert 'id="deployments" data-part="/ui/?part=deployments"' in first
    assert "<strong class=drift>drift</strong>" not in first
    assert re.search(
        r">bad<.*?<strong class=drift>drift</strong>.*?1\.0\.0 was seen, 1\.1\.0 is meant\.", later, re.DOTALL
    )
    assert "Models changed last" in first
    assert "Models changed last" not in later
    assert "data-part" not in later


@pytest.mark.parametrize(
    ("seen", "names"), [("drift", ["bad"]), ("as-meant", ["good"]), ("never", ["quiet 0"]), ("nonsense", None)]
)
async def test_rows_are_filtered_by_what_was_seen(seen: str, names: list[str] | None) -> None:
    async with registry() as made:
        await fill(made)
        text = await made.page(f"/ui/deployments?seen={seen}")
    assert NAMED.findall(text) == (names or ["quiet 0", "bad", "good"])


async def test_filters_of_a_list_are_sent_to_the_api() -> None:
    async with registry() as made:
        ids = await fill(made)
        await made.make("/registered_models", name="other")
        assert NAMED.findall(await made.page("/ui/deployments?q=goo")) == ["good"]
        assert NAMED.findall(await made.page(f"/ui/deployments?version={ids['old']}")) == ["good"]
        assert "No deployments match" in await made.page("/ui/deployments?meant=UNDEPLOYED")
        assert "No deployments match" in await made.page("/ui/deployments?model=999")


@pytest.mark.parametrize("path", ["/ui/deployments?size=200", "/ui/models/{model}/deployments?size=200"])
async def test_the_calls_of_a_list_do_not_grow_with_the_services(path: str) -> None:
    async with registry() as made:
        ids = await fill(made)
        await made.page(path.format(**ids))
        few = made.calls
        await made.make("/serving_environments", name="second")
        for number in range(120):
            await made.make(
                "/inference_services",
                name=f"more {number}",
                servingEnvironmentId="1",
                registeredModelId=ids["model"],
            )
        await made.page(path.format(**ids))
        assert made.calls <= few + 1 <= MOST_CALLS


async def test_without_extensions_what_was_seen_is_loaded_afterwards_and_is_bounded() -> None:
    async with registry(extensions=False) as made:
        await fill(made, services=60)
        text = await made.page("/ui/deployments?size=200")
        assert made.calls <= MOST_CALLS
        assert 'data-part="/ui/deployments?size=200&amp;later=1"' in text
        assert "never seen" not in text
        text = await made.page("/ui/deployments?size=200&later=1&q=")
        assert made.calls <= 50 + MOST_CALLS
        assert "data-part" not in text.partition('id="rows"')[2]
        assert text.count("not loaded") == 10
        assert NAMED.findall(await made.page("/ui/deployments?seen=drift&size=200&q=ba")) == ["bad"]


async def test_a_model_and_its_versions_list_the_services_that_are_meant_to_run_them() -> None:
    async with registry() as made:
        ids = await fill(made)
        other = await made.make("/registered_models", name="other")
        await made.make("/inference_services", name="foreign", servingEnvironmentId="1", registeredModelId=other["id"])
        of_model = await made.page(f"/ui/models/{ids['model']}/deployments")
        of_version = await made.page(f"/ui/versions/{ids['new']}/deployments?q=quiet")
    assert NAMED.findall(of_model) == ["quiet 0", "bad", "good"]
    assert NAMED.findall(of_version) == ["quiet 0"]


async def test_the_page_of_a_deployment_shows_both_versions_the_serves_and_the_yaml() -> None:
    async with registry() as made:
        ids = await fill(made)
        text = await made.page(f"/ui/deployments/{ids['bad']}")
        assert made.calls <= MOST_CALLS
        quiet = await made.page(f"/ui/deployments/{ids['good']}")
    assert "1.0.0 was seen, 1.1.0 is meant." in text
    assert "The service follows the newest version of its model." in text
    assert text.index("rollout RUNNING") < text.index("rollout NEW")
    assert "model-registry://fraud/1.1.0" in text
    assert "<strong class=drift>drift</strong>" not in quiet
    assert "It cannot follow the newest one again." in quiet


async def test_a_service_whose_model_has_no_version_is_a_page_too() -> None:
    async with registry() as made:
        await made.make("/serving_environments", name="production")
        model = await made.make("/registered_models", name="fraud")
        service = await made.make("/inference_services", servingEnvironmentId="1", registeredModelId=model["id"])
        text = await made.page(f"/ui/deployments/{service['id']}")
        listed = await made.page("/ui/deployments")
    assert "No serve was recorded yet." in text
    assert "KServe" not in text
    assert "the newest version" in listed


async def test_only_the_newest_version_runs_where_a_service_follows_it() -> None:
    async with registry() as made:
        ids = await fill(made)
        pages = {
            (name, tab): await made.page(f"/ui/versions/{ids[name]}{tab}")
            for name in ("old", "new")
            for tab in ("", "/deployments")
        }
    for tab in ("", "/deployments"):
        assert SERVICE.findall(pages["old", tab]) == ["good"]
        assert sorted(SERVICE.findall(pages["new", tab])) == ["bad", "quiet 0"]
    assert "follows the newest version" in pages["new", ""]
    assert "follows the newest version" not in pages["old", ""]


async def test_a_model_names_environment_and_version_of_what_is_meant_to_run() -> None:
    async with registry() as made:
        ids = await fill(made)
        environment = await made.make("/serving_environments", name="elsewhere")
        fields = {"servingEnvironmentId": environment["id"], "registeredModelId": ids["model"]}
        await made.make("/inference_services", name="stopped", desiredState="UNDEPLOYED", **fields)
        await made.make("/inference_services", name="moved", **fields)
        text = (await made.page(f"/ui/models/{ids['model']}")).partition("Meant to run in")[2]
        assert made.calls <= MOST_CALLS
    assert "stopped" not in text
    assert f'in <a href="/ui/environments/{environment["id"]}">elsewhere</a>' in text
    assert f'<a href="/ui/versions/{ids["old"]}">1.0.0</a> <small>pinned</small>' in text
    assert f'<a href="/ui/versions/{ids["new"]}">1.1.0</a> <small>newest</small>' in text


@pytest.mark.parametrize("query", ["", "?q=good", "?query=nonsense+("])
async def test_a_server_that_cannot_ask_for_missing_fields_lists_what_names_the_version(query: str) -> None:
    async with registry(extensions=False) as made:
        ids = await fill(made)
        fields = {"servingEnvironmentId": "1", "registeredModelId": ids["model"], "modelVersionId": ids["new"]}
        await made.make("/inference_services", name="good too", **fields)
        made.backend.refused = "IS NULL"
        text = await made.page(f"/ui/versions/{ids['new']}/deployments{query}")
    assert NAMED.findall(text) == ["good too"]
    assert "This registry cannot look for services that follow the newest version" in text


async def test_a_server_that_knows_no_such_queries_shows_ids_instead_of_names() -> None:
    async with registry(extensions=False) as made:
        ids = await fill(made)
        made.backend.refused = " IN ("
        text = await made.page("/ui/deployments?later=1")
    assert NAMED.findall(text) == ["quiet 0", "bad", "good"]
    assert f"id {ids['model']}" in text
    assert f"version {ids['old']}" in text


async def test_the_newest_version_is_found_behind_many_of_other_models() -> None:
    async with registry() as made:
        await made.make("/serving_environments", name="production")
        quiet, busy = [await made.make("/registered_models", name=name) for name in ("quiet", "busy")]
        await made.make("/model_versions", name="the only one", registeredModelId=quiet["id"])
        for number in range(201):
            await made.make("/model_versions", name=f"1.{number}", registeredModelId=busy["id"])
        for model in (quiet, busy):
            fields = {"servingEnvironmentId": "1", "registeredModelId": model["id"]}
            await made.make("/inference_services", name=model["name"], **fields)
        text = await made.page("/ui/deployments")
        assert made.calls <= MOST_CALLS
    assert ">the only one</a>" in text
    assert ">1.200</a>" in text
