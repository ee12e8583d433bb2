"""Lists read page by page: no row twice, no row missing, in order, also while other clients write."""

import asyncio
import base64
import contextlib
import json
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count, pairwise
from typing import Any

import httpx
import pytest

from tests.support import processes
from tests.support.mlmd_client import over_grpc, pb
from tests.support.processes import Database, Proxy
from tests.support.stores import STORES, on, proxy_on
from tests.support.tiers import slow

MANY = 250
ORDERS = [(order, direction) for order in ("ID", "CREATE_TIME", "LAST_UPDATE_TIME") for direction in ("ASC", "DESC")]
TIMES = {"CREATE_TIME": "createTimeSinceEpoch", "LAST_UPDATE_TIME": "lastUpdateTimeSinceEpoch"}
Row = dict[str, Any]
Question = dict[str, str | int]


@dataclass(frozen=True)
class Shelf:
    """The lists of the tests: their paths, the ids that each must show, and queries that filter it."""

    proxy: Proxy
    mark: str
    lists: dict[str, "ListOf"]


@dataclass(frozen=True)
class ListOf:
    """A list endpoint with our rows in it. `is_ours`: it has no other rows; `narrowing`: questions that all rows fit."""

    path: str
    ids: frozenset[str]
    narrowing: tuple[Question, ...]
    is_ours: bool


def filled(proxy: Proxy, size: int = MANY) -> Shelf:
    """Puts `size` rows into every list, in bulk over gRPC, so that many have the same times."""
    store, mark = over_grpc(proxy), f"p{uuid.uuid4().hex}"

    def contexts(kind: str, names: Sequence[str], parent: int | None = None, **refers: int) -> list[int]:
        type_id = store.get_context_type(f"kf.{kind}").id
        values = {key: pb.Value(int_value=id_) for key, id_ in refers.items()}
        ids = store.put_contexts([pb.Context(type_id=type_id, name=name, properties=values) for name in names])
        if parent is not None:
            store.put_parent_contexts([pb.ParentContext(child_id=child, parent_id=parent) for child in ids])
        return list(ids)

    def artifacts(kind: str, names: Sequence[str], parent: int) -> list[int]:
        type_id = store.get_artifact_type(f"kf.{kind}").id
        values = {"value": pb.Value(double_value=0.5)} if kind == "MetricHistory" else {}
        ids = store.put_artifacts([pb.Artifact(type_id=type_id, name=name, properties=values) for name in names])
        links = [pb.Attribution(artifact_id=id_, context_id=parent) for id_ in ids]
        store.put_attributions_and_associations(links, [])
        return list(ids)

    numbers = [f"{mark}-{number}" for number in range(size)]
    models, environments, experiments = (
        contexts(kind, numbers) for kind in ("RegisteredModel", "ServingEnvironment", "Experiment")
    )
    model, environment, experiment = models[0], environments[0], experiments[0]
    versions = contexts("ModelVersion", [f"{model}:{number}" for number in numbers], model)
    refers = {"serving_environment_id": environment, "registered_model_id": model}
    services = contexts("InferenceService", [f"{environment}:{number}" for number in numbers], environment, **refers)
    runs = contexts("ExperimentRun", [f"{experiment}:{number}" for number in numbers], experiment)
    version, service, run = versions[0], services[0], runs[0]
    weights = artifacts("ModelArtifact", [f"{version}:{number}" for number in numbers], version)
    documents = artifacts("DocArtifact", [f"{version}:{mark}-same"], version)
    weights_of_run = artifacts("ModelArtifact", [f"{run}:{number}" for number in numbers], run)
    history = artifacts("MetricHistory", [f"{run}:{mark}__{number}" for number in range(size)], run)
    execution_type = store.get_execution_type("kf.ServeModel").id
    of_version = {"model_version_id": pb.Value(int_value=version)}
    serves = store.put_executions(
        [pb.Execution(type_id=execution_type, name=f"{service}:{number}", properties=of_version) for number in numbers]
    )
    store.put_attributions_and_associations(
        [], [pb.Association(execution_id=serve, context_id=service) for serve in serves]
    )

    ours = {"filterQuery": f'name LIKE "{mark}%"'}
    mine: tuple[Question, ...] = (ours,)
    of_type: tuple[Question, ...] = ({**ours, "artifactType": "model-artifact"}, {"artifactType": "model-artifact"})
    lists = [
        _list("/registered_models", models, mine),
        _list("/model_versions", versions, mine),
        _list("/serving_environments", environments, mine),
        _list("/inference_services", services, mine),
        _list("/experiments", experiments, mine),
        _list("/experiment_runs", runs, mine),
        _list("/model_artifacts", [*weights, *weights_of_run], mine),
        _list("/artifacts", [*weights, *weights_of_run, *documents], mine),
        _list(f"/registered_models/{model}/versions", versions, mine, is_ours=True),
        _list(f"/serving_environments/{environment}/inference_services", services, mine, is_ours=True),
        _list(f"/experiments/{experiment}/experiment_runs", runs, mine, is_ours=True),
        _list(f"/model_versions/{version}/artifacts", [*weights, *documents], mine, is_ours=True),
        _list(f"/experiment_runs/{run}/artifacts", weights_of_run, (*mine, *of_type), is_ours=True),
        _list(f"/inference_services/{service}/serves", serves, mine, is_ours=True),
        _list(f"/experiment_runs/{run}/metric_history", history, ({"name": mark}, *mine), is_ours=True),
        _list("/experiment_runs/metric_history", history, ({"name": mark}, *mine)),
    ]
    return Shelf(proxy, mark, {made.path: made for made in lists})


