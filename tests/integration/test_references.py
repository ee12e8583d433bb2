"""References to missing entities and to other kinds are refused, and a refused request stores nothing."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.support.mlmd_client import over_grpc
from tests.support.processes import Proxy

Body = dict[str, Any]
NOTHING = 10**9
KINDS = (
    "registered_models",
    "model_versions",
    "serving_environments",
    "inference_services",
    "experiments",
    "experiment_runs",
)


@dataclass(frozen=True)
class World:
    """One entity of each kind; `other_version` belongs to `other_model`."""

    client: httpx.Client
    ids: dict[str, str]
    count: Callable[[], tuple[int, ...]]

    def __getitem__(self, kind: str) -> str:
        return self.ids[kind]

    def others(self, kind: str) -> list[str]:
        """Ids that are no `kind`: nothing at all, and one of each other kind of context."""
        return ["0", "-1", str(NOTHING), *(self.ids[other] for other in KINDS if other != kind)]


@pytest.fixture(scope="module")
def world(proxy: Proxy) -> Iterator[World]:
    store = over_grpc(proxy)

    def count() -> tuple[int, ...]:
        return len(store.get_contexts()), len(store.get_artifacts()), len(store.get_executions())

    with httpx.Client(base_url=proxy.api, timeout=60) as client:

        def make(path: str, **body: Any) -> str:
            response = client.post(path, json={"name": unique(), **body})
            assert response.is_success, response.text
            id_: str = response.json()["id"]
            return id_

        ids = {"registered_models": make("/registered_models"), "other_model": make("/registered_models")}
        ids["model_versions"] = make("/model_versions", registeredModelId=ids["registered_models"])
        ids["other_version"] = make("/model_versions", registeredModelId=ids["other_model"])
        ids["serving_environments"] = make("/serving_environments")
        ids["inference_services"] = make(
            "/inference_services",
            registeredModelId=ids["registered_models"],
            servingEnvironmentId=ids["serving_environments"],
        )
        ids["experiments"] = make("/experiments")
        ids["other_experiment"] = make("/experiments")
        ids["experiment_runs"] = make("/experiment_runs", experimentId=ids["experiments"])
        ids["other_run"] = make("/experiment_runs", experimentId=ids["other_experiment"])
        ids["artifact"] = make("/artifacts", artifactType="model-artifact")
        yield World(client, ids, count)


def unique() -> str:
    return f"r-{uuid.uuid4()}"


def assert_refused(world: World, method: str, path: str, body: Body, *statuses: int) -> str:
    """The request is refused with one of these statuses and stores nothing; answers the message."""
    before = world.count()
    response = world.client.request(method, path, json=body)
    assert response.status_code in statuses, (path, body, response.text)
    assert world.count() == before
    message: str = response.json()["message"]
    return message


def a_version(world: World, **body: str) -> Body:
    return {"name": unique(), "registeredModelId": world["registered_models"], **body}


def a_run(world: World, **body: str) -> Body:
    return {"name": unique(), "experimentId": world["experiments"], **body}


def a_service(world: World, **body: str) -> Body:
    return {
        "name": unique(),
        "registeredModelId": world["registered_models"],
        "servingEnvironmentId": world["serving_environments"],
        **body,
    }


def a_serve(world: World, **body: str) -> Body:
    return {"name": unique(), "modelVersionId": world["model_versions"], **body}


Make = Callable[..., Body]
REFERENCES: list[tuple[str, Make, str, str]] = [
    ("/model_versions", a_version, "registeredModelId", "registered_models"),
    ("/experiment_runs", a_run, "experimentId", "experiments"),
    ("/inference_services", a_service, "servingEnvironmentId", "serving_environments"),
    ("/inference_services", a_service, "registeredModelId", "registered_models"),
    ("/inference_services", a_service, "modelVersionId", "model_versions"),
    (
        "/serving_environments/{serving_environments}/inference_services",
        a_service,
        "registeredModelId",
        "registered_models",
    ),
    ("/serving_environments/{serving_environments}/inference_services", a_service, "modelVersionId", "model_versions"),
    ("/inference_services/{inference_services}/serves", a_serve, "modelVersionId", "model_versions"),
]


@pytest.mark.parametrize(("path", "make", "field", "kind"), REFERENCES)
def test_a_create_that_refers_to_nothing_or_to_another_kind_is_refused(
    world: World, path: str, make: Make, field: str, kind: str
) -> None:
    path = path.format(**world.ids)
    for id_ in world.others(kind):
        message = assert_refused(world, "POST", path, make(world, **{field: id_}), 404)
        assert id_ in message
    for text in ("", "x", "1.0", "9" * 30):
        assert_refused(world, "POST", path, make(world, **{field: text}), 400, 422)
    assert world.client.post(path, json=make(world, **{field: world[kind]})).status_code == 201


PARENTS: list[tuple[str, Make, str]] = [
    ("/registered_models/{}/versions", a_version, "registered_models"),
    ("/serving_environments/{}/inference_services", a_service, "serving_environments"),
    ("/experiments/{}/experiment_runs", a_run, "experiments"),
    ("/inference_services/{}/serves", a_serve, "inference_services"),
    *(
        (path, lambda _, kind=kind: {"artifactType": kind, "name": unique(), **MORE.get(kind, {})}, parent)  # type: ignore[misc]
        for path, parent in [
            ("/model_versions/{}/artifacts", "model_versions"),
            ("/experiment_runs/{}/artifacts", "experiment_runs"),
        ]
        for kind in ("model-artifact", "doc-artifact", "dataset-artifact", "metric", "parameter")
    ),
]
MORE: dict[str, Body] = {"metric": {"value": 1.5}, "parameter": {"value": "x", "parameterType": "string"}}


@pytest.mark.parametrize(("path", "make", "kind"), PARENTS)
def test_nothing_is_made_below_a_parent_that_is_not_there_or_of_another_kind(
    world: World, path: str, make: Make, kind: str
) -> None:
    for id_ in world.others(kind):
        assert_refused(world, "POST", path.format(id_), make(world), 404)
    assert world.client.post(path.format(world[kind]), json=make(world)).is_success


def test_the_parent_in_the_path_wins_over_the_one_in_the_body(world: World) -> None:
    for path, make, field, kind in [
        ("/registered_models/{}/versions", a_version, "registeredModelId", "registered_models"),
        ("/experiments/{}/experiment_runs", a_run, "experimentId", "experiments"),
        ("/serving_environments/{}/inference_services", a_service, "servingEnvironmentId", "serving_environments"),
    ]:
        response = world.client.post(path.format(world[kind]), json=make(world, **{field: str(NOTHING)}))
        assert response.status_code == 201
        assert response.json()[field] == world[kind]


# An inference service's version is one of its model


@pytest.mark.parametrize(
    "path", ["/inference_services", "/serving_environments/{serving_environments}/inference_services"]
)
def test_an_inference_service_is_not_made_with_another_models_version(world: World, path: str) -> None:
    body = a_service(world, modelVersionId=world["other_version"])
    message = assert_refused(world, "POST", path.format(**world.ids), body, 400)
    assert world["other_version"] in message
    body = a_service(world, modelVersionId=world["other_version"], registeredModelId=world["other_model"])
    made = world.client.post(path.format(**world.ids), json=body)
    assert (made.status_code, made.json()["modelVersionId"]) == (201, world["other_version"])


def test_an_inference_service_is_not_changed_to_another_models_version_or_to_what_is_none(world: World) -> None:
    service = world.client.post("/inference_services", json=a_service(world)).json()
    path = f"/inference_services/{service['id']}"
    assert_refused(world, "PATCH", path, {"modelVersionId": world["other_version"], "description": "no"}, 400)
    for id_ in world.others("model_versions"):
        assert_refused(world, "PATCH", path, {"modelVersionId": id_, "description": "no"}, 404)
    assert world.client.get(path).json() == service
    changed = world.client.patch(path, json={"modelVersionId": world["model_versions"]})
    assert (changed.status_code, changed.json()["modelVersionId"]) == (200, world["model_versions"])
    assert_refused(world, "PATCH", path, {"modelVersionId": world["other_version"]}, 400)
    assert world.client.get(path).json()["modelVersionId"] == world["model_versions"]


# A serve's version is one of its inference service's model


def test_a_serve_is_not_made_of_another_models_version(world: World) -> None:
    path = f"/inference_services/{world['inference_services']}/serves"
    message = assert_refused(world, "POST", path, a_serve(world, modelVersionId=world["other_version"]), 400)
    assert message == (
        f"modelVersionId {world['other_version']} belongs to registered model {world['other_model']}, "
        f"but registeredModelId of the inference service says {world['registered_models']}."
    )
    assert_refused(world, "POST", path, a_serve(world, modelVersionId=f"+0{world['other_version']}"), 400)
    theirs = a_service(world, registeredModelId=world["other_model"])
    service = world.client.post("/inference_services", json=theirs).json()["id"]
    path = f"/inference_services/{service}/serves"
    assert_refused(world, "POST", path, a_serve(world), 400)
    made = world.client.post(path, json=a_serve(world, modelVersionId=world["other_version"]))
    assert (made.status_code, made.json()["modelVersionId"]) == (201, world["other_version"])


def test_a_serve_may_be_of_any_version_of_the_model_whichever_the_service_names(world: World) -> None:
    service = world.client.post(
        "/inference_services", json=a_service(world, modelVersionId=world["model_versions"])
    ).json()
    newer = world.client.post("/model_versions", json=a_version(world)).json()
    for version in (world["model_versions"], newer["id"]):
        body = a_serve(world, modelVersionId=version)
        assert world.client.post(f"/inference_services/{service['id']}/serves", json=body).status_code == 201


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        ("model_versions", "registeredModelId"),
        ("experiment_runs", "experimentId"),
        ("inference_services", "registeredModelId"),
        ("inference_services", "servingEnvironmentId"),
    ],
)
def test_a_patch_cannot_move_anything_to_another_parent(world: World, kind: str, field: str) -> None:
    path = f"/{kind}/{world[kind]}"
    before = world.client.get(path).json()
    message = assert_refused(world, "PATCH", path, {field: before[field], "description": "no"}, 400)
    assert field in message
    assert world.client.get(path).json() == before


# Upserts by id


@pytest.mark.parametrize(
    ("path", "make", "kind", "other"),
    [
        ("/registered_models/{registered_models}/versions", a_version, "model_versions", "other_version"),
        ("/experiments/{experiments}/experiment_runs", a_run, "experiment_runs", "other_run"),
    ],
)
def test_a_nested_upsert_changes_only_what_is_below_its_parent(
    world: World, path: str, make: Make, kind: str, other: str
) -> None:
    path = path.format(**world.ids)
    before = world.client.get(f"/{kind}/{world[other]}").json()
    assert_refused(world, "POST", path, make(world, id=world[other], description="no"), 400, 404)
    assert world.client.get(f"/{kind}/{world[other]}").json() == before
    for id_ in world.others(kind):
        assert_refused(world, "POST", path, make(world, id=id_), 404)
    changed = world.client.post(path, json=make(world, id=world[kind], description="yes"))
    assert changed.is_success
    assert (changed.json()["id"], changed.json()["description"]) == (world[kind], "yes")


@pytest.mark.parametrize("parent", ["model_versions", "experiment_runs"])
def test_an_artifact_upsert_takes_only_artifacts_of_its_type(world: World, parent: str) -> None:
    path = f"/{parent}/{world[parent]}/artifacts"
    before = world.client.get(path).json()
    artifact = world.client.get(f"/artifacts/{world['artifact']}").json()
    for kind in ("model-artifact", "doc-artifact", "metric"):
        body = {"artifactType": kind, "id": str(NOTHING), **MORE.get(kind, {})}
        assert_refused(world, "POST", path, body, 400, 404)
    for kind in ("doc-artifact", "dataset-artifact", "metric", "parameter"):
        body = {"artifactType": kind, "id": world["artifact"], "description": "no", **MORE.get(kind, {})}
        assert_refused(world, "POST", path, body, 400, 404)
    assert world.client.get(path).json() == before
    assert world.client.get(f"/artifacts/{world['artifact']}").json() == artifact


def test_an_artifact_is_not_attached_to_a_parent_that_is_not_there(world: World) -> None:
    body = {"artifactType": "model-artifact", "id": world["artifact"], "description": "no"}
    for path, kind in (
        ("/model_versions/{}/artifacts", "model_versions"),
        ("/experiment_runs/{}/artifacts", "experiment_runs"),
    ):
        for id_ in world.others(kind):
            assert_refused(world, "POST", path.format(id_), body, 404)
    assert "description" not in world.client.get(f"/artifacts/{world['artifact']}").json()


def test_an_id_of_another_kind_is_not_found_anywhere(world: World) -> None:
    for kind in KINDS:
        for id_ in world.others(kind):
            assert world.client.get(f"/{kind}/{id_}").status_code == 404
            assert_refused(world, "PATCH", f"/{kind}/{id_}", {"description": "no"}, 404)
