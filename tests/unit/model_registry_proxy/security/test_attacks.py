"""Every operation of the table, tried by users without the rights: nothing is shown, and nothing changes.

The requests are those of the table of round trips, which has every operation; ids of a secret model take the place of each id in
turn. What is answered must be what is answered for ids that name nothing.
"""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import pytest_asyncio

from converters import names
from model_registry_proxy.mlflow.operations import MLFLOW
from model_registry_proxy.security.bound import BOUND
from tests.contract.test_round_trips import PATH_IDS, ROWS, Row, filled, filled_in, url_of
from tests.support.aliases import move_to_second
from tests.support.document import all_operations
from tests.support.guarded import Guarded, a_world, guarding

GOVERNED = ("model", "version", "artifact", "metric", "service", "pinned", "aliased", "third")
"""The parts of a world that belong to its models."""
TEXTS = {"alias", "later"}
"""The parts of a world that are no ids."""
DESCRIBED = all_operations()
LEAVE_OUT = {"getIdentity", "getNewestServes"}
"""Operations that leave a hidden id out of a list of ids, as one that names nothing. All others answer 404."""
SECRETS = re.compile("secret (model|version|weights|artifact|quality|service|pinned|serve|aliased)")
NOWHERE = "987654321"


@dataclass(frozen=True)
class World:
    """An open and a secret model with everything below them."""

    guarded: Guarded
    open: dict[str, str]
    secret: dict[str, str]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with guarding(tmp_path_factory.mktemp("policy")) as guarded:
        yield World(guarded, await a_world(guarded.served, "open"), await a_world(guarded.served, "secret"))


def slots(row: Row) -> list[str]:
    """The parts of a world that a request names, in its path, its query and its body."""
    path = DESCRIBED[row.operation].path
    in_path = [row.about.get(ours, ours) for theirs, ours in PATH_IDS.items() if "{" + theirs + "}" in path]
    values = (*row.body.values(), *row.query.values())
    texts = [
        text for value in values for text in (value if isinstance(value, list) else [value]) if isinstance(text, str)
    ]
    named = re.findall(r"\{(\w+)\}", " ".join(texts))
    return [each for each in dict.fromkeys([*in_path, *named]) if each not in TEXTS]


def request_of(row: Row, ids: dict[str, str], word: str) -> dict[str, Any]:
    """The request of a row about a world; `word` is what the names there begin with."""
    operation = DESCRIBED[row.operation]
    url = url_of(operation, {theirs: ids[row.about.get(ours, ours)] for theirs, ours in PATH_IDS.items()})
    fill = {"{" + key + "}": id_ for key, id_ in ids.items()}
    query = {key: filled(value, fill) for key, value in row.query.items()}
    for key in ("name", "externalId"):
        if key in query and row.operation.startswith("find"):
            query[key] = f"{word} {query[key]}"
    body = {key: filled_in(value, fill) for key, value in row.body.items()}
    if "name" in body and "id" not in body:
        body["name"] = names.made_up()
    return {
        "method": operation.method,
        "url": url,
        "params": query,
        "json": body if operation.body is not None else None,
    }


async def ask(world: World, user: str, request: dict[str, Any]) -> httpx.Response:
    if "/aliases/" in request["url"]:
        for ids in (world.open, world.secret):
            await move_to_second(world.guarded.served, ids)
    world.guarded.served.store.forget()
    async with world.guarded.by(user) as client:
        return await client.request(**request)


def comparable(response: httpx.Response, *ids: str) -> tuple[int, str]:
    """The status and the text of an answer, without the ids in the request."""
    text = response.text
    for id_ in sorted(ids, key=len, reverse=True):
        text = re.sub(rf"\b{id_}\b", "N", text)
    return response.status_code, text


def leaks(world: World, response: httpx.Response) -> bool:
    """Whether an answer shows anything of the secret model."""
    content = response.json()
    rows = content.get("items", [content])
    ids = {world.secret[slot] for slot in GOVERNED}
    return bool(SECRETS.search(response.text)) or any(row.get("registeredModelId") in ids for row in rows)