def _list(path: str, ids: Sequence[int], narrowing: tuple[Question, ...], *, is_ours: bool = False) -> ListOf:
    return ListOf(path, frozenset(map(str, ids)), narrowing, is_ours)


@pytest.fixture(scope="module", params=on(STORES))
def shelf(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, database: Callable[[], Database]
) -> Iterator[Shelf]:
    """Many rows in every list, on every store, with a proxy that does not spend its time on checking its answers."""
    with proxy_on(request.param, tmp_path_factory.mktemp(request.param), database) as proxy:
        yield filled(proxy)


@pytest.fixture(scope="module")
def small(proxy: Proxy) -> Shelf:
    """A few rows in every list, for small pages."""
    return filled(proxy, 7)


@pytest.fixture
def client(shelf: Shelf) -> Iterator[httpx.Client]:
    """HTTP to the proxy with many rows."""
    with httpx.Client(base_url=shelf.proxy.api, timeout=60) as opened:
        yield opened


def pages(client: httpx.Client, path: str, question: Question) -> Iterator[Row]:
    """Yields the pages of a list, as the server answers them."""
    token = ""
    while True:
        response = client.get(path, params=question | ({"nextPageToken": token} if token else {}))
        assert response.status_code == 200, response.text
        page = response.json()
        assert page["size"] == len(page["items"])
        yield page
        token = page["nextPageToken"]
        if not token:
            return


def read_all(client: httpx.Client, path: str, question: Question) -> list[Row]:
    """Returns all rows of a list; only its last page may be short."""
    found = list(pages(client, path, question))
    for page in found[:-1]:
        assert page["size"] == page["pageSize"]
    return [row for page in found for row in page["items"]]


def place(row: Row, order: str | None) -> tuple[int, int]:
    """What a row is ordered by."""
    return (int(row[TIMES[order]]) if order in TIMES else 0), int(row["id"])


def assert_in_order(rows: Sequence[Row], order: str | None, direction: str | None) -> None:
    """Checks that rows are strictly in order, so none comes twice; rows of equal times are in the order of ids."""
    for row, following in pairwise(rows):
        first, second = (following, row) if direction == "DESC" else (row, following)
        assert place(first, order) < place(second, order)


def ordering(order: str | None, direction: str | None) -> Question:
    return ({"orderBy": order} if order else {}) | ({"sortOrder": direction} if direction else {})


@pytest.mark.parametrize(("order", "direction"), [*ORDERS[::3], *slow(*ORDERS[1::3], *ORDERS[2::3])])
def test_pages_around_mlmds_limit_show_each_row_once_and_in_order(
    shelf: Shelf, client: httpx.Client, order: str | None, direction: str | None
) -> None:
    sizes = iter([100, 101, MANY, 1000] * len(shelf.lists))
    for made in shelf.lists.values():
        rows = read_all(client, made.path, {"pageSize": next(sizes), **ordering(order, direction)})
        assert_in_order(rows, order, direction)
        shown = {row["id"] for row in rows}
        assert (shown == made.ids) if made.is_ours else (shown >= made.ids)


