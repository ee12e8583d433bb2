"""Messages above gRPC's own 4 MiB, up to a stated limit on both sides; above it a 413 that names it, and lists that go on."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support import processes
from tests.support.processes import Proxy

MEBIBYTE = 2**20
GOOGLES_LIMIT = 4 * MEBIBYTE


def model(name: str, size: int) -> dict[str, Any]:
    """A body whose description has `size` bytes."""
    return {"name": name, "description": "x" * size}


def client_of(proxy: Proxy) -> httpx.Client:
    return httpx.Client(base_url=proxy.api, timeout=60)


def all_rows(client: httpx.Client) -> Iterator[dict[str, Any]]:
    """Every model, page by page."""
    token = ""
    while True:
        page = client.get("/registered_models", params={"nextPageToken": token}).raise_for_status().json()
        yield from page["items"]
        token = page["nextPageToken"]
        if not token:
            return


def test_large_entities_are_written_read_changed_and_listed(tmp_path: Path) -> None:
    with processes.proxy(tmp_path) as proxy, client_of(proxy) as client:
        made = client.post("/registered_models", json=model("a", 5 * MEBIBYTE))
        assert made.status_code == 201
        assert client.get("/registered_models/1").json() == made.json()
        changed = client.patch("/registered_models/1", json={"description": "y" * 6 * MEBIBYTE})
        assert len(changed.json()["description"]) == 6 * MEBIBYTE
        assert client.post("/registered_models", json=model("b", 5 * MEBIBYTE)).status_code == 201
        assert "".join(row["name"] for row in all_rows(client)) == "ab"


@pytest.mark.slow
def test_above_the_limit_a_write_is_413_and_lists_come_in_smaller_pages(tmp_path: Path) -> None:
    with processes.proxy(tmp_path, "--max-message-bytes", str(MEBIBYTE)) as proxy, client_of(proxy) as client:
        for number in range(8):
            assert client.post("/registered_models", json=model(f"m{number:02}", MEBIBYTE // 3)).status_code == 201
        refused = client.post("/registered_models", json=model("large", 2 * MEBIBYTE))
        assert refused.status_code == 413
        assert str(MEBIBYTE) in refused.json()["message"]
        assert "--max-message-bytes" in refused.json()["message"]
        assert client.patch("/registered_models/1", json={"description": "x" * 2 * MEBIBYTE}).status_code == 413
        assert [row["name"] for row in all_rows(client)] == [f"m{number:02}" for number in range(8)]
        assert client.get("/registered_models", params={"filterQuery": "name = 'm07'"}).json()["size"] == 1


def test_an_entity_that_could_be_written_but_not_read_is_refused(tmp_path: Path) -> None:
    with processes.proxy(tmp_path, "--max-message-bytes", str(MEBIBYTE)) as proxy, client_of(proxy) as client:
        made = client.post("/registered_models", json=model("grows", MEBIBYTE // 2)).json()
        path, part = f"/registered_models/{made['id']}", "x" * (MEBIBYTE // 3)
        assert client.patch(path, json={"owner": part}).status_code == 200
        refused = client.patch(path, json={"provider": part})
        assert refused.status_code == 413
        assert re.search(rf"too large \(\d+ bytes, where {MEBIBYTE} are taken\)", refused.json()["message"])
        assert "--max-message-bytes" in refused.json()["message"]
        assert f"{MEBIBYTE} are taken" in proxy.log.read_text()
        assert client.patch(path, json={"description": part, "provider": "small"}).status_code == 200
        for size in range(MEBIBYTE - 200, MEBIBYTE, 40):
            assert client.post("/registered_models", json=model(f"m{size}", size)).status_code == 413
        assert [row["name"] for row in all_rows(client)] == ["grows"]


@pytest.mark.store("google-sqlite")
@pytest.mark.parametrize("is_set", [False, True])
def test_googles_server_accepts_messages_up_to_its_setting(tmp_path: Path, is_set: bool) -> None:
    flags = [f"--grpc_channel_arguments=grpc.max_receive_message_length={16 * MEBIBYTE}"] if is_set else []
    connection = processes.sqlite_connection(tmp_path / "registry.db")
    with (
        processes.mlmd_server(tmp_path, connection, flags=flags) as (_, port),
        processes.proxy(tmp_path, mlmd_port=port) as proxy,
        client_of(proxy) as client,
    ):
        answer = client.post("/registered_models", json=model("large", 5 * MEBIBYTE))
        if is_set:
            assert answer.status_code == 201
            assert client.get("/registered_models/1").json() == answer.json()
        else:
            assert answer.status_code == 413
            assert str(GOOGLES_LIMIT) in answer.json()["message"]
            assert "--grpc_channel_arguments" in answer.json()["message"]
            assert client.get("/registered_models").json()["size"] == 0
