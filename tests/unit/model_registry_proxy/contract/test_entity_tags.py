"""Entity tags and conditions: what they cost, what holds within a process, and what MLMD adds for artifacts."""

import asyncio
import time
from copy import deepcopy
from typing import Any

import pytest

from converters.entity import Kind
from model_registry_proxy.contract.entity_tags import Tags, as_bytes, tag_of
from model_registry_proxy.errors import BadRequest
from tests.support.clock import turns
from tests.support.memory_store import MemoryStore
from tests.support.serving import Served, serving

Json = dict[str, Any]


@pytest.mark.parametrize(
    ("value", "tags"),
    [(b'"a"', {b'"a"'}), (b'"a", W/"b"', {b'"a"', b'W/"b"'}), (b' ,"a",, "b" ,', {b'"a"', b'"b"'}), (b'""', {b'""'})],
)
def test_a_list_of_tags_is_read(value: bytes, tags: set[bytes]) -> None:
    assert Tags.read(value, "If-Match") == Tags(frozenset(tags))


@pytest.mark.parametrize("value", [b"", b"a", b'"a', b'"a" "b"', b'"a"b', b"*, *", b'"a", *', b'w/"a"', b",", b"'a'"])
def test_garbage_is_refused(value: bytes) -> None:
    with pytest.raises(BadRequest, match="If-Match"):
        Tags.read(value, "If-Match")


def test_long_garbage_is_refused_quickly() -> None:
    began = time.thread_time()
    for value in (b'"a"' + b", " * 30_000 + b"x", b'"a", ' * 10_000, b"," * 60_000 + b"x"):
        with pytest.raises(BadRequest):
            Tags.read(value + b"x", "If-Match")
    assert time.thread_time() - began < 5


def test_comparison_is_strong_for_writes_and_weak_for_reads() -> None:
    weak = Tags.read(b'W/"a"', "If-Match")
    assert not weak.match(b'"a"')
    assert weak.match_weakly(b'"a"')
    assert Tags.read(b"*", "If-Match").match(b'"a"')
    assert not Tags.read(b'"b"', "If-Match").match_weakly(b'"a"')


def test_a_tag_depends_on_the_content_and_not_on_the_order_of_the_store() -> None:
    one, other = {"a": 1, "b": {"x": 1, "y": 2}}, {"b": {"y": 2, "x": 1}, "a": 1}
    assert tag_of(as_bytes(one)) == tag_of(as_bytes(other)) != tag_of(as_bytes({**one, "a": 2}))


async def a_model(served: Served) -> str:
    """Creates a model and returns its tag."""
    response = await served.client.post("/registered_models", json={"name": "m"})
    return response.headers["etag"]


async def test_every_answer_of_an_entity_has_the_same_tag_until_it_changes() -> None:
    async with serving() as served:
        get = served.client.get
        tag = await a_model(served)
        assert tag.startswith('"')
        answers = [await get("/registered_models/1"), await get("/registered_model?name=m")]
        assert {answer.headers["etag"] for answer in answers} == {tag}
        changed = await served.client.patch("/registered_models/1", json={"description": "x"})
        assert changed.headers["etag"] != tag
        assert (await get("/registered_models/1")).headers["etag"] == changed.headers["etag"]
        for answer in (await get("/registered_models"), await get("/registered_models/7")):
            assert "etag" not in answer.headers


async def test_a_read_of_a_version_that_the_client_has_is_304_without_a_body() -> None:
    async with serving() as served:
        tag = await a_model(served)
        for path in ("/registered_models/1", "/registered_model?name=m"):
            for value in (tag, f'"x", {tag}', f"W/{tag}", "*"):
                answer = await served.client.get(path, headers={"If-None-Match": value})
                assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag)
            for value in ('"x"', "garbage"):
                assert (await served.client.get(path, headers={"If-None-Match": value})).status_code == 200
        assert (await served.client.get("/registered_models/7", headers={"If-None-Match": "*"})).status_code == 404


@pytest.mark.parametrize(
    ("value", "status"),
    [("{tag}", 200), ("*", 200), ('"x", {tag}', 200), ('"x"', 412), ("W/{tag}", 412), ("garbage", 400), ("", 400)],
)
async def test_a_change_happens_only_to_the_version_that_is_named(value: str, status: int) -> None:
    async with serving() as served:
        tag = await a_model(served)
        headers = {"If-Match": value.replace("{tag}", tag)}
        answer = await served.client.patch("/registered_models/1", json={"description": "x"}, headers=headers)
        assert answer.status_code == status
        now = await served.client.get("/registered_models/1")
        assert ("description" in now.json()) == (status == 200)
        if status != 200:
            assert now.headers["etag"] == tag


async def test_without_the_entity_a_condition_is_404_and_on_a_post_it_is_400() -> None:
    async with serving() as served:
        answer = await served.client.patch("/registered_models/7", json={}, headers={"If-Match": "*"})
        assert answer.status_code == 404
        answer = await served.client.post("/registered_models", json={"name": "m"}, headers={"If-Match": "*"})
        assert answer.status_code == 400
        assert (await served.client.get("/registered_models")).json()["size"] == 0