@pytest.mark.parametrize(("order", "direction"), [*ORDERS[::3], *slow(*ORDERS[1::3], *ORDERS[2::3])])
def test_pages_of_filtered_lists_show_each_row_that_fits_once_and_in_order(
    shelf: Shelf, client: httpx.Client, order: str | None, direction: str | None
) -> None:
    sizes = iter([100, 101, MANY, 1000] * len(shelf.lists))
    for made in shelf.lists.values():
        question = made.narrowing[0]
        rows = read_all(client, made.path, {"pageSize": next(sizes), **question, **ordering(order, direction)})
        assert_in_order(rows, order, direction)
        assert {row["id"] for row in rows} == made.ids


@pytest.mark.parametrize(
    ("size", "order", "direction"), [(1, "ID", "DESC"), (3, "CREATE_TIME", "ASC"), (1, "LAST_UPDATE_TIME", "DESC")]
)
def test_small_pages_show_each_row_once_and_in_order(small: Shelf, size: int, order: str, direction: str) -> None:
    with httpx.Client(base_url=small.proxy.api) as client:
        for made in small.lists.values():
            for question in [*made.narrowing, *([{}] if made.is_ours else [])]:
                rows = read_all(client, made.path, {"pageSize": size, **question, **ordering(order, direction)})
                assert_in_order(rows, order, direction)
                assert {row["id"] for row in rows} == made.ids


@pytest.mark.parametrize(("size", "expected"), [(3, 84), (100, 3), (101, 3), (250, 1), (1000, 1)])
def test_a_list_has_as_many_pages_as_it_needs_and_no_more(
    shelf: Shelf, client: httpx.Client, size: int, expected: int
) -> None:
    made = next(made for path, made in shelf.lists.items() if path.endswith("/versions"))
    for question in ({}, {"orderBy": "CREATE_TIME", "sortOrder": "DESC"}, *made.narrowing):
        found = list(pages(client, made.path, {"pageSize": size, **question}))
        assert len(found) == expected
        assert {page["pageSize"] for page in found} == {size}
        assert {row["id"] for page in found for row in page["items"]} == made.ids


def test_a_list_without_page_size_shows_250_rows_at_once(shelf: Shelf, client: httpx.Client) -> None:
    for made in shelf.lists.values():
        for question in [*made.narrowing, *([{}] if made.is_ours else [])]:
            page = client.get(made.path, params=question).json()
            assert {row["id"] for row in page["items"]} == made.ids
            assert (page["nextPageToken"], page["pageSize"]) == ("", 1000)


def test_a_page_size_above_the_maximum_is_the_maximum_and_says_so(shelf: Shelf, client: httpx.Client) -> None:
    made = next(made for made in shelf.lists.values() if made.is_ours)
    page = client.get(made.path, params={"pageSize": 2**31 - 1}).json()
    assert (page["pageSize"], len(page["items"])) == (1000, len(made.ids))


@pytest.mark.parametrize("size", ["0", "-1", str(2**31), "ten", "1.5", ""])
def test_a_page_size_that_is_no_small_positive_number_is_refused(client: httpx.Client, size: str) -> None:
    response = client.get("/registered_models", params={"pageSize": size})
    assert response.status_code == 400, response.text
    assert "pageSize" in response.json()["message"]


def test_an_order_without_direction_is_ascending_and_a_direction_without_order_is_by_id(
    shelf: Shelf, client: httpx.Client
) -> None:
    path = next(path for path in shelf.lists if path.endswith("/versions"))
    for order in ("ID", "CREATE_TIME", "LAST_UPDATE_TIME"):
        assert read_all(client, path, {"orderBy": order}) == read_all(
            client, path, {"orderBy": order, "sortOrder": "ASC"}
        )
    by_id = read_all(client, path, {})
    assert read_all(client, path, {"sortOrder": "ASC"}) == by_id
    assert read_all(client, path, {"sortOrder": "DESC"}) == by_id[::-1]


@pytest.mark.parametrize("question", [{"orderBy": "NAME"}, {"orderBy": "id"}, {"orderBy": ""}, {"sortOrder": "asc"}])
def test_an_unknown_order_is_refused(client: httpx.Client, question: Question) -> None:
    assert client.get("/registered_models", params=question).status_code == 400


# Tokens


