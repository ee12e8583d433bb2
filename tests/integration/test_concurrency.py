"""Writers at the same time, through two workers of one proxy and a second proxy, on every store."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from tests.support import processes
from tests.support.processes import Database
from tests.support.stores import STORES, on, proxy_on

WRITERS = 12
Json = dict[str, Any]


@pytest.fixture(scope="module", params=on(STORES))
def bases(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, database: Callable[[], Database]
) -> Iterator[list[str]]:
    """The API's address at two proxies before one store, the first of two workers."""
    with ExitStack() as stack:
        folder = tmp_path_factory.mktemp("concurrency")
        first = stack.enter_context(proxy_on(request.param, folder, database, "--workers", "2"))
        second = tmp_path_factory.mktemp("second")
        other = stack.enter_context(processes.proxy(second, mlmd_port=first.engine_port))
        yield [first.api, other.api]


def together(
    bases: list[str], act: Callable[[httpx.AsyncClient, int], Awaitable[httpx.Response]]
) -> list[httpx.Response]:
    """Returns the answers to `WRITERS` requests at the same time, which go to both proxies in turn."""

    async def run() -> list[httpx.Response]:
        clients = [httpx.AsyncClient(base_url=bases[number % 2], timeout=60) for number in range(WRITERS)]
        try:
            return list(await asyncio.gather(*(act(client, number) for number, client in enumerate(clients))))
        finally:
            await asyncio.gather(*(client.aclose() for client in clients))

    return asyncio.run(run())


def made(base: str, path: str, **body: Any) -> Json:
    answer = httpx.post(base + path, json=body, timeout=60)
    assert answer.is_success, answer.text
    content: Json = answer.json()
    return content


def test_changes_of_different_fields_all_survive(bases: list[str]) -> None:
    model = made(bases[0], "/registered_models", name="fields")
    fields = ["description", "owner", "externalId", "maturity", "language", "provider", "license", "libraryName"]
    fields += ["licenseLink", "readme", "logo", "state"]
    others: Json = {"state": "ARCHIVED", "language": ["en", "de"]}
    bodies = [{field: others.get(field, f"by {field}")} for field in fields[:WRITERS]]
    path = f"/registered_models/{model['id']}"
    answers = together(bases, lambda client, number: client.patch(path, json=bodies[number]))
    assert [answer.status_code for answer in answers] == [200] * WRITERS, [answer.text for answer in answers]
    now = httpx.get(bases[1] + path, timeout=60).json()
    assert {key: now.get(key) for body in bodies for key in body} == {
        key: v for body in bodies for key, v in body.items()
    }


def test_of_changes_of_the_same_fields_one_wins_completely(bases: list[str]) -> None:
    model = made(bases[0], "/registered_models", name="same field")
    path = f"/registered_models/{model['id']}"

    def body(number: int) -> Json:
        value = {"metadataType": "MetadataStringValue", "string_value": str(number)}
        return {"description": str(number), "owner": str(number), "customProperties": {f"p{number}": value}}

    answers = together(bases, lambda client, number: client.patch(path, json=body(number)))
    assert {answer.status_code for answer in answers} == {200}
    now = httpx.get(bases[1] + path, timeout=60).json()
    winner = int(now["description"])
    assert {key: now[key] for key in body(winner)} == body(winner)


@pytest.mark.parametrize("kind", ["registered_models", "versions", "artifacts"])
def test_of_creates_of_one_name_one_is_201_and_the_others_409(bases: list[str], kind: str) -> None:
    if kind == "registered_models":
        path, body = "/registered_models", {"name": "once"}
    else:
        model = made(bases[0], "/registered_models", name=f"parent of {kind}")
        path, body = f"/registered_models/{model['id']}/versions", {"name": "once", "registeredModelId": model["id"]}
        if kind == "artifacts":
            version = made(bases[0], path, **body)
            path, body = f"/model_versions/{version['id']}/artifacts", {"name": "once", "artifactType": "doc-artifact"}
    answers = together(bases, lambda client, _: client.post(path, json=body))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: WRITERS - 1}
    rows = httpx.get(bases[1] + path, timeout=60).json()["items"]
    assert [row["id"] for row in rows if row["name"] == "once"] == [
        answer.json()["id"] for answer in answers if answer.status_code == httpx.codes.CREATED
    ]


def test_values_of_one_metric_are_all_in_its_history(bases: list[str]) -> None:
    experiment = made(bases[0], "/experiments", name="values")
    run = made(bases[0], "/experiment_runs", name="r", experimentId=experiment["id"])
    path = f"/experiment_runs/{run['id']}/artifacts"
    fields: list[Json] = [{"step": 7}, {"description": "kept"}, {}, {}]

    async def write(client: httpx.AsyncClient, number: int) -> httpx.Response:
        body = {"artifactType": "metric", "name": "loss", "value": number, **fields[number % len(fields)]}
        return await client.post(path, json=body)

    answers = together(bases, write)
    assert {answer.status_code for answer in answers} == {200}, [answer.text for answer in answers]
    (now,) = httpx.get(bases[1] + path, timeout=60).json()["items"]
    assert (now["step"], now["description"]) == (7, "kept")
    rows = httpx.get(f"{bases[1]}/experiment_runs/{run['id']}/metric_history", timeout=60).json()["items"]
    assert sorted(row["value"] for row in rows) == list(range(WRITERS))
    assert now["value"] in range(WRITERS)


def test_of_many_clients_that_have_read_one_version_of_an_artifact_one_changes_it(bases: list[str]) -> None:
    tag = httpx.post(bases[0] + "/artifacts", json={"artifactType": "doc-artifact", "name": "d"}, timeout=60)
    path = f"/artifacts/{tag.json()['id']}"

    async def change(client: httpx.AsyncClient, number: int) -> httpx.Response:
        body = {"artifactType": "doc-artifact", "description": str(number)}
        return await client.patch(path, json=body, headers={"If-Match": tag.headers["etag"]})

    assert Counter(answer.status_code for answer in together(bases, change)) == {200: 1, 412: WRITERS - 1}


@pytest.mark.parametrize("path", ["/registered_models", "/model_versions", "/experiment_runs", "/model_artifacts"])
def test_creates_with_one_key_at_two_proxies_create_one(bases: list[str], path: str) -> None:
    word = f"one key {path}"
    body: Json = {"/registered_models": {"name": word}, "/model_artifacts": {"uri": "s3://x"}}.get(path, {})
    if path == "/model_versions":
        body = {"name": "v", "registeredModelId": made(bases[0], "/registered_models", name=f"{word} model")["id"]}
    if path == "/experiment_runs":
        body = {"experimentId": made(bases[0], "/experiments", name=word)["id"]}
    answers = together(
        bases, lambda client, _: client.post(path, json=body, headers={"Idempotency-Key": f"concurrency {path}"})
    )
    assert {answer.status_code for answer in answers} == {201}, [answer.text for answer in answers]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert sum("idempotent-replayed" not in answer.headers for answer in answers) == 1
