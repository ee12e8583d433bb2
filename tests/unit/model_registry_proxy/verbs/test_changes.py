"""The change feed: each change comes, also one that appears behind newer ones, and nothing comes for ever."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from converters._generated import metadata_store_pb2 as mlmd
from converters.entities import RegisteredModel
from converters.entity import Kind
from model_registry_proxy.verbs.changes import cursor, feed, reading
from tests.support.fake_store import FakeStore
from tests.support.guarded import guarding
from tests.support.memory_store import MemoryStore
from tests.support.serving import EXTENSIONS, Served, serving

Json = dict[str, Any]
CHANGES = f"{EXTENSIONS}/changes"


@pytest.fixture(params=["memory", "mlmd", "mlmd without filters"])
async def served(request: pytest.FixtureRequest) -> AsyncIterator[Served]:
    """The API on each store of the tests."""
    store = MemoryStore() if request.param == "memory" else FakeStore(filters=request.param == "mlmd")
    async with serving(store) as running:
        yield running


async def asked(client: httpx.AsyncClient, after: str | None = None, **query: Any) -> tuple[list[str], str]:
    """The names of what has changed, and the next token."""
    answer = await client.get(CHANGES, params={**query, **({"after": after} if after else {})})
    assert answer.status_code == 200, answer.text
    content = answer.json()
    assert content["size"] == len(content["items"])
    return [event["entity"].get("name", event["kind"]) for event in content["items"]], content["next"]


async def test_changes_of_all_kinds_come_once_each(served: Served) -> None:
    nothing, after = await asked(served.client)
    assert nothing == []
    model = await served.make("/registered_models", name="m")
    version = await served.make("/model_versions", name="v", registeredModelId=model["id"])
    await served.make(f"/model_versions/{version['id']}/artifacts", artifactType="model-artifact", name="files")
    found, after = await asked(served.client, after)
    assert sorted(found) == ["files", "m", "v"]
    assert (await asked(served.client, after))[0] == []
    await asyncio.sleep(0.002)
    await served.client.patch(f"/registered_models/{model['id']}", json={"description": "new"})
    found, after = await asked(served.client, after)
    assert found == ["m"]
    assert sorted((await asked(served.client, "begin"))[0]) == ["files", "m", "v"]


async def test_a_move_of_an_alias_says_from_where_to_where(served: Served) -> None:
    model = await served.make("/registered_models", name="m")
    version = await served.make("/model_versions", name="v", registeredModelId=model["id"])
    _, after = await asked(served.client)
    path = f"{EXTENSIONS}/registered_models/{model['id']}/aliases/live"
    assert (await served.client.put(path, json={"modelVersionId": version["id"], "reason": "r"})).status_code == 200
    answer = await served.client.get(CHANGES, params={"after": after, "kinds": "alias.moved"})
    (event,) = answer.json()["items"]
    assert event["entity"] == {"kind": "registered_model", "id": model["id"]}
    assert {key: event["move"][key] for key in ("alias", "toModelVersionId", "reason", "serial")} == {
        "alias": "live",
        "toModelVersionId": version["id"],
        "reason": "r",
        "serial": 1,
    }
    assert event["id"].startswith("mr-")


def write(served: Served, name: str, time_ms: int) -> None:
    """Stores a model that has this time, as a transaction does that took its time before others and ends after them."""
    node = mlmd.Context(type_id=served.registry.type_id(RegisteredModel), name=name)
    stored = served.store.nodes[Kind.CONTEXT][served.store.write(node)]
    stored.create_time_since_epoch = stored.last_update_time_since_epoch = time_ms


async def test_a_change_that_appears_behind_newer_ones_comes_too() -> None:
    async with serving() as served:
        base = 2_000_000_000_000
        write(served, "old", base)
        write(served, "new", base + 9000)
        found, after = await asked(served.client, "begin")
        assert found == ["old", "new"]
        write(served, "late", base + 9000 - cursor.OVERLAP_MS + 1)
        found, after = await asked(served.client, after)
        assert found == ["late"]
        write(served, "newer", base + 30_000)
        found, after = await asked(served.client, after)
        assert found == ["newer"]
        assert (await asked(served.client, after))[0] == []


async def test_many_changes_at_a_time_come_in_pages(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "_MOST", 7)
    for number in range(25):
        await served.make("/registered_models", name=f"m{number}")
    found: list[str] = []
    after = "begin"
    while True:
        some, after = await asked(served.client, after)
        assert len(some) <= 7
        if not some:
            break
        found += some
    assert sorted(found) == sorted(f"m{number}" for number in range(25))


async def test_more_changes_than_a_token_holds_come_when_they_are_old_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_SEEN", 5)
    async with serving() as served:
        for number in range(12):
            await served.make("/registered_models", name=f"m{number}")
        found, after = await asked(served.client, "begin")
        assert len(found) == 5
        monkeypatch.setattr(reading, "STABLE_MS", -1000)
        rest, _ = await asked(served.client, after)
        assert sorted(found + rest) == sorted(f"m{number}" for number in range(12))


async def test_a_question_waits_for_a_change(served: Served) -> None:
    _, after = await asked(served.client)
    waiting = asyncio.ensure_future(asked(served.client, after, wait=5))
    await asyncio.sleep(0)
    await served.make("/registered_models", name="m")
    assert (await waiting)[0] == ["m"]


async def test_a_question_ends_before_its_request_and_where_enough_others_wait() -> None:
    async with serving(seconds=2.2) as served:
        _, after = await asked(served.client)
        assert (await asked(served.client, after, wait=60))[0] == []
    async with serving() as served:
        _, after = await asked(served.client)
        served.registry.waiting = asyncio.Semaphore(0)
        assert (await asked(served.client, after, wait=60))[0] == []


async def test_hidden_models_are_no_events(tmp_path: Path) -> None:
    async with guarding(tmp_path) as guarded:
        for word in ("open", "secret"):
            model = await guarded.served.make("/registered_models", name=f"{word} model")
            version = await guarded.served.make("/model_versions", name=word, registeredModelId=model["id"])
            path = f"{EXTENSIONS}/registered_models/{model['id']}/aliases/live"
            await guarded.served.client.put(path, json={"modelVersionId": version["id"]})
        async with guarded.by("outsider") as outsider, guarded.by("insider") as insider:
            assert sorted((await asked(outsider, "begin"))[0]) == ["alias.moved", "open", "open model"]
            assert sorted((await asked(insider, "begin"))[0]) == ["alias.moved", "secret", "secret model"]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"after": "x"}, "after is not a token that this server gave"),
        ({"after": cursor.to_token(dict.fromkeys(Kind, cursor.FeedPosition()))[:-3]}, "after is not a token"),
        (
            {"after": "begin", "kinds": "alias.moved,other"},
            "kinds has 'other', which is not one of alias.moved, entity.changed",
        ),
        ({"wait": "61"}, "wait"),
        ({"wait": "-1"}, "wait"),
    ],
)
async def test_a_question_that_cannot_be_is_refused(query: Json, said: str) -> None:
    async with serving() as served:
        answer = await served.client.get(CHANGES, params=query)
        assert (answer.status_code, said in answer.json()["message"]) == (400, True), answer.text


def test_a_token_is_read_as_it_was_written_and_stays_short() -> None:
    seen = frozenset((10**6 + number, 1_800_000_000_000 + number) for number in range(cursor.MOST_SEEN))
    places = {kind: cursor.FeedPosition(1_800_000_000_000, 7, seen) for kind in Kind}
    token = cursor.to_token(places)
    assert cursor.from_token(token) == places
    assert len(token) < 8000
