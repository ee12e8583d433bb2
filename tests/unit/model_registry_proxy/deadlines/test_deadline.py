"""One deadline for all that a request does, set by the server and lowered by the client."""

import asyncio
import time

import grpc
import pytest

from converters.entity import Kind
from model_registry_proxy.deadlines.deadline import HEADERS, deadline
from model_registry_proxy.deadlines.time_limits import LOOK_SECONDS
from model_registry_proxy.errors import BadRequest
from model_registry_proxy.mlmd import retries
from model_registry_proxy.mlmd.batching import Batcher
from model_registry_proxy.mlmd.sharing import Sharing
from tests.support.clock import Clock, turns
from tests.support.fake_store import FakeStore
from tests.support.listening import listening, soon
from tests.support.patience import PATIENCE_SECONDS
from tests.support.serving import API, serving

SECONDS, GRPC = HEADERS[b"x-request-timeout"], HEADERS[b"grpc-timeout"]


@pytest.mark.parametrize(("value", "seconds"), [(b"2.5", 2.5), (b"30", 30), (b"0.001", 0.001), (b"007", 7)])
def test_seconds_are_a_plain_number(value: bytes, seconds: float) -> None:
    assert SECONDS(value) == seconds


@pytest.mark.parametrize(
    ("value", "seconds"), [(b"500m", 0.5), (b"2S", 2), (b"1M", 60), (b"1H", 3600), (b"250000u", 0.25), (b"1n", 1e-9)]
)
def test_grpc_has_units(value: bytes, seconds: float) -> None:
    assert GRPC(value) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "value", [b"", b"0", b"0.0", b"-1", b"+1", b"1e3", b"nan", b"inf", b"1,5", b" 1", b"9" * 9, b"\xff"]
)
def test_what_is_no_time_is_refused(value: bytes) -> None:
    with pytest.raises(BadRequest, match="X-Request-Timeout"):
        SECONDS(value)
    with pytest.raises(BadRequest, match="grpc-timeout"):
        GRPC(value)


@pytest.mark.parametrize(("name", "value"), [("X-Request-Timeout", "soon"), ("grpc-timeout", "5s")])
async def test_a_bad_header_is_400_and_changes_nothing(name: str, value: str) -> None:
    async with serving() as served:
        response = await served.client.post("/registered_models", json={"name": "m"}, headers={name: value})
        assert response.status_code == 400
        assert name in response.json()["message"]
        assert not served.store.calls


async def test_every_call_gets_what_is_left_of_the_request() -> None:
    async with serving(FakeStore(), seconds=4000) as served:
        await served.make("/registered_models", name="m")
        first, second = served.store.timeouts
        assert first
        assert second
        assert 4000 >= first > second > 3000
        served.store.forget()
        both = {"X-Request-Timeout": "9900", "grpc-timeout": "1500S"}
        for headers in ({"X-Request-Timeout": "1500.5"}, {"grpc-timeout": "1500500m"}, both):
            await served.client.get("/registered_models/1", headers=headers)
        assert all(left and 1000 < left <= 1500.5 for left in served.store.timeouts)


@pytest.mark.parametrize(
    ("asked", "limit", "shown"), [("500", 500, "500 s"), ("60000", 3000, "3000 s")], ids=["shorter", "longer"]
)
async def test_a_client_may_wait_shorter_than_the_server_but_not_longer(
    asked: str, limit: float, shown: str, clock: Clock
) -> None:
    async with serving(seconds=3000) as served:
        gate = served.store.hold("list_nodes")
        headers = {"X-Request-Timeout": asked}
        waiting = asyncio.create_task(served.client.get("/registered_models", headers=headers))
        await gate.arrived.wait()
        clock.advance(limit - 300)
        await asyncio.sleep(3 * LOOK_SECONDS)
        assert not waiting.done()
        clock.advance(301)
        response = await waiting
        assert response.status_code == 503
        assert shown in response.json()["message"]


async def test_retries_end_with_the_deadline(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "_FIRST_WAIT", 100.0)
    monkeypatch.setattr(retries, "_LONGEST_WAIT", 1e6)
    monkeypatch.setattr(
        "random.uniform", lambda _low, high: high
    )  # 200, 400, 800 and 1600 s; the next wait is too long
    began = time.monotonic()
    async with serving(FakeStore(), outlasts=1e6, seconds=1e5) as served:
        for _ in range(100):
            served.store.fail("GetContextsByID", grpc.StatusCode.UNAVAILABLE)
        asked = served.client.get("/registered_models/1", headers={"X-Request-Timeout": "5000"})
        waiting = asyncio.create_task(asked)
        while not waiting.done():
            await turns()
            clock.advance(20)
        assert (await waiting).status_code == 503
        assert 3000 <= time.monotonic() - began < 4000
        assert served.store.counts["GetContextsByID"] == 5


async def test_what_several_share_has_the_latest_of_their_deadlines() -> None:
    seen: list[float] = []

    async def send(items: object) -> list[int]:
        seen.append(deadline.get())
        await asyncio.sleep(0)
        return [0] * len(items)  # type: ignore[arg-type]

    batcher: Batcher[int, int] = Batcher(send)
    sharing = Sharing()

    async def ask(until: float) -> None:
        deadline.set(until)
        await batcher(1)
        await sharing("key", lambda: send([1]))

    await asyncio.gather(*(asyncio.create_task(ask(until)) for until in (5.0, 1.0, 9.0, 3.0)))
    assert seen == [9.0, 9.0]


async def test_a_question_ends_when_all_its_requests_are_cancelled_and_the_next_one_is_asked_again() -> None:
    sharing, asked, ended = Sharing(), 0, 0

    async def ask() -> int:
        nonlocal asked, ended
        asked += 1
        try:
            await asyncio.sleep(1e6 if asked == 1 else 0)
        finally:
            ended += 1
        return asked

    for rounds in (0, 1, 3):  # before it is asked, and while it is
        waiting = [asyncio.create_task(sharing("key", ask)) for _ in range(3)]
        for _ in range(rounds):
            await asyncio.sleep(0)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        await asyncio.sleep(0)
        assert asked == ended
    assert await asyncio.wait_for(sharing("key", ask), PATIENCE_SECONDS)
    assert not sharing._waiting
    assert not sharing._asking


@pytest.mark.parametrize("path", ["/registered_models", "/registered_models/1/versions", "/artifacts"])
async def test_the_end_of_a_clients_connection_ends_its_reads(path: str) -> None:
    async with serving() as served, listening(served.api) as port:
        await served.make("/registered_models", name="m")
        served.store.forget()
        gate = served.store.hold("list_nodes")
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(f"GET {API}{path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        await asyncio.wait_for(gate.arrived.wait(), PATIENCE_SECONDS)
        (call,) = [call for call in served.store.calls if call.method == "list_nodes"]
        assert not call.is_over
        writer.close()
        await soon(lambda: call.is_over)


async def test_a_client_that_goes_away_does_not_end_its_writes() -> None:
    async with serving() as served, listening(served.api) as port:
        await served.make("/registered_models", name="m")
        gate = served.store.hold("put")
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        body = b'{"registeredModelId": "1", "name": "v"}'
        writer.write(
            f"POST {API}/model_versions HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
        )
        await asyncio.wait_for(gate.arrived.wait(), PATIENCE_SECONDS)
        writer.close()
        await asyncio.sleep(0.05)  # the server sees it go; if it is later than that, the test shows less
        gate.open()
        await soon(lambda: (Kind.CONTEXT, 2, 1) in served.store.links)
