"""Aliases under writers in several processes, on every store: the record is one chain, and all others see nothing of it."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from converters.entities import ENTITIES
from converters.entity import Kind
from tests.support import processes
from tests.support.mlmd_client import over_grpc
from tests.support.ports import free_port
from tests.support.processes import Database, Proxy
from tests.support.stores import STORES, new_location, on, proxy_on

WRITERS = 8
MOVES = 4
ENOUGH_MOVES = 40
EXTENSIONS = "/api/model_registry/ext/v1"
Json = dict[str, Any]
Move = Callable[[httpx.AsyncClient, int], Awaitable[None]]


@pytest.fixture(scope="module", params=on(STORES))
def proxies(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, database: Callable[[], Database]
) -> Iterator[list[Proxy]]:
    """Two proxies before one store, the first of two workers."""
    with ExitStack() as stack:
        folder = tmp_path_factory.mktemp("aliases")
        first = stack.enter_context(proxy_on(request.param, folder, database, "--workers", "2"))
        second = tmp_path_factory.mktemp("second")
        yield [first, stack.enter_context(processes.proxy(second, mlmd_port=first.engine_port))]


class Model:
    """A model with versions, at a proxy."""

    def __init__(self, proxy: Proxy, name: str, versions: int) -> None:
        self.id = made(proxy, "/registered_models", name=name)["id"]
        self.versions = [
            made(proxy, "/model_versions", name=f"{number}.0.0", registeredModelId=self.id)["id"]
            for number in range(versions)
        ]
        self.path = f"{EXTENSIONS}/registered_models/{self.id}"

    def moves(self, proxy: Proxy, alias: str) -> list[Json]:
        """The history of an alias, oldest first, page by page."""
        found: list[Json] = []
        query: Json = {"alias": alias, "pageSize": 25}
        while True:
            page = httpx.get(f"{proxy.url}{self.path}/history", params=query, timeout=60).raise_for_status().json()
            found += page["items"]
            if not page["nextPageToken"]:
                return found[::-1]
            query["nextPageToken"] = page["nextPageToken"]

    def check_chain(self, proxy: Proxy, alias: str, acknowledged: list[str]) -> list[Json]:
        """Checks that the record is one chain, which agrees with the alias and has each acknowledged move once, by its reason."""
        moves = self.moves(proxy, alias)
        assert [move["serial"] for move in moves] == list(range(1, len(moves) + 1))
        places = ["", *(move["toModelVersionId"] for move in moves)]
        assert [move["fromModelVersionId"] for move in moves] == places[:-1]
        reasons = [move["reason"] for move in moves]
        assert len(set(reasons)) == len(reasons)
        assert set(acknowledged) <= set(reasons)
        now = httpx.get(f"{proxy.url}{self.path}/aliases/{alias}", timeout=60).json()
        assert (now["modelVersionId"], now["serial"]) == (places[-1], len(moves))
        return moves


def made(proxy: Proxy, path: str, **body: Any) -> Json:
    answer = httpx.post(proxy.api + path, json=body, timeout=60)
    assert answer.is_success, answer.text
    content: Json = answer.json()
    return content


async def at_once(urls: list[str], act: Move) -> None:
    """Runs `WRITERS` writers at the same time, each with a connection of its own to one of the proxies."""
    clients = [httpx.AsyncClient(base_url=urls[number % len(urls)], timeout=60) for number in range(WRITERS)]
    try:
        await asyncio.gather(*(act(client, number) for number, client in enumerate(clients)))
    finally:
        await asyncio.gather(*(client.aclose() for client in clients))


def test_moves_by_writers_in_several_processes_are_one_chain(proxies: list[Proxy]) -> None:
    model = Model(proxies[0], "racing", 2 * WRITERS)
    acknowledged: list[str] = []
    others: list[int] = []

    async def move(client: httpx.AsyncClient, number: int) -> None:
        for round_ in range(MOVES):
            reason = f"{number} {round_}"
            body = {"modelVersionId": model.versions[2 * number + round_ % 2], "reason": reason}
            answer = await client.put(f"{model.path}/aliases/production", json=body)
            (acknowledged.append(reason) if answer.is_success else others.append(answer.status_code))

    asyncio.run(at_once([proxy.url for proxy in proxies], move))
    assert set(others) <= {503}
    moves = model.check_chain(proxies[1], "production", acknowledged)
    assert len(moves) == len(acknowledged) >= WRITERS


def test_of_writers_that_expect_the_same_place_one_moves_the_alias(proxies: list[Proxy]) -> None:
    model = Model(proxies[0], "expecting", WRITERS)
    statuses: list[int] = []

    async def move(client: httpx.AsyncClient, number: int) -> None:
        body = {"modelVersionId": model.versions[number], "expectedModelVersionId": "", "reason": str(number)}
        answer = await client.put(f"{model.path}/aliases/production", json=body)
        statuses.append(answer.status_code)

    asyncio.run(at_once([proxy.url for proxy in proxies], move))
    assert sorted(statuses) == [200] + [409] * (WRITERS - 1)
    assert len(model.check_chain(proxies[1], "production", [])) == 1


def test_names_in_another_case_are_one_alias(proxies: list[Proxy]) -> None:
    model = Model(proxies[0], "cases", 2)
    for name, version in (("Prod", 0), ("prod", 1), ("PROD", 0)):
        answer = httpx.put(
            f"{proxies[0].url}{model.path}/aliases/{name}",
            json={"modelVersionId": model.versions[version], "reason": name},
            timeout=60,
        )
        assert answer.is_success, answer.text
    (alias,) = httpx.get(f"{proxies[1].url}{model.path}/aliases", timeout=60).json()["items"]
    assert (alias["alias"], alias["serial"]) == ("PROD", 3)
    assert [move["reason"] for move in model.check_chain(proxies[1], "prod", [])] == ["Prod", "prod", "PROD"]


def readings(proxy: Proxy) -> Json:
    """What Kubeflow's proxy reads from MLMD for its lists, and what REST clients get for theirs."""
    store = over_grpc(proxy)
    found: Json = {}
    for entity in ENTITIES:
        if entity.kind is Kind.CONTEXT:
            contexts = store.get_contexts_by_type(entity.stored_as)
            found[entity.stored_as] = contexts
            for context in contexts:
                found[f"artifacts of {context.id}"] = store.get_artifacts_by_context(context.id)
                found[f"parents of {context.id}"] = store.get_parent_contexts_by_context(context.id)
                found[f"children of {context.id}"] = store.get_children_contexts_by_context(context.id)
            if entity.stored_as == "kf.InferenceService":
                for context in contexts:
                    found[f"executions of {context.id}"] = store.get_executions_by_context(context.id)
        elif entity.kind is Kind.EXECUTION:
            found[entity.stored_as] = store.get_executions_by_type(entity.stored_as)
    found["artifacts"] = store.get_artifacts()
    found["artifact types"] = sorted(type_.name for type_ in store.get_artifact_types())
    lists = ["registered_models", "model_versions", "artifacts", "model_artifacts", "serving_environments"]
    lists += ["inference_services", "experiments", "experiment_runs"]
    for name in lists:
        found[name] = httpx.get(f"{proxy.api}/{name}", timeout=60).raise_for_status().json()["items"]
    for service in found["inference_services"]:
        path = f"{proxy.api}/inference_services/{service['id']}/serves"
        found[path] = httpx.get(path, timeout=60).raise_for_status().json()["items"]
    return found