def first_token(client: httpx.Client, path: str, question: Question) -> str:
    token: str = client.get(path, params={"pageSize": 2, **question}).json()["nextPageToken"]
    assert token
    return token


@pytest.fixture
def few(small: Shelf) -> Iterator[httpx.Client]:
    """HTTP to the proxy with few rows."""
    with httpx.Client(base_url=small.proxy.api) as opened:
        yield opened


def test_a_token_may_be_used_with_another_page_size_and_more_than_once(small: Shelf, few: httpx.Client) -> None:
    for made in small.lists.values():
        token = first_token(few, made.path, made.narrowing[0])
        for size in (1, 3, 1000, 1):
            question = {**made.narrowing[0], "pageSize": size, "nextPageToken": token}
            found = few.get(made.path, params=question).json()["items"]
            assert len(found) == min(size, len(made.ids) - 2)


@pytest.mark.parametrize(
    "other",
    [
        {"filterQuery": 'name LIKE "%"'},
        {"filterQuery": ""},
        {"orderBy": "CREATE_TIME"},
        {"sortOrder": "DESC"},
        {"name": "other"},
        {"externalId": "other"},
    ],
)
def test_a_token_of_another_question_is_refused(small: Shelf, few: httpx.Client, other: Question) -> None:
    for made in small.lists.values():
        if "metric_history" in made.path and "externalId" in other:
            continue  # no parameter there
        if made.path.count("/") == 1 and {"name", "externalId"} & other.keys():
            continue
        question = {"filterQuery": f'name LIKE "{small.mark}%"'}
        token = first_token(few, made.path, question)
        response = few.get(made.path, params={**question, **other, "nextPageToken": token})
        assert response.status_code == 400, (made.path, response.text)
        assert "nextPageToken" in response.json()["message"]


def test_a_token_of_another_list_is_refused(small: Shelf, few: httpx.Client) -> None:
    question = {"filterQuery": f'name LIKE "{small.mark}%"'}
    tokens = {path: first_token(few, path, question) for path in small.lists}
    for path, token in tokens.items():
        for other in small.lists.keys() - {path}:
            response = few.get(other, params={**question, "nextPageToken": token})
            assert response.status_code == 400, (path, other)


def test_a_token_of_another_parent_is_refused(small: Shelf, few: httpx.Client) -> None:
    first = few.post("/registered_models", json={"name": f"{small.mark}-first"}).json()["id"]
    second = few.post("/registered_models", json={"name": f"{small.mark}-second"}).json()["id"]
    for parent in (first, second):
        for name in "abc":
            few.post("/model_versions", json={"name": name, "registeredModelId": parent})
    token = first_token(few, f"/registered_models/{first}/versions", {})
    assert few.get(f"/registered_models/{first}/versions", params={"nextPageToken": token}).status_code == 200
    assert few.get(f"/registered_models/{second}/versions", params={"nextPageToken": token}).status_code == 400
    assert few.get("/model_versions", params={"nextPageToken": token}).status_code == 400


def test_a_token_of_another_artifact_type_is_refused(small: Shelf, few: httpx.Client) -> None:
    token = first_token(few, "/artifacts", {"artifactType": "model-artifact"})
    for other in ({}, {"artifactType": "doc-artifact"}):
        assert few.get("/artifacts", params={**other, "nextPageToken": token}).status_code == 400


def test_a_token_is_the_same_below_both_prefixes(small: Shelf, few: httpx.Client) -> None:
    token = first_token(few, "/registered_models", {})
    other_prefix = f"{small.proxy.url}/api/model_registry/v1/registered_models"
    assert few.get(other_prefix, params={"nextPageToken": token}).status_code == 200


def forged() -> Iterator[str]:
    """Texts that are no token, and changed ones that nearly are."""
    yield from ("x", "!", "0", "null", "ä", "a" * 10_000, "bnVsbA", "e30", "W10", "===", " ", "MTox")
    for content in (["", 1, 0, 0], [None, 1, 0, 0], ["x", "1", 0, 0], ["x", -1, 0, 0], ["x", 2**63, 0, 0], ["x", 1], 7):
        yield base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def test_forged_tokens_are_refused(small: Shelf, few: httpx.Client) -> None:
    for token in forged():
        response = few.get("/registered_models", params={"nextPageToken": token})
        assert response.status_code == 400, token
        assert "nextPageToken" in response.json()["message"]