async def test_an_old_tag_of_a_body_that_changes_nothing_is_412_too() -> None:
    async with serving() as served:
        await a_model(served)
        answer = await served.client.patch("/registered_models/1", json={}, headers={"If-Match": '"x"'})
        assert answer.status_code == 412


KINDS: dict[str, tuple[str, Json]] = {
    "a context": ("/registered_models", {}),
    "an artifact": ("/artifacts", {"artifactType": "doc-artifact"}),
    "a metric": ("/artifacts", {"artifactType": "metric", "value": 1}),
}


@pytest.mark.parametrize(("path", "body"), KINDS.values(), ids=list(KINDS))
async def test_of_many_clients_with_the_same_version_only_one_changes_it(path: str, body: Json) -> None:
    async with serving() as served:
        made = await served.client.post(path, json={"name": "m", **body})
        url, tag = f"{path}/{made.json()['id']}", made.headers["etag"]
        kind = {key: value for key, value in body.items() if key == "artifactType"}

        async def change(number: int, headers: dict[str, str]) -> int:
            change = {**kind, "description": str(number)}
            return (await served.client.patch(url, json=change, headers=headers)).status_code

        statuses = await asyncio.gather(*(change(number, {"If-Match": tag}) for number in range(20)))
        assert sorted(statuses) == [200] + [412] * 19
        assert not served.registry.locks._locks


async def test_a_change_without_a_condition_waits_for_one_with_a_condition() -> None:
    async with serving() as served:
        tag = await a_model(served)
        gate = served.store.hold("get")
        change = served.client.patch
        bound = asyncio.create_task(
            change("/registered_models/1", json={"description": "a"}, headers={"If-Match": tag})
        )
        await gate.arrived.wait()
        free = asyncio.create_task(change("/registered_models/1", json={"description": "b"}))
        await turns()
        assert served.store.counts["change"] == 0
        gate.open()
        assert [(await task).status_code for task in (bound, free)] == [200, 200]
        assert (await served.client.get("/registered_models/1")).json()["description"] == "b"


async def test_changes_without_a_condition_run_at_the_same_time() -> None:
    async with serving() as served:
        await a_model(served)
        served.store.forget()
        bodies = [{"description": str(number)} for number in range(10)]
        await asyncio.gather(*(served.client.patch("/registered_models/1", json=body) for body in bodies))
        assert {call.method: call.round for call in served.store.calls} == {"change": 1, "get": 2}


async def test_for_artifacts_mlmd_refuses_a_change_if_another_process_was_first() -> None:
    store = MemoryStore()
    async with serving(store) as served, serving(store) as other:
        made = await served.client.post("/artifacts", json={"artifactType": "doc-artifact", "name": "d"})
        gate = store.hold("change")
        headers = {"If-Match": made.headers["etag"]}
        body = {"artifactType": "doc-artifact", "description": "mine"}
        mine = asyncio.create_task(served.client.patch("/artifacts/1", json=body, headers=headers))
        await gate.arrived.wait()
        await turns()
        node: Any = deepcopy(store.nodes[Kind.ARTIFACT][1])
        node.custom_properties["theirs"].int_value = 1
        store.write(node)
        gate.open()
        assert (await mine).status_code == 412
        now = (await other.client.get("/artifacts/1")).json()
        assert "description" not in now
        assert list(now["customProperties"]) == ["theirs"]


async def test_a_merge_with_exact_doubles_is_repeated_if_another_process_was_first() -> None:
    store = MemoryStore()
    exact = {"metadataType": "MetadataDoubleValue", "double_value": 1e-20}
    async with serving(store) as served, serving(store) as other:
        body = {"artifactType": "metric", "name": "m", "value": 1e-9, "customProperties": {"x": exact}}
        await served.client.post("/artifacts", json=body)
        gate = store.hold("change")
        kind = {"artifactType": "metric"}
        first = asyncio.create_task(served.client.patch("/artifacts/1", json={**kind, "value": 2e-9}))
        await gate.arrived.wait()
        second = asyncio.create_task(
            other.client.patch("/artifacts/1", json={**kind, "customProperties": {"y": exact}})
        )
        await turns()
        gate.open()
        assert [(await task).status_code for task in (first, second)] == [200, 200]
        now = (await other.client.get("/artifacts/1")).json()
        assert (now["value"], now["customProperties"]) == (2e-9, {"y": exact})


async def test_a_tag_costs_no_call_and_a_condition_one_read() -> None:
    async with serving() as served:
        plain = "change; get"
        await a_model(served)
        for is_bound, calls in ((False, plain), (True, f"get; {plain}")):
            tag = (await served.client.get("/registered_models/1")).headers["etag"]
            served.store.forget()
            headers = {"If-Match": tag} if is_bound else {}
            answer = await served.client.patch("/registered_models/1", json={"description": "x"}, headers=headers)
            assert (answer.status_code, served.store.rounds) == (200, calls)