def test_aliases_are_in_no_list_of_other_programs(proxies: list[Proxy]) -> None:
    proxy = proxies[0]
    model = Model(proxy, "seen by others", 2)
    version = model.versions[0]
    made(proxy, f"/model_versions/{version}/artifacts", artifactType="model-artifact", name="weights", uri="s3://x")
    environment = made(proxy, "/serving_environments", name="environment of others")["id"]
    service = {"registeredModelId": model.id, "modelVersionId": version, "servingEnvironmentId": environment}
    service_id = made(proxy, "/inference_services", name="service", **service)["id"]
    made(proxy, f"/inference_services/{service_id}/serves", modelVersionId=version)
    experiment = made(proxy, "/experiments", name="experiment of others")["id"]
    run = made(proxy, "/experiment_runs", name="run", experimentId=experiment)["id"]
    made(proxy, f"/experiment_runs/{run}/artifacts", artifactType="metric", name="loss", value=1)
    before = readings(proxy)
    alias = f"{proxy.url}{model.path}/aliases/production"
    for each in (*model.versions, version):
        assert httpx.put(alias, json={"modelVersionId": each}, timeout=60).is_success
    assert httpx.post(f"{alias}:rollback", json={}, timeout=60).is_success
    assert httpx.delete(alias, timeout=60).status_code == 204
    assert len(model.moves(proxy, "production")) == 5
    assert readings(proxy) == before


