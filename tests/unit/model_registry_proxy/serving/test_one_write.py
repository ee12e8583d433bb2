"""What is written in pieces within one turn leaves as one piece."""

import asyncio
from typing import Any, cast

from model_registry_proxy.serving.one_write import Gathering


class Recorded:
    """A transport that notes what is done to it."""

    def __init__(self) -> None:
        self.done: list[Any] = []

    def write(self, data: bytes) -> None:
        if self.is_closing():
            raise RuntimeError  # as uvloop's transports do
        self.done.append(data)

    def close(self) -> None:
        self.done.append("closed")

    def is_closing(self) -> bool:
        return "closed" in self.done


def gathering() -> tuple[Gathering, Recorded]:
    recorded = Recorded()
    return Gathering(cast("asyncio.Transport", recorded), asyncio.get_running_loop()), recorded


async def test_pieces_of_one_turn_are_one_write() -> None:
    transport, recorded = gathering()
    transport.write(b"head ")
    transport.write(b"body")
    assert recorded.done == []
    await asyncio.sleep(0)
    assert recorded.done == [b"head body"]


async def test_later_pieces_keep_their_order() -> None:
    transport, recorded = gathering()
    for piece in (b"1", b"2"):
        transport.write(piece)
        await asyncio.sleep(0)
    assert recorded.done == [b"1", b"2"]


async def test_nothing_is_lost_when_the_connection_closes() -> None:
    transport, recorded = gathering()
    transport.write(b"last words")
    transport.close()
    await asyncio.sleep(0)
    assert recorded.done == [b"last words", "closed"]
    assert transport.is_closing()


async def test_an_answer_to_a_client_that_has_disconnected_is_dropped() -> None:
    transport, recorded = gathering()
    failures: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: failures.append(context))
    transport.write(b"an answer")
    recorded.close()  # the client has gone
    await asyncio.sleep(0)
    assert recorded.done == ["closed"]
    assert failures == []
