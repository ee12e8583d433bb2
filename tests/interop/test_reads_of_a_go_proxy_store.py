"""Our proxy reads a store that the Go proxy wrote: the same entities, ids, names, properties and times."""

import re
from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.interop.go_proxy import READS, Json, collection, comparable, copy_of_the_store, differences
from tests.support.processes import Database
from tests.support.stores import on, proxy_on

COLLECTIONS = sorted({collection(path) for path in READS})
UNOWNED = ("registered_model", "serving_environment", "experiment")
OWNED = {
    "model_version": "registeredModelId",
    "inference_service": "servingEnvironmentId",
    "experiment_run": "experimentId",
}
ARTIFACTS = {
    "artifact": ("model-artifact", "doc-artifact", "dataset-artifact", "metric", "parameter"),
    "model_artifact": ("model-artifact",),
}


@pytest.fixture(
    scope="module", params=on(["embedded-sqlite", "google-sqlite", "container-sqlite", "unfiltered-sqlite"])
)
def client(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, database: Callable[[], Database]
) -> Iterator[httpx.Client]:
    folder = tmp_path_factory.mktemp(request.param)
    with (
        proxy_on(request.param, folder, database, "--validate-responses", file=copy_of_the_store(folder)) as proxy,
        httpx.Client(base_url=proxy.api, timeout=30) as client,
    ):
        yield client


@pytest.mark.parametrize("about", COLLECTIONS)
def test_every_answer_is_that_of_the_go_proxy(client: httpx.Client, about: str) -> None:
    found: list[str] = []
    for path, read in READS.items():
        if collection(path) != about:
            continue
        answer = client.get(path)
        assert answer.status_code == read["status"], (path, answer.text)
        found += differences(comparable(read["answer"]), comparable(answer.json()), path)
    assert not found, "\n".join(found[:40])


def _entities(path: str) -> list[Json]:
    return READS[path]["answer"]["items"]  # type: ignore[no-any-return]


FINDS = {
    **{f"/{one}": [(entity, None) for entity in _entities(f"/{one}s?pageSize=100")] for one in UNOWNED},
    **{
        f"/{one}": [(entity, entity[parent_id]) for entity in _entities(f"/{one}s?pageSize=100")]
        for one, parent_id in OWNED.items()
    },
    **{
        f"/{one}": [
            (entity, path.split("/")[2])
            for path in READS
            if re.fullmatch(r"/(model_versions|experiment_runs)/\d+/artifacts\?pageSize=100", path)
            for entity in _entities(path)
            if entity["artifactType"] in types
        ]
        for one, types in ARTIFACTS.items()
    },
}


@pytest.mark.parametrize("find", FINDS)
def test_every_entity_is_found_by_name_and_by_external_id(client: httpx.Client, find: str) -> None:
    assert FINDS[find]
    for entity, parent in FINDS[find]:
        by_name = {"name": entity["name"]} | ({"parentResourceId": parent} if parent else {})
        ways = [by_name] + ([{"externalId": entity["externalId"]}] if "externalId" in entity else [])
        for way in ways:
            answer = client.get(find, params=way)
            assert answer.status_code == httpx.codes.OK, (way, answer.text)
            assert not list(differences(comparable(entity), comparable(answer.json()), f"{find} {way}"))


def test_metric_history_of_one_name_is_found_among_names_that_a_wildcard_would_fit(client: httpx.Client) -> None:
    everything = _entities("/experiment_runs/37/metric_history?pageSize=100")
    for name in ("loss", "acc_1"):
        page = client.get("/experiment_runs/37/metric_history", params={"name": name}).json()
        assert [row["id"] for row in page["items"]] == [row["id"] for row in everything if row["name"] == name]