def test_what_is_off_makes_no_types_and_is_404(tmp_path: Path, database: Callable[[], Database]) -> None:
    with proxy_on("embedded-sqlite", tmp_path, database, "--extensions", "none") as proxy:
        model = Model(proxy, "plain", 1)
        for path in ("aliases", "aliases/production", "history", "versions:resolve?range=*"):
            assert httpx.get(f"{proxy.url}{model.path}/{path}", timeout=60).status_code == 404
        body = {"modelVersionId": model.versions[0]}
        assert httpx.put(f"{proxy.url}{model.path}/aliases/x", json=body, timeout=60).status_code == 404
        archived = {"state": "ARCHIVED"}
        assert httpx.patch(f"{proxy.api}/model_versions/{model.versions[0]}", json=archived, timeout=60).is_success
        store = over_grpc(proxy)
        types = [type_.name for type_ in (*store.get_context_types(), *store.get_execution_types())]
        assert [name for name in types if name.startswith("mr.")] == []
        listed = httpx.get(f"{proxy.url}/.well-known/model-registry", timeout=60).json()
        assert "enabled" not in listed["extensions"]


@pytest.mark.slow
@pytest.mark.parametrize("store", on(["embedded-sqlite", "embedded-mysql"]))
def test_moves_survive_proxies_and_engines_that_are_killed(
    store: str, tmp_path: Path, database: Callable[[], Database]
) -> None:
    """Each acknowledged move is in the record once; one without an answer is there once or not at all."""
    location = new_location(store, tmp_path, database)
    acknowledged: list[str] = []
    with ExitStack() as stack:
        port = free_port()
        folders = [tmp_path / name for name in ("engine", "first", "second", "third")]
        for folder in folders:
            folder.mkdir()
        engine, _ = stack.enter_context(processes.standalone_engine(folders[0], location.address, port))
        kept, killed = (stack.enter_context(processes.proxy(folder, mlmd_port=port)) for folder in folders[1:3])
        model = Model(kept, "killed", 2 * WRITERS)
        is_killed = asyncio.Event()

        async def move(client: httpx.AsyncClient, number: int) -> None:
            round_ = 0
            while not is_killed.is_set() or round_ < MOVES:
                reason, round_ = f"{number} {round_}", round_ + 1
                body = {"modelVersionId": model.versions[2 * number + round_ % 2], "reason": reason}
                try:
                    answer = await client.put(f"{model.path}/aliases/production", json=body)
                except httpx.TransportError:
                    return  # the proxy is gone; the move may have been made
                if answer.is_success:
                    acknowledged.append(reason)

        async def strike() -> None:
            await _until(lambda: len(acknowledged) >= ENOUGH_MOVES)
            os.kill(killed.child.pid, signal.SIGKILL)
            await _until(lambda: len(acknowledged) >= 2 * ENOUGH_MOVES)
            os.kill(engine.child.pid, signal.SIGKILL)
            await asyncio.to_thread(engine.child.wait)
            stack.enter_context(processes.standalone_engine(folders[0], location.address, port))
            seen = len(acknowledged)
            await _until(lambda: len(acknowledged) >= seen + ENOUGH_MOVES)
            is_killed.set()

        async def run() -> None:
            await asyncio.gather(at_once([kept.url, killed.url], move), strike())

        asyncio.run(run())
        moves = model.check_chain(kept, "production", acknowledged)
        assert len(moves) >= len(acknowledged) >= 3 * ENOUGH_MOVES


async def _until(is_so: Callable[[], bool]) -> None:
    while not is_so():  # noqa: ASYNC110 (the writers count)
        await asyncio.sleep(0.01)
