"""SIGTERM under load: every accepted request is answered, on kept and on new connections, and all writes are kept."""

import asyncio
import json
import random
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.support import processes
from tests.support.listening import soon
from tests.support.patience import PATIENCE_SECONDS
from tests.support.processes import API
from tests.support.tiers import slow

CLIENTS = 24


@dataclass
class Load:
    """Clients that write and read until the server is gone, and what became of their requests."""

    port: int
    answers: list[int] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    acknowledged: set[str] = field(default_factory=set)

    async def client(self, number: int, *, keeps: bool) -> None:
        """One client, on one connection as long as the server lets it, or on a new one for each request."""
        for attempt in range(100_000):
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            except OSError:
                return
            with suppress(OSError):
                while await self.request(reader, writer, f"{number}-{attempt}", keeps=keeps):
                    await asyncio.sleep(random.uniform(0, 0.02))  # noqa: S311 (no secret)
                    attempt += 1  # noqa: PLW2901 (names only have to differ)
            writer.close()

    async def request(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, name: str, *, keeps: bool
    ) -> bool:
        """Sends one request and notes its outcome; returns whether the connection takes another."""
        name = f"{name}-{random.random()}"  # noqa: S311
        body = json.dumps({"name": name}).encode() if random.random() < 0.5 else b""  # noqa: S311
        method = b"POST" if body else b"GET"
        close = b"" if keeps else b"Connection: close\r\n"
        path = f"{API}/registered_models".encode()
        head = b"%s %s HTTP/1.1\r\nHost: localhost\r\n%sContent-Length: %d\r\n\r\n" % (method, path, close, len(body))
        try:
            writer.write(head + body)
            answer = await reader.readuntil(b"\r\n\r\n")
            length = int(answer.lower().partition(b"content-length: ")[2].partition(b"\r")[0])
            await reader.readexactly(length)
        except (OSError, asyncio.IncompleteReadError) as error:
            self.failures.append(f"{method.decode()} {keeps=}: {error!r}")
            return False
        status = int(answer.split()[1])
        self.answers.append(status)
        if status == httpx.codes.CREATED:
            self.acknowledged.add(name)
        return b"connection: close" not in answer.lower()


@pytest.mark.parametrize("workers", ["1", *slow("2")])
def test_no_accepted_request_fails_when_the_server_ends(tmp_path: Path, workers: str) -> None:
    with processes.proxy(tmp_path, "--workers", workers) as proxy:
        load = Load(urlsplit(proxy.url).port or 0)

        async def run() -> int:
            clients = [load.client(number, keeps=number % 2 == 0) for number in range(CLIENTS)]
            together = asyncio.gather(*clients)
            await soon(lambda: len(load.acknowledged) > CLIENTS or load.failures)
            proxy.child.terminate()
            status = await asyncio.to_thread(proxy.child.wait, PATIENCE_SECONDS)
            await asyncio.wait_for(together, PATIENCE_SECONDS)
            return status

        assert asyncio.run(run()) == 0
    assert load.failures == []
    assert set(load.answers) <= {200, 201}
    assert len(load.acknowledged) > CLIENTS
    with processes.proxy(tmp_path) as proxy, httpx.Client(base_url=proxy.api, timeout=30) as client:
        names, token = set(), ""
        while True:
            page = client.get("/registered_models", params={"nextPageToken": token}).json()
            names |= {item["name"] for item in page["items"]}
            token = page["nextPageToken"]
            if not token:
                break
    assert load.acknowledged <= names
