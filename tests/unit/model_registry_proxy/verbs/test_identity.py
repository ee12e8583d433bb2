"""whoami: the user with groups and roles, overall and for single models."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from model_registry_proxy.security.authentication import WAYS
from model_registry_proxy.security.principals import Principal
from tests.support.asking import ask
from tests.support.guarded import USERS, As, Guarded, guarding
from tests.support.serving import EXTENSIONS, serving

WHOAMI = f"{EXTENSIONS}/whoami"
Json = dict[str, Any]


@pytest.fixture
async def guarded(tmp_path: Path) -> AsyncIterator[Guarded]:
    """An API with a policy, with an open and a secret model."""
    async with guarding(tmp_path) as guarded:
        for name in ("open model", "secret model"):
            await guarded.served.make("/registered_models", name=name)
        yield guarded


async def answer(client: httpx.AsyncClient, **query: str) -> Json:
    """The answer to `whoami`."""
    response = await client.get(WHOAMI, params=query)
    assert response.status_code == 200, response.text
    found: Json = response.json()
    return found


async def test_without_authentication_the_user_is_anonymous_and_may_do_everything() -> None:
    async with serving() as served:
        id_ = (await served.make("/registered_models", name="model"))["id"]
        assert await answer(served.client, model=id_) == {
            "user": "anonymous",
            "groups": [],
            "authentication": "none",
            "role": "admin",
            "mayWrite": True,
            "highestRole": "admin",
            "mayWriteSomething": True,
            "models": [{"id": id_, "role": "admin", "mayWrite": True}],
        }


@pytest.mark.parametrize(
    ("user", "general", "highest"),
    [
        ("root", "admin", "admin"),
        ("outsider", "writer", "writer"),
        ("insider", "none", "writer"),
        ("changer", "writer", "writer"),
        ("reader", "none", "reader"),
        ("looker", "reader", "reader"),
        ("stranger", "none", "none"),
    ],
)
async def test_the_roles_overall_are_those_of_the_policy(
    user: str, general: str, highest: str, guarded: Guarded
) -> None:
    writes = ("writer", "admin")
    assert await answer(guarded.by(user)) == {
        "user": user,
        "groups": sorted(USERS[user].groups),
        "authentication": "tokens",
        "role": general,
        "mayWrite": general in writes,
        "highestRole": highest,
        "mayWriteSomething": highest in writes,
    }


@pytest.mark.parametrize(
    ("user", "roles"),
    [
        ("root", ["admin", "admin"]),
        ("outsider", ["writer", None]),
        ("insider", [None, "writer"]),
        ("changer", ["writer", "writer"]),
        ("reader", [None, "reader"]),
        ("looker", ["reader", "reader"]),
        ("stranger", [None, None]),
    ],
)
async def test_the_role_for_a_model_is_that_of_its_rule_and_hidden_models_are_left_out(
    user: str, roles: list[str | None], guarded: Guarded
) -> None:
    found = (await answer(guarded.by(user), model="1,2,987"))["models"]
    assert found == [
        {"id": str(id_), "role": role, "mayWrite": role in ("writer", "admin")}
        for id_, role in zip((1, 2), roles, strict=True)
        if role
    ]


@pytest.mark.parametrize("way", WAYS)
async def test_the_answer_shows_how_the_request_was_authenticated(way: str, guarded: Guarded) -> None:
    api = As(guarded.api, Principal("ann", frozenset({"insiders", "a"}), way))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=api), base_url="http://test") as client:
        found = await ask(client, "/whoami")
    assert (found["authentication"], found["user"], found["groups"]) == (way, "ann", ["a", "insiders"])


async def test_ids_are_answered_once_each_in_the_order_of_the_request_and_other_entities_are_left_out() -> None:
    async with serving() as served:
        for name in ("a", "b"):
            await served.make("/registered_models", name=name)
        version = (await served.make("/model_versions", name="v", registeredModelId="1"))["id"]
        found = (await answer(served.client, model=f" 2, 1,,2,{version},0,-1"))["models"]
        assert [row["id"] for row in found] == ["2", "1"]


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("one", 'model must be whole numbers of up to 18 digits, separated by commas; got "one".'),
        ("1;2", 'model must be whole numbers of up to 18 digits, separated by commas; got "1;2".'),
        ("9" * 19, "model must be whole numbers of up to 18 digits, separated by commas; got"),
        (",".join(map(str, range(201))), "model may have at most 200 ids; got 201."),
    ],
)
async def test_a_bad_list_of_ids_is_400_and_the_message_names_the_parameter(model: str, message: str) -> None:
    async with serving() as served:
        response = await served.client.get(WHOAMI, params={"model": model})
    assert response.status_code == 400
    assert response.json()["message"].startswith(message)


async def test_an_answer_that_has_not_changed_is_304() -> None:
    async with serving() as served:
        tag = (await served.client.get(WHOAMI)).headers["etag"]
        assert (await served.client.get(WHOAMI, headers={"if-none-match": tag})).status_code == 304


async def test_another_method_is_405() -> None:
    async with serving() as served:
        for method in ("POST", "DELETE"):
            response = await served.client.request(method, WHOAMI)
            assert (response.status_code, response.headers["allow"]) == (405, "GET")
