"""Bodies that arrive slowly or at the same time: they count only as bytes, and only up to the limit."""

import asyncio

from tests.support.clock import Clock, turns
from tests.support.listening import listening, soon
from tests.support.patience import PATIENCE_SECONDS
from tests.support.serving import API, serving

POST = f"POST {API}/registered_models HTTP/1.1\r\nHost: x\r\n".encode()


async def test_a_slow_body_does_not_count_as_a_request_in_flight_and_ends_at_the_deadline(clock: Clock) -> None:
    async with serving(max_in_flight=1, seconds=1000) as served, listening(served.api) as port:
        free = served.api._bodies._free
        slow = [await asyncio.open_connection("127.0.0.1", port) for _ in range(5)]
        for _, writer in slow:
            writer.write(POST + b'Content-Length: 100\r\n\r\n{"name"')
        await soon(lambda: served.api._bodies._free <= free - 5 * len(b'{"name"'))
        await served.make("/registered_models", name="m")
        clock.advance(1001)
        for reader, writer in slow:
            answer = await asyncio.wait_for(reader.read(), PATIENCE_SECONDS)
            assert answer.startswith(b"HTTP/1.1 408 ")
            assert b"Request Timeout" in answer
            writer.close()


async def test_a_body_above_the_limit_of_all_bodies_is_503_until_others_end() -> None:
    body = b'{"name": "m", "description": "' + b"x" * 500 + b'"}'
    async with serving(max_body=1000, max_bodies=1000) as served, listening(served.api) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(POST + b"Content-Length: %d\r\n\r\n" % len(body) + body[:-10])
        await soon(lambda: served.api._bodies._free < 600)
        refused = await served.client.post("/registered_models", content=body)
        assert refused.status_code == 503
        assert "bodies" in refused.json()["message"]
        assert int(refused.headers["retry-after"]) > 0
        writer.write(body[-10:])
        assert (await asyncio.wait_for(reader.readline(), PATIENCE_SECONDS)).startswith(b"HTTP/1.1 201 ")
        assert (await served.client.post("/experiments", content=body)).status_code == 201
        writer.close()
    assert served.api._bodies._free == 1000


async def test_a_body_counts_until_its_request_is_answered() -> None:
    async with serving(max_body=1000, max_bodies=1000) as served:
        gate = served.store.hold("put")
        body = b'{"name": "m", "description": "' + b"x" * 600 + b'"}'
        first = asyncio.create_task(served.client.post("/registered_models", content=body))
        await gate.arrived.wait()
        assert (await served.client.post("/registered_models", content=body)).status_code == 503
        gate.open()
        assert (await first).status_code == 201
    assert served.api._bodies._free == 1000


async def test_a_request_above_the_limit_in_flight_is_503_at_once() -> None:
    async with serving(max_in_flight=2) as served:
        gate = served.store.hold("list_nodes")
        waiting = [asyncio.create_task(served.client.get(f"/registered_models?pageSize={size}")) for size in (1, 2)]
        await gate.arrived.wait()
        await turns()
        for method in ("GET", "POST"):
            refused = await served.client.request(method, "/registered_models", content=b"{}")
            assert refused.status_code == 503
            assert int(refused.headers["retry-after"]) > 0
        gate.open()
        assert [(await task).status_code for task in waiting] == [200, 200]
        assert (await served.client.get("/registered_models")).status_code == 200
