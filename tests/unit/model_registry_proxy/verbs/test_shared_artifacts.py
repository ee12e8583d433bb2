"""Versions and runs that artifacts connect, in both directions."""

from pathlib import Path
from typing import Any

import pytest

from model_registry_proxy.registry.registry import Limits
from tests.support.asking import ask, refusal
from tests.support.guarded import guarding
from tests.support.serving import Served, serving


async def version(served: Served, name: str) -> str:
    """Creates a model with a version; returns the id of the version."""
    model = (await served.make("/registered_models", name=name))["id"]
    return str((await served.make("/model_versions", name=f"{name} v", registeredModelId=model))["id"])


async def run(served: Served, name: str) -> str:
    """Creates a run in an experiment of its own; returns its id."""
    experiment = (await served.make("/experiments", name=f"{name} experiment"))["id"]
    return str((await served.make("/experiment_runs", name=name, experimentId=experiment))["id"])


async def artifact(served: Served, *owners: str, **fields: Any) -> str:
    """Creates a dataset below the first path and attaches it to the others; returns its id."""
    first, *others = owners
    body = {"artifactType": "dataset-artifact", **fields}
    id_ = (await served.make(f"{first}/artifacts", **body))["id"]
    for owner in others:
        await served.make(f"{owner}/artifacts", artifactType="dataset-artifact", id=id_)
    return str(id_)


async def test_an_artifact_has_the_versions_and_runs_that_it_belongs_to() -> None:
    async with serving() as served:
        versions = [await version(served, name) for name in "ab"]
        run_id = await run(served, "r")
        id_ = await artifact(served, *(f"/model_versions/{each}" for each in versions), f"/experiment_runs/{run_id}")
        found = await ask(served.client, f"/artifacts/{id_}/versions")
        assert found == {
            "items": [(await served.client.get(f"/model_versions/{each}")).json() for each in versions],
            "nextPageToken": "",
            "pageSize": 1000,
            "size": 2,
        }
        runs = await ask(served.client, f"/artifacts/{id_}/experiment_runs")
        assert [item["id"] for item in runs["items"]] == [run_id]


async def test_the_versions_of_an_artifact_come_in_pages() -> None:
    async with serving() as served:
        versions = [await version(served, f"m{number}") for number in range(5)]
        id_ = await artifact(served, *(f"/model_versions/{each}" for each in versions))
        found, token = [], ""
        for size in (2, 2, 1):
            page = await ask(served.client, f"/artifacts/{id_}/versions", pageSize=2, nextPageToken=token)
            assert page["size"] == size
            found += [item["id"] for item in page["items"]]
            token = page["nextPageToken"]
        assert (found, token) == (versions, "")
        other = await artifact(served, f"/model_versions/{versions[0]}", name="other")
        page = await ask(served.client, f"/artifacts/{id_}/versions", pageSize=2)
        status, message = await refusal(
            served.client, f"/artifacts/{other}/versions", nextPageToken=page["nextPageToken"]
        )
        assert (status, message[:43]) == (400, "nextPageToken comes from another question; ")


async def test_a_standalone_artifact_belongs_to_nothing_and_a_missing_one_is_404() -> None:
    async with serving() as served:
        id_ = (await served.make("/model_artifacts", name="standalone"))["id"]
        for path in ("versions", "experiment_runs"):
            assert (await ask(served.client, f"/artifacts/{id_}/{path}"))["items"] == []
            assert await refusal(served.client, f"/artifacts/99/{path}") == (404, "No artifact has id 99.")


async def test_a_version_and_a_run_that_share_artifacts_find_each_other() -> None:
    async with serving() as served:
        mine, other = await version(served, "mine"), await version(served, "other")
        first, second, third = [await run(served, name) for name in ("first", "second", "third")]
        here = f"/model_versions/{mine}"
        both = await artifact(served, here, f"/experiment_runs/{first}", f"/experiment_runs/{second}", name="both")
        one = await artifact(served, f"/experiment_runs/{first}", here, name="one")
        await artifact(served, f"/experiment_runs/{third}", f"/model_versions/{other}", name="of others")
        await artifact(served, here, name="not shared")
        runs = await ask(served.client, f"/model_versions/{mine}/experiment_runs")
        assert [(item["experimentRun"]["name"], item["artifactIds"]) for item in runs["items"]] == [
            ("first", [both, one]),
            ("second", [both]),
        ]
        assert (runs["size"], runs["isComplete"]) == (2, True)
        versions = await ask(served.client, f"/experiment_runs/{first}/versions")
        assert versions["items"] == [
            {
                "modelVersion": (await served.client.get(f"/model_versions/{mine}")).json(),
                "artifactIds": [both, one],
            }
        ]


async def test_a_version_and_a_run_with_several_pages_of_artifacts_take_a_call_a_page() -> None:
    async with serving(limits=Limits(scan=200)) as served:
        mine, first = await version(served, "mine"), await run(served, "first")
        ids = [
            await artifact(served, f"/model_versions/{mine}", f"/experiment_runs/{first}", name=f"a{number}")
            for number in range(150)
        ]
        served.store.forget()
        (found,) = (await ask(served.client, f"/model_versions/{mine}/experiment_runs"))["items"]
        assert found["artifactIds"] == ids
        assert (served.store.counts["list_nodes"], served.store.counts["attributions"]) == (2, 2)
        for number in range(51):
            await artifact(served, f"/model_versions/{mine}", name=f"b{number}")
        assert (await ask(served.client, f"/model_versions/{mine}/experiment_runs"))["isComplete"] is False


@pytest.mark.parametrize(
    ("path", "words"),
    [("/model_versions/{}/experiment_runs", "model version"), ("/experiment_runs/{}/versions", "experiment run")],
)
async def test_what_does_not_exist_is_404(path: str, words: str) -> None:
    async with serving() as served:
        await served.make("/registered_models", name="model")
        for id_ in (1, 99, -1):
            assert await refusal(served.client, path.format(id_)) == (404, f"No {words} has id {id_}.")


async def test_versions_of_hidden_models_and_their_artifacts_are_not_shown(tmp_path: Path) -> None:
    async with guarding(tmp_path) as guarded:
        served = guarded.served
        open_, secret = await version(served, "open"), await version(served, "secret")
        run_id = await run(served, "r")
        shown = await artifact(served, f"/experiment_runs/{run_id}", f"/model_versions/{open_}", name="shown")
        hidden = await artifact(
            served, f"/experiment_runs/{run_id}", f"/model_versions/{open_}", f"/model_versions/{secret}", name="hidden"
        )
        seen: dict[str, Any] = {}
        for user in ("outsider", "changer"):
            client = guarded.by(user)
            found = await ask(client, f"/experiment_runs/{run_id}/versions")
            seen[user] = [(item["modelVersion"]["id"], item["artifactIds"]) for item in found["items"]]
        assert seen == {
            "outsider": [(open_, [shown])],
            "changer": [(open_, [shown, hidden]), (secret, [hidden])],
        }
        assert (await refusal(guarded.by("outsider"), f"/artifacts/{hidden}/versions"))[0] == 404
        assert (await refusal(guarded.by("outsider"), f"/model_versions/{secret}/experiment_runs"))[0] == 404
        versions = await ask(guarded.by("outsider"), f"/artifacts/{shown}/versions")
        assert [item["id"] for item in versions["items"]] == [open_]