def test_a_token_with_a_changed_position_or_digest_never_fails_the_server(small: Shelf, few: httpx.Client) -> None:
    question: Question = {"orderBy": "LAST_UPDATE_TIME"}
    token = first_token(few, "/registered_models", question)
    content = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    for changed, expected in [
        ([content[0], 2**63 - 1, *content[2:]], 200),
        ([content[0], 0, 2**63 - 1, 2**63 - 1], 200),
        ([content[0], True, 0, 0], 400),
        ([content[0], 1.5, 0, 0], 400),
        ([content[0][::-1], *content[1:]], 400),
        ([*content, 0], 400),
    ]:
        text = base64.urlsafe_b64encode(json.dumps(changed).encode()).decode()
        response = few.get("/registered_models", params={**question, "nextPageToken": text})
        assert response.status_code == expected, (changed, response.text)


# The scan limit


@pytest.fixture(scope="module")
def hurried(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    """A proxy that looks at 100 rows at most for one page."""
    with processes.proxy(tmp_path_factory.mktemp("hurried"), "--scan-limit", "100") as proxy:
        yield filled(proxy)


@pytest.mark.parametrize("order", [None, "CREATE_TIME", *slow("LAST_UPDATE_TIME")])
@pytest.mark.parametrize("direction", [*slow(None), "DESC"])
@pytest.mark.parametrize("size", [3, 1000])
def test_pages_cut_short_by_the_scan_limit_go_on_and_lose_nothing(
    hurried: Shelf, order: str | None, direction: str | None, size: int
) -> None:
    # MLMD cannot narrow this one: names may be prefixed, and a disjunction with a custom property is not its own.
    fits = [f"{hurried.mark}-{number}" for number in range(0, MANY, 7)]
    alternatives = " OR ".join(f'name = "{name}"' for name in fits)
    question = {"filterQuery": f"nothing = 1 OR {alternatives}", "pageSize": size, **ordering(order, direction)}
    with httpx.Client(base_url=hurried.proxy.api) as client:
        for path in hurried.lists:
            if not path.endswith(("/registered_models", "/versions", "/serves", "/artifacts")):
                continue
            found = list(pages(client, path, question))
            rows = [row for page in found for row in page["items"]]
            assert_in_order(rows, order, direction)
            assert {row["name"] for row in rows} == set(fits)
            assert len(found) > 1


def test_without_a_filter_the_scan_limit_cuts_nothing(hurried: Shelf) -> None:
    made = next(made for made in hurried.lists.values() if made.is_ours)
    with httpx.Client(base_url=hurried.proxy.api) as client:
        assert len(client.get(made.path).json()["items"]) == len(made.ids)


# While others write


class Writers:
    """Clients that create rows and PATCH some of those that are there, until they are stopped."""

    def __init__(self, client: httpx.AsyncClient, path: str, create: Callable[[], Row], moving: Sequence[str]) -> None:
        self._client, self._path, self._create, self._moving = client, path, create, moving
        self.written = 0
        self._wrote = asyncio.Event()

    async def _write(self, number: int) -> None:
        while True:
            await asyncio.sleep(0)
            entity = self._path.strip("/").split("/")[-1].replace("versions", "model_versions")
            if number == 0:
                answer = await self._client.post(self._path, json=self._create())
            else:
                id_ = self._moving[self.written % len(self._moving)]
                change = {"description": str(self.written), "artifactType": "model-artifact"}
                if entity != "artifacts":
                    del change["artifactType"]
                answer = await self._client.patch(f"/{entity}/{id_}", json=change)
            assert answer.is_success, answer.text
            self.written += 1
            self._wrote.set()

    async def write_some(self) -> None:
        """Waits for a few writes."""
        for _ in range(4):
            self._wrote.clear()
            await self._wrote.wait()

    @contextlib.asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """Writes while the test runs; a failure there fails the test."""
        tasks = [asyncio.create_task(self._write(number)) for number in range(4)]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            for outcome in await asyncio.gather(*tasks, return_exceptions=True):
                if not isinstance(outcome, asyncio.CancelledError):
                    raise outcome  # type: ignore[misc]


async def read_slowly(client: httpx.AsyncClient, path: str, question: Question, writers: Writers) -> list[Row]:
    """All rows; a few writes happen between any two pages."""
    rows: list[Row] = []
    token = ""
    while True:
        response = await client.get(path, params=question | ({"nextPageToken": token} if token else {}))
        assert response.status_code == 200, response.text
        page = response.json()
        rows += page["items"]
        token = page["nextPageToken"]
        if not token:
            return rows
        await writers.write_some()


@dataclass(frozen=True)
class Busy:
    """A list with rows that stay as they are and rows that writers change."""

    path: str
    still: frozenset[str]
    moving: tuple[str, ...]
    create: Callable[[], Row]


def busy_list(proxy: Proxy, kind: str, size: int = 60) -> Busy:
    """A fresh parent with `size` children, every third of which will move."""
    store, numbers = over_grpc(proxy), count()

    def create() -> Row:
        return {"name": f"new-{next(numbers)}", **extra}

    extra: Row = {}
    with httpx.Client(base_url=proxy.api) as client:
        if kind == "artifacts":
            extra = {"artifactType": "model-artifact"}
            experiment = client.post("/experiments", json={"name": f"busy-{uuid.uuid4()}"}).json()["id"]
            parent = int(client.post("/experiment_runs", json={"experimentId": experiment}).json()["id"])
            type_id = store.get_artifact_type("kf.ModelArtifact").id
            ids = store.put_artifacts([pb.Artifact(type_id=type_id, name=f"{parent}:{n}") for n in range(size)])
            store.put_attributions_and_associations(
                [pb.Attribution(artifact_id=id_, context_id=parent) for id_ in ids], []
            )
            path = f"/experiment_runs/{parent}/artifacts"
        else:
            parent = int(client.post("/registered_models", json={"name": f"busy-{uuid.uuid4()}"}).json()["id"])
            extra = {"registeredModelId": str(parent)}
            type_id = store.get_context_type("kf.ModelVersion").id
            ids = store.put_contexts([pb.Context(type_id=type_id, name=f"{parent}:{n}") for n in range(size)])
            store.put_parent_contexts([pb.ParentContext(child_id=id_, parent_id=parent) for id_ in ids])
            path = f"/registered_models/{parent}/versions"
    texts = [str(id_) for id_ in ids]
    return Busy(path, frozenset(texts) - frozenset(texts[::3]), tuple(texts[::3]), create)


@pytest.mark.parametrize("kind", [*slow("versions"), "artifacts"])
@pytest.mark.parametrize(
    "narrowing", [*slow({}), {"filterQuery": 'id > 0 AND name != "missing"'}], ids=["all", "filtered"]
)
async def test_pages_read_while_others_write_show_no_row_twice_and_miss_none(
    shelf: Shelf, kind: str, narrowing: Question
) -> None:
    busy = await asyncio.to_thread(busy_list, shelf.proxy, kind)
    async with httpx.AsyncClient(base_url=shelf.proxy.api, timeout=60) as client:
        writers = Writers(client, busy.path, busy.create, busy.moving)
        async with writers.at_work():
            for order, direction in ORDERS:
                question = {"pageSize": 20, **narrowing, **ordering(order, direction)}
                rows = await read_slowly(client, busy.path, question, writers)
                shown = [row["id"] for row in rows]
                assert len(shown) == len(set(shown)), (order, direction)
                assert busy.still <= set(shown), (order, direction)
                if order != "LAST_UPDATE_TIME":
                    assert set(busy.moving) <= set(shown), (order, direction)
                    assert_in_order(rows, order, direction)


def test_rows_of_other_programs_are_not_shown_and_hold_up_no_list(hurried: Shelf) -> None:
    store = over_grpc(hurried.proxy)
    foreign = store.put_artifact_type(pb.ArtifactType(name="other.Program"))
    store.put_artifacts([pb.Artifact(type_id=foreign, name=f"foreign-{number}") for number in range(MANY)])
    with httpx.Client(base_url=hurried.proxy.api) as client:
        last = client.post("/artifacts", json={"artifactType": "doc-artifact", "name": "last"}).json()
        newest = list(pages(client, "/artifacts", {"pageSize": 1, "sortOrder": "DESC"}))
        assert newest[0]["items"] == [last]
        rows = [row for page in pages(client, "/artifacts", {"pageSize": 100}) for row in page["items"]]
    assert {row["id"] for row in rows} == {*hurried.lists["/artifacts"].ids, last["id"]}
    assert_in_order(rows, None, None)
