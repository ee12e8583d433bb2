"""The change feed on every store: writers at the same time, with transactions of many rows, and no change is lost."""

import threading
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.support.mlmd_client import over_grpc, pb
from tests.support.processes import Proxy

WRITERS, ROUNDS, ROWS = 4, 9, 20


@pytest.fixture(scope="module")
def client(any_proxy: Proxy) -> Iterator[httpx.Client]:
    """A client of the extensions."""
    with httpx.Client(base_url=f"{any_proxy.url}/api/model_registry/ext/v1", timeout=60) as client:
        yield client


def write(proxy: Proxy, word: str, writer: int) -> None:
    """Puts contexts in one transaction each time: many in every third one, else a single one."""
    store = over_grpc(proxy)
    type_id = store.get_context_type("kf.RegisteredModel").id
    for number in range(ROUNDS):
        names = [f"{word} {writer} {number} {row}" for row in range(ROWS if number % 3 == 0 else 1)]
        store.put_contexts([pb.Context(type_id=type_id, name=name) for name in names])


def test_every_change_of_racing_writers_comes(any_proxy: Proxy, client: httpx.Client) -> None:
    word = f"changes {uuid.uuid4()}"
    after = client.get("/changes").json()["next"]
    writers = [threading.Thread(target=write, args=(any_proxy, word, number)) for number in range(WRITERS)]
    for writer in writers:
        writer.start()
    events: list[dict[str, Any]] = []
    is_last = False
    while True:
        is_over = not any(writer.is_alive() for writer in writers)
        answer = client.get("/changes", params={"after": after}).json()
        events += answer["items"]
        after = answer["next"]
        if is_over and is_last and not answer["items"]:
            break
        is_last = is_over
    names = [event["entity"]["name"] for event in events if event["entity"].get("name", "").startswith(word)]
    assert len(set(names)) == WRITERS * (ROUNDS // 3 * ROWS + ROUNDS - ROUNDS // 3)
    assert len(names) == len(set(names)), "each came once"
