"""Events of objects: what `kubectl describe` shows. They are a courtesy, so no failure of one stops anything."""

import asyncio
import hashlib
import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from model_registry_controller.kubernetes.api import Changed, Json, KubernetesApi, KubernetesError, Refused

log = logging.getLogger(__name__)
COMPONENT = "model-registry-controller"
AGAIN_AFTER = 300.0
"""Seconds after which an Event that lasts is shown again, with its count."""
_MOST_KEPT, _MOST_WAITING = 4096, 2000
_MOST_WORDS = 1000
_FORBIDDEN = 403


@dataclass(frozen=True, slots=True)
class About:
    """The object of an Event."""

    api_version: str
    kind: str
    namespace: str
    name: str
    uid: str
    version: str = ""


class Events:
    """Writes Events in the background. The same one is written again after five minutes only.

    Args:
        api: The API server.
        clock: Returns the seconds of a monotonic clock.
    """

    def __init__(self, api: KubernetesApi, clock: Callable[[], float] = time.monotonic) -> None:
        self._api, self._clock = api, clock
        self._last: OrderedDict[tuple[str, str, str], tuple[float, int, str]] = OrderedDict()
        self._waiting: asyncio.Queue[tuple[str, Json, int]] = asyncio.Queue(_MOST_WAITING)
        self._is_forbidden = False

    def note(self, about: About, reason: str, message: str, *, is_warning: bool = True) -> None:
        """Says what happened to an object.

        Args:
            about: The object.
            reason: One word for it.
            message: What happened, and what would help.
            is_warning: Whether it is a warning.
        """
        key, now = (about.uid, reason, message), self._clock()
        before, count, first = self._last.pop(key, (now - AGAIN_AFTER, 0, _moment()))
        if now - before < AGAIN_AFTER:
            self._last[key] = (before, count, first)
            return
        self._last[key] = (now, count + 1, first)
        while len(self._last) > _MOST_KEPT:
            self._last.popitem(last=False)
        path, body = _event(about, reason, message[:_MOST_WORDS], "Warning" if is_warning else "Normal")
        body |= {"count": count + 1, "firstTimestamp": first, "lastTimestamp": _moment()}
        if not self._waiting.full():
            self._waiting.put_nowait((path, body, count + 1))

    async def run(self) -> None:
        """Writes the Events until the task is cancelled."""
        while True:
            path, body, count = await self._waiting.get()
            try:
                await self._write(path, body, count)
            except Refused as error:
                if error.status == _FORBIDDEN and not self._is_forbidden:
                    self._is_forbidden = True
                    log.warning("Events cannot be written; the log has the same reasons: %s", error)
            except KubernetesError as error:
                log.debug("An Event was not written: %s", error)

    async def _write(self, path: str, body: Json, count: int) -> None:
        if count > 1:
            change = {"count": count, "lastTimestamp": body["lastTimestamp"]}
            try:
                await self._api.merge(f"{path}/{body['metadata']['name']}", change)
            except Refused as error:
                if error.status == _FORBIDDEN:
                    raise
            else:
                return
        try:
            await self._api.create(path, body)
        except Changed:  # written before the controller was started again
            await self._api.merge(f"{path}/{body['metadata']['name']}", {"lastTimestamp": body["lastTimestamp"]})


def _moment() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _event(about: About, reason: str, message: str, kind: str) -> tuple[str, Json]:
    digest = hashlib.sha256(f"{about.uid} {reason} {message}".encode()).hexdigest()[:16]
    involved = {
        "apiVersion": about.api_version,
        "kind": about.kind,
        "namespace": about.namespace,
        "name": about.name,
        "uid": about.uid,
    }
    return f"/api/v1/namespaces/{about.namespace}/events", {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": f"{about.name[:200]}.{digest}", "namespace": about.namespace},
        "involvedObject": involved,
        "reason": reason,
        "message": message,
        "type": kind,
        "source": {"component": COMPONENT},
        "reportingComponent": COMPONENT,
        "reportingInstance": COMPONENT,
    }