CASES = [(row, slot) for row in ROWS for slot in slots(row) if slot in GOVERNED]
every_row = pytest.mark.parametrize("row", ROWS, ids=str)
every_case = pytest.mark.parametrize(("row", "slot"), CASES, ids=str)
in_one_loop = pytest.mark.asyncio(loop_scope="module")


@in_one_loop
@every_row
async def test_a_user_without_a_role_gets_403_everywhere_but_sees_that_it_has_none(row: Row, world: World) -> None:
    for ids, word in ((world.open, "open"), (world.secret, "secret")):
        response = await ask(world, "stranger", request_of(row, ids, word))
        if not BOUND[row.operation].needs_role:
            assert (response.json()["role"], response.json().get("models", [])) == ("none", [])
            continue
        assert response.status_code == 403
        assert "the role none at most" in response.json()["message"]
        assert not world.guarded.served.store.calls


@in_one_loop
@every_case
async def test_a_secret_id_is_answered_like_an_unknown_id(row: Row, slot: str, world: World) -> None:
    mixed = {**world.open, slot: world.secret[slot]}
    attack = request_of(row, mixed, "open")
    response = await ask(world, "outsider", attack)
    assert not world.guarded.writes
    assert not leaks(world, response)
    nothing = request_of(row, {**world.open, slot: NOWHERE}, "open")
    for request in (attack, nothing):  # made-up names differ
        request["json"] = {**request["json"], "name": "x"} if "name" in (request["json"] or {}) else request["json"]
    expected = await ask(world, "outsider", nothing)
    response = await ask(world, "outsider", attack)
    assert comparable(response, mixed[slot]) == comparable(expected, NOWHERE)
    assert response.status_code == (200 if row.operation in LEAVE_OUT else 404)


@in_one_loop
@every_row
async def test_nothing_of_a_secret_model_is_shown_or_changed(row: Row, world: World) -> None:
    response = await ask(world, "outsider", request_of(row, world.secret, "secret"))
    if set(slots(row)) & set(GOVERNED):
        assert response.status_code == 404 or row.operation in LEAVE_OUT
        assert not world.guarded.writes
    if response.is_success:
        assert not leaks(world, response)
    else:
        assert response.status_code == 404


@in_one_loop
@every_row
async def test_the_open_model_is_served(row: Row, world: World) -> None:
    for user in ("root", "outsider", "changer"):
        response = await ask(world, user, request_of(row, world.open, "open"))
        assert response.is_success, response.text


@in_one_loop
@every_row
async def test_readers_see_and_change_nothing(row: Row, world: World) -> None:
    response = await ask(world, "looker", request_of(row, world.secret, "secret"))
    if DESCRIBED[row.operation].method == "GET":
        assert response.is_success, response.text
    else:
        assert response.status_code == 403
        assert "needs the role writer" in response.json()["message"]
        assert not world.guarded.writes


@in_one_loop
@every_row
async def test_a_user_that_may_write_one_thing_and_read_another_changes_only_the_one(row: Row, world: World) -> None:
    """`changer` is a writer everywhere, the secret model included; `insider` only of that model."""
    assert (await ask(world, "changer", request_of(row, world.secret, "secret"))).is_success
    response = await ask(world, "insider", request_of(row, world.open, "open"))
    is_list = response.is_success and "items" in response.json()
    if is_list:
        assert all("open" not in str(item.get("name")) for item in response.json()["items"])
    elif row.operation in LEAVE_OUT or row.operation.endswith("Facets"):
        assert response.is_success
        assert "open" not in response.text
        assert not re.search(rf'"id":"{world.open["model"]}"', response.text)
    elif row.operation.startswith("create") and not slots(row):
        assert response.status_code == 403
    else:
        assert response.status_code == 404
    assert not world.guarded.writes


@in_one_loop
@every_case
async def test_an_insider_may_do_everything_with_the_secret_model_only(row: Row, slot: str, world: World) -> None:
    response = await ask(world, "insider", request_of(row, world.secret, "secret"))
    elsewhere = set(slots(row)) - set(GOVERNED)
    assert response.status_code == 404 if elsewhere else response.is_success, response.text


def test_every_operation_is_tried() -> None:
    """Those of MLflow's registry API have tests of their own."""
    assert {row.operation for row in ROWS} == set(DESCRIBED) - set(MLFLOW)
