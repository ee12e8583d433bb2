"""Follows all objects of one kind: list, watch, and list again when the server has forgotten the place."""

import asyncio
import logging
import random
from collections.abc import Callable, Mapping
from typing import Protocol

from model_registry_controller.kubernetes.api import Json, KubernetesApi, KubernetesError, Refused, TooOld

log = logging.getLogger(__name__)
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 15.0
_WATCH_SECONDS = (240, 480)
_HINTS = {
    401: "The token of the controller is not valid.",
    403: "The Role of the controller lacks a right: see the manifests.",
    404: "The API server has no such kind: is KServe installed?",
}


class Follower(Protocol):
    """What gets the objects."""

    def seen(self, item: Json) -> None:
        """An object was listed, was created, or has changed."""

    def vanished(self, item: Json) -> None:
        """An object was deleted. `item` is its last form."""

    def listed(self, keys: set[tuple[str, str]]) -> None:
        """All objects were listed: those with other namespaces and names do not exist any more."""


class Following:
    """One list that is followed.

    Attributes:
        is_listed: Set after the first list.

    Args:
        api: The API server.
        path: The path of the list.
        follower: What gets the objects.
        params: Query parameters of the list and the watch, such as a `labelSelector`.
        on_restart: Is called whenever a watch begins again after a failure.
        sleep: Waits some seconds; for tests.
    """

    def __init__(
        self,
        api: KubernetesApi,
        path: str,
        follower: Follower,
        params: Mapping[str, str] | None = None,
        *,
        on_restart: Callable[[], None] = lambda: None,
        sleep: Callable[[float], "asyncio.Future[None] | object"] = asyncio.sleep,
    ) -> None:
        self._api, self._path, self._follower, self._params = api, path, follower, dict(params or {})
        self._on_restart, self._sleep = on_restart, sleep
        self._version = ""
        self._failures = 0
        self.is_listed = asyncio.Event()

    async def run(self) -> None:
        """Follows the list until the task is cancelled."""
        while True:
            try:
                if not self._version:
                    await self._list()
                await self._watch()
                self._failures = 0
            except TooOld:
                log.info(
                    "The list %s is read again: the API server has forgotten version %s", self._path, self._version
                )
                self._version = ""
                await self._pause()
            except KubernetesError as error:
                await self._failed(error)

    async def _list(self) -> None:
        keys: set[tuple[str, str]] = set()
        version = ""
        async for page in self._api.pages(self._path, **self._params):
            for item in page.get("items") or []:
                keys.add((item["metadata"].get("namespace", ""), item["metadata"]["name"]))
                self._follower.seen(item)
            version = page["metadata"]["resourceVersion"]
        self._follower.listed(keys)
        self._version = version
        self.is_listed.set()

    async def _watch(self) -> None:
        seconds = random.randint(*_WATCH_SECONDS)  # noqa: S311 (spreads load)
        async for kind, item in self._api.watch(self._path, self._version, seconds, **self._params):
            self._failures = 0
            self._version = item["metadata"]["resourceVersion"]
            if kind == "DELETED":
                self._follower.vanished(item)
            elif kind != "BOOKMARK":
                self._follower.seen(item)

    async def _failed(self, error: KubernetesError) -> None:
        hint = f" {_HINTS[error.status]}" if isinstance(error, Refused) and error.status in _HINTS else ""
        log.warning("%s%s", error, hint)
        self._on_restart()
        await self._pause()

    async def _pause(self) -> None:
        seconds = min(_FIRST_PAUSE * 2 ** min(self._failures, 10), _LONGEST_PAUSE)
        self._failures += 1
        await self._sleep(seconds * random.uniform(0.5, 1.0))  # type: ignore[misc]  # noqa: S311
