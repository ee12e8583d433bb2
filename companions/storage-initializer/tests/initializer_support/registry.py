"""A registry for tests: the real API on a store in memory, on a port of the loopback interface."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from tests.support.listening import listening
from tests.support.serving import API, serving


class TestRegistry:
    """A running registry. `base` is what MODEL_REGISTRY_BASE_URL takes."""

    __test__ = False

    def __init__(self, port: int) -> None:
        self.base = f"127.0.0.1:{port}"
        self._http = httpx.Client(base_url=f"http://{self.base}{API}", timeout=30)
        self._number = 0

    def call(self, method: str, path: str, **body: Any) -> dict[str, Any]:
        """Sends a request that must succeed; returns the JSON."""
        answer = self._http.request(method, path, json=body or None)
        assert answer.is_success, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def model(self, name: str, versions: dict[str, list[dict[str, Any]]]) -> dict[str, str]:
        """Makes a model with versions and their artifacts; returns the ids of the versions by name, in that order."""
        made = self.call("POST", "/registered_models", name=name)
        ids = {}
        for version, artifacts in versions.items():
            ids[version] = self.call("POST", "/model_versions", name=version, registeredModelId=made["id"])["id"]
            for artifact in artifacts:
                self._number += 1
                body = {"artifactType": "model-artifact", "name": f"a{self._number}", **artifact}
                self.call("POST", f"/model_versions/{ids[version]}/artifacts", **body)
        return ids

    def register(self, uri: str, **artifact: Any) -> str:
        """Makes a model with one version and one artifact; returns its URI."""
        self._number += 1
        name = f"model-{self._number}"
        self.model(name, {"1": [{"uri": uri, **artifact}]})
        return f"model-registry://{name}"


@contextmanager
def running() -> Iterator[TestRegistry]:
    """Starts a registry in a thread of its own."""
    started, ends = threading.Event(), threading.Event()
    ports: list[int] = []

    async def serve() -> None:
        async with serving() as served, listening(served.client._transport.app) as port:  # type: ignore[attr-defined]
            ports.append(port)
            started.set()
            await asyncio.to_thread(ends.wait)

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    assert started.wait(60)
    try:
        yield TestRegistry(ports[0])
    finally:
        ends.set()
        thread.join(60)
        assert not thread.is_alive()
