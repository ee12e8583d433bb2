"""The extensions on every store: the answers are those of single requests, put together."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.support.processes import Proxy

Json = dict[str, Any]
WORD = f"extensions {uuid.uuid4()}"


@dataclass(frozen=True)
class World:
    """A client of the API, one of the extensions, and the ids of what was made."""

    client: httpx.Client
    extensions: httpx.Client
    ids: dict[str, str]

    def ask(self, path: str, **query: Any) -> Json:
        """The answer of the extensions."""
        response = self.extensions.get(path, params=query)
        assert response.status_code == 200, response.text
        found: Json = response.json()
        return found

    def make(self, path: str, **body: Any) -> str:
        """Creates an entity; returns its id."""
        response = self.client.post(path, json=body)
        assert response.is_success, response.text
        return str(response.json()["id"])


@pytest.fixture(scope="module")
def world(any_proxy: Proxy) -> Iterator[World]:
    """A version and a run that share a dataset, and three services, one of which has many serves."""
    base = f"{any_proxy.url}/api/model_registry/ext/v1"
    with httpx.Client(base_url=any_proxy.api, timeout=60) as client, httpx.Client(base_url=base, timeout=60) as own:
        ids: dict[str, str] = {}
        world = World(client, own, ids)
        label = {"label": {"metadataType": "MetadataStringValue", "string_value": ""}}
        ids["model"] = world.make("/registered_models", name=f"{WORD} model", owner=WORD, customProperties=label)
        ids["version"] = world.make("/model_versions", name="v", registeredModelId=ids["model"], author=WORD)
        ids["experiment"] = world.make("/experiments", name=f"{WORD} experiment", owner=WORD)
        ids["run"] = world.make("/experiment_runs", name="r", experimentId=ids["experiment"])
        below_run = f"/experiment_runs/{ids['run']}/artifacts"
        ids["data"] = world.make(below_run, artifactType="dataset-artifact", name="data")
        world.make(f"/model_versions/{ids['version']}/artifacts", artifactType="dataset-artifact", id=ids["data"])
        for step in range(120):
            world.make(
                below_run, artifactType="metric", name="loss", value=9e9 if step == 70 else 1 / (step + 1), step=step
            )
        world.make(below_run, artifactType="metric", name="loss__x", value=1)
        environment = world.make("/serving_environments", name=f"{WORD} environment")
        service = {"registeredModelId": ids["model"], "servingEnvironmentId": environment}
        for name, serves in (("quiet", 2), ("busy", 130), ("idle", 0)):
            ids[name] = world.make("/inference_services", name=name, **service)
            for number in range(serves):
                ids[f"{name} serve"] = world.make(
                    f"/inference_services/{ids[name]}/serves", name=f"s{number}", modelVersionId=ids["version"]
                )
        yield world


def test_a_server_says_what_it_serves(any_proxy: Proxy) -> None:
    found = httpx.get(f"{any_proxy.url}/.well-known/model-registry", timeout=30).json()
    for part in ("api", "extensions"):
        document = httpx.get(any_proxy.url + found[part]["document"], timeout=30).json()
        assert [server["url"] for server in document["servers"]] == found[part]["prefixes"]


def test_the_client_may_do_everything_without_authentication(world: World) -> None:
    found = world.ask("/whoami", model=f"{world.ids['model']},{world.ids['version']}")
    assert found["models"] == [{"id": world.ids["model"], "role": "admin", "mayWrite": True}]


def test_a_version_and_a_run_that_share_a_dataset_find_each_other(world: World) -> None:
    ids = world.ids
    runs = world.ask(f"/model_versions/{ids['version']}/experiment_runs")
    assert [(item["experimentRun"]["id"], item["artifactIds"]) for item in runs["items"]] == [
        (ids["run"], [ids["data"]])
    ]
    versions = world.ask(f"/experiment_runs/{ids['run']}/versions")
    assert [(item["modelVersion"]["id"], item["artifactIds"]) for item in versions["items"]] == [
        (ids["version"], [ids["data"]])
    ]
    assert [item["id"] for item in world.ask(f"/artifacts/{ids['data']}/versions")["items"]] == [ids["version"]]
    assert [item["id"] for item in world.ask(f"/artifacts/{ids['data']}/experiment_runs")["items"]] == [ids["run"]]


def test_a_curve_has_its_ends_and_its_spike(world: World) -> None:
    path = f"/experiment_runs/{world.ids['run']}"
    assert world.ask(f"{path}/metric_names")["names"] == ["loss", "loss__x"]
    loss, other = world.ask(f"{path}/metric_history", names="loss,loss__x", maxPoints=10)["metrics"]
    assert (loss["count"], loss["isThinned"], loss["isComplete"]) == (120, True, True)
    assert len(loss["points"]) <= 10
    assert {0, 70, 119} <= {point["step"] for point in loss["points"]}
    assert [point["value"] for point in other["points"]] == [1]


def test_each_service_has_its_newest_serve(world: World) -> None:
    ids = world.ids
    found = world.ask("/inference_services/newest_serves", ids=f"{ids['idle']},{ids['quiet']},{ids['busy']}")
    assert [(item["inferenceServiceId"], item["serve"]["id"]) for item in found["items"]] == [
        (ids[name], ids[f"{name} serve"]) for name in ("quiet", "busy")
    ]


@pytest.mark.parametrize(
    ("kind", "filter_", "field"),
    [
        ("registered_models", "owner", "owner"),
        ("model_versions", "author", "author"),
        ("experiments", "owner", "owner"),
    ],
)
def test_facets_count_what_the_filter_matches(kind: str, filter_: str, field: str, world: World) -> None:
    found = world.ask(f"/facets/{kind}", filterQuery=f'{filter_} = "{WORD}"')
    assert (found["count"], found["isComplete"]) == (1, True)
    assert next(each for each in found["fields"] if each["name"] == field)["values"] == [{"value": WORD, "count": 1}]
    if kind == "registered_models":
        (label,) = found["customProperties"]["properties"]
        assert (label["name"], label["emptyTexts"]) == ("label", 1)
