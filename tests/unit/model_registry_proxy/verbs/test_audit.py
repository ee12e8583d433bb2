"""audit: the records of an entity or a user, as admins, readers and others may see them."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from model_registry_proxy.security.audit import Audited, noting
from model_registry_proxy.security.audit_file import AuditFile
from model_registry_proxy.security.audit_trail import AuditTrail
from model_registry_proxy.security.running import on_registry, run
from tests.support.asking import ask, refusal
from tests.support.guarded import USERS, As, Guarded, guarding
from tests.support.serving import API, serving

Json = dict[str, Any]
NOT_ALL = (
    "Only an admin may read the audit records of other users and of all entities. Name one entity by kind and id, or yourself "
    "by user."
)


class World:
    """A guarded API with an audit log; `by` returns the client of a user, whose requests are recorded."""

    def __init__(self, guarded: Guarded, path: Path) -> None:
        self.log = path
        self._guarded, self._file = guarded, AuditFile(str(path))
        self._api: Any = guarded.api
        self._api._run = on_registry(lambda: guarded.served.registry, noting(guarded.run))
        guarded.served.registry.trail = AuditTrail(path)

    def by(self, user: str) -> httpx.AsyncClient:
        app = Audited(As(self._api, USERS[user]), self._api.router, self._file)
        transport = httpx.ASGITransport(app=app, client=("192.0.2.9", 5))
        return httpx.AsyncClient(transport=transport, base_url=f"http://test{API}")

    async def model(self, name: str) -> str:
        """The id of a new model; the log has no record of it."""
        return str((await self._guarded.served.make("/registered_models", name=name))["id"])


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with guarding(tmp_path) as guarded:
        yield World(guarded, tmp_path / "audit.log")


def of_model(id_: str) -> Json:
    return {"kind": "registered_model", "id": id_}


async def facts(world: World, viewer: str, **query: Any) -> list[tuple[Any, ...]]:
    """User, fields, outcome and denial of the records that a user gets."""
    async with world.by(viewer) as client:
        found = await ask(client, "/audit", **query)
    return [tuple(each.get(key) for key in ("user", "changed", "outcome", "denied")) for each in found["items"]]


async def test_the_records_of_an_entity_name_users_and_fields_newest_first(world: World) -> None:
    other = await world.model("other")
    async with world.by("changer") as client:
        sent = {"name": "open", "owner": "ann"}
        id_ = (await client.post("/registered_models", json=sent)).json()["id"]
        await client.patch(f"/registered_models/{id_}", json={"owner": "bob"}, headers={"x-request-id": "r-2"})
        await client.patch(f"/registered_models/{id_}", json={"state": "gone"})
        await client.patch(f"/registered_models/{other}", json={"owner": "bob"})
    async with world.by("root") as client:
        found = await ask(client, "/audit", **of_model(id_))
    assert (found["isKept"], found["size"], found["nextPageToken"]) == (True, 3, "")
    assert [(one["changed"], one["outcome"]) for one in found["items"]] == [
        ([], "failed"),
        (["owner"], "done"),
        (["name", "owner", "state"], "done"),
    ]
    record = found["items"][1]
    assert 1.7e12 < int(record.pop("time")) < 1e14
    assert record == {
        "requestId": "r-2",
        "user": "changer",
        "groups": ["insiders"],
        "authentication": "tokens",
        "peer": "192.0.2.9",
        "method": "PATCH",
        "operation": "updateRegisteredModel",
        "kind": "registered_model",
        "id": id_,
        "name": "open",
        "changed": ["owner"],
        "outcome": "done",
        "status": 200,
    }


async def test_a_user_that_may_see_an_entity_sees_its_changes_without_addresses_groups_and_refusals_of_others(
    world: World,
) -> None:
    id_ = await world.model("secret")
    path = f"/registered_models/{id_}"
    for user in ("insider", "reader", "outsider"):
        async with world.by(user) as client:
            await client.patch(path, json={"owner": user})
    everything = [
        ("outsider", ["owner"], "denied", "hidden"),
        ("reader", ["owner"], "denied", "forbidden"),
        ("insider", ["owner"], "done", None),
    ]
    assert await facts(world, "root", **of_model(id_)) == everything
    assert await facts(world, "reader", **of_model(id_)) == everything[1:]
    assert await facts(world, "looker", **of_model(id_)) == everything[2:]
    async with world.by("looker") as client:
        (record,) = (await ask(client, "/audit", **of_model(id_)))["items"]
    assert not {"groups", "peer", "forwardedFor"} & record.keys()


async def test_a_hidden_entity_does_not_exist_with_or_without_a_log(world: World) -> None:
    id_ = await world.model("secret")
    answers = []
    for trail in (world._guarded.served.registry.trail, None):
        world._guarded.served.registry.trail = trail
        async with world.by("outsider") as client:
            answers += [await refusal(client, "/audit", **of_model(one)) for one in (id_, "987654321")]
    assert answers[0::2] == [(404, f"No registered model has id {id_}.")] * 2
    assert answers[1::2] == [(404, "No registered model has id 987654321.")] * 2


async def test_own_records_do_not_show_whether_something_is_hidden_or_missing(world: World) -> None:
    secret = await world.model("secret")
    async with world.by("outsider") as client:
        for id_ in (secret, "987654321"):
            await client.get(f"/registered_models/{id_}")
            await client.patch(f"/registered_models/{id_}", json={"owner": "x"})
            await client.post("/model_versions", json={"name": "v", "registeredModelId": id_})
            await ask(client, "/whoami", model=id_)
        await client.post("/registered_models", json={"name": "new"})
    assert await facts(world, "outsider", user="outsider") == [("outsider", ["name", "state"], "done", None)]
    assert [one[3] for one in await facts(world, "root", user="outsider")].count("hidden") == 4


async def test_records_of_others_and_of_all_entities_are_for_admins(world: World) -> None:
    await world.model("open")
    async with world.by("changer") as client:
        await client.patch("/registered_models/1", json={"owner": "x"})
    mine = [("changer", ["owner"], "done", None)]
    assert await facts(world, "root", user="changer") == mine
    assert await facts(world, "root") == mine
    assert await facts(world, "changer", user="changer") == mine
    for query in ({}, {"user": "root"}, {"changed": "owner"}):
        async with world.by("changer") as client:
            assert await refusal(client, "/audit", **query) == (403, NOT_ALL)
    assert await facts(world, "looker", user="changer", **of_model("1")) == mine
    async with world.by("stranger") as client:
        assert (await refusal(client, "/audit", user="stranger"))[0] == 403


async def test_records_are_chosen_by_field_outcome_user_and_time(world: World) -> None:
    id_ = await world.model("open")
    path = f"/registered_models/{id_}"
    value = {"metadataType": "MetadataStringValue", "string_value": "x"}
    async with world.by("changer") as client:
        await client.patch(path, json={"owner": "x", "customProperties": {"stage": value}})
        await client.patch(path, json={"description": "x"})
    async with world.by("reader") as client:
        await client.patch(path, json={"owner": "x"})
    async with world.by("outsider") as client:
        await client.patch(path, json={"owner": "x"})
        items = (await ask(client, "/audit", **of_model(id_)))["items"]

    async def number(**query: Any) -> int:
        return len(await facts(world, "root", **of_model(id_), **query))

    assert len(items) == 3
    assert await number() == 4
    assert await number(changed="owner") == 3
    assert await number(changed="customProperties.stage") == 1
    assert await number(changed="customProperties") == 1
    assert await number(changed="custom") == 0
    assert await number(outcome="done") == 3
    assert await number(outcome="denied") == 1
    assert await number(outcome="unanswered") == 0
    assert await number(user="changer") == 2
    assert await number(user="changer", changed="owner") == 1
    assert await number(since=items[0]["time"]) >= 1
    assert await number(since=int(items[0]["time"]) + 1) == 0
    assert await number(until=int(items[-1]["time"]) - 1) == 0


async def test_records_of_a_former_database_are_not_those_of_an_entity_with_the_same_id(world: World) -> None:
    id_ = await world.model("open")
    async with world.by("changer") as client:
        await client.patch(f"/registered_models/{id_}", json={"owner": "x"})
    text = world.log.read_text("utf-8")
    world.log.write_text(re.sub('"time":"[0-9]{4}', '"time":"2001', text) + text, "utf-8")
    assert len(await facts(world, "looker", **of_model(id_))) == 1
    assert len(await facts(world, "root")) == 2


async def test_pages_follow_each_other_and_a_token_belongs_to_its_question(world: World) -> None:
    id_ = await world.model("open")
    async with world.by("changer") as client:
        for owner in "abcde":
            await client.patch(f"/registered_models/{id_}", json={"owner": owner, "description": owner})
        query = {**of_model(id_), "pageSize": 2}
        first = await ask(client, "/audit", **query)
        await client.patch(f"/registered_models/{id_}", json={"owner": "later"})
        second = await ask(client, "/audit", **query, nextPageToken=first["nextPageToken"])
        third = await ask(client, "/audit", **query, nextPageToken=second["nextPageToken"])
        assert [page["size"] for page in (first, second, third)] == [2, 2, 1]
        assert third["nextPageToken"] == ""
        times = [one["time"] for page in (first, second, third) for one in page["items"]]
        assert times == sorted(times, reverse=True)
        other = {**query, "changed": "owner", "nextPageToken": first["nextPageToken"]}
        assert "another question" in (await refusal(client, "/audit", **other))[1]
        world.log.write_bytes(b"")
        gone = await refusal(client, "/audit", **query, nextPageToken=first["nextPageToken"])
        assert (gone[0], gone[1][:62]) == (400, "nextPageToken leads to a place that the audit log no longer ha")


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"kind": "registered_model"}, "id is missing: kind counts only together with it."),
        ({"id": "7"}, "kind is missing: id counts only together with it."),
        ({"kind": "model", "id": "7"}, "model is not a valid AuditedKind; kind is one of registered_model, "),
        ({"kind": "registered_model", "id": "x"}, 'id must be a whole number; got "x".'),
        ({"outcome": "good"}, "good is not a valid Outcome; outcome is one of done, "),
        ({"since": "monday"}, 'since must be a whole number; got "monday".'),
        ({"until": "-1"}, "until must be at least 0"),
        ({"pageSize": "0"}, "pageSize must be "),
        ({"nextPageToken": "x"}, "nextPageToken is not one that this server gave"),
        ({"user": "%00"}, "user holds a NUL character."),
    ],
)
async def test_bad_input_is_400_and_names_the_parameter(query: dict[str, str], message: str) -> None:
    async with serving() as served:
        query = {key: value.replace("%00", "\0") for key, value in query.items()}
        status, text = await refusal(served.client, "/audit", **query)
    assert status == 400
    assert text.startswith(message)


async def test_a_server_without_a_file_says_which_setting_keeps_records() -> None:
    async with serving() as served:
        await served.make("/registered_models", name="model")
        found = await ask(served.client, "/audit", **of_model("1"))
    assert found == {
        "items": [],
        "nextPageToken": "",
        "pageSize": 1000,
        "size": 0,
        "isKept": False,
        "reason": "This server keeps no audit records that it can read. To keep them, start it with --audit-log FILE "
        "(MR_AUDIT_LOG=FILE).",
    }


@asynccontextmanager
async def without_authentication(path: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with serving() as served:
        served.registry.trail = AuditTrail(path)
        inner: Any = served.api
        inner._run = on_registry(lambda: served.registry, noting(run))
        transport = httpx.ASGITransport(app=Audited(inner, inner.router, AuditFile(str(path))), client=("192.0.2.9", 5))
        async with httpx.AsyncClient(transport=transport, base_url=f"http://test{API}") as client:
            yield client


@pytest.mark.parametrize("query", [{}, {"user": "anonymous"}, {"kind": "serving_environment", "id": "1"}])
async def test_without_authentication_everybody_is_anonymous_and_the_address_is_shown(
    tmp_path: Path, query: dict[str, str]
) -> None:
    async with without_authentication(tmp_path / "audit.log") as client:
        await client.post("/serving_environments", json={"name": "production"})
        (record,) = (await ask(client, "/audit", **query))["items"]
    assert (record["user"], record["peer"]) == ("anonymous", "192.0.2.9")
    assert "authentication" not in record


async def test_artifacts_are_found_whatever_their_kind_and_serves_too(tmp_path: Path) -> None:
    async with without_authentication(tmp_path / "audit.log") as client:
        await client.post("/artifacts", json={"artifactType": "dataset-artifact", "name": "data"})
        await client.post("/artifacts", json={"artifactType": "metric", "name": "loss", "value": 1})
        await client.post("/model_artifacts", json={"name": "weights"})
        await client.patch("/model_artifacts/3", json={"description": "x"})
        found = [await ask(client, "/audit", kind="artifact", id=id_) for id_ in (1, 2, 3)]
    assert [[one["kind"] for one in page["items"]] for page in found] == [
        ["dataset"],
        ["metric"],
        ["model_artifact", "model_artifact"],
    ]
