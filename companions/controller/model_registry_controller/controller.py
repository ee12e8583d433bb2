"""The controller: follows the objects, plans the work, and runs it."""

import asyncio
import contextlib
import logging
from collections.abc import Coroutine
from typing import Any

import httpx
from model_registry_client.credentials import Token

from model_registry_controller.kserve import objects
from model_registry_controller.kserve.known import KnownObjects
from model_registry_controller.kserve.objects import Key
from model_registry_controller.kubernetes.api import KubernetesApi, KubernetesError, Missing
from model_registry_controller.kubernetes.events import Events
from model_registry_controller.kubernetes.following import Following
from model_registry_controller.measuring import Measures
from model_registry_controller.problems import Problem, RegistryDown
from model_registry_controller.queue import BackOff, WorkQueue
from model_registry_controller.reconciling.departures import WORKERS, Departures
from model_registry_controller.reconciling.reconciler import Reconciler
from model_registry_controller.reconciling.writing import Writing
from model_registry_controller.registries import services
from model_registry_controller.registries.addressing import Addressing, Trust
from model_registry_controller.registries.pool import RegistryPool
from model_registry_controller.registries.services import KnownServices, RegistryService
from model_registry_controller.resync import Resync
from model_registry_controller.settings.reading import Settings

log = logging.getLogger(__name__)
_SOON, _SLOW = BackOff(0.5, 60.0), BackOff(5.0, 300.0)
"""Pauses after failures that pass by themselves, and after those that only a change can help."""
_FIRST_LISTS = 20.0
"""Seconds that the first comparison with the registries may take, before the objects are worked on one by one."""


class Controller:
    """All parts of the controller.

    Args:
        api: The API server.
        settings: The settings.
        token: The token for registries.
        measures: Counts what is done.
        transport: An httpx transport to registries, for tests.
    """

    def __init__(
        self,
        api: KubernetesApi,
        settings: Settings,
        token: Token,
        measures: Measures,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        names, records = settings.names, settings.flag("record-serves")
        self._api, self._settings, self._measures = api, settings, measures
        self._queue: WorkQueue[Key] = WorkQueue()
        self._events = Events(api)
        self._objects = KnownObjects(names, self._changed, self._gone)
        self._services = KnownServices(self._services_changed)
        trust = Trust(
            settings.words("trusted-hosts"), settings.words("token-namespaces"), settings.text("cluster-domain")
        )
        addressing = Addressing(names, self._services, trust, self._ask_for_service)
        self._pool = RegistryPool(
            token,
            settings.text("registry-ca-path"),
            verifies=settings.verifies,
            is_back=self._hurry,
            transport=transport,
        )
        writing = Writing(api, self._objects, names)
        self._departures = Departures(
            addressing, self._pool, writing, self._events, names, measures,
            settings.seconds("deletion-timeout"), records_serves=records,
        )  # fmt: skip
        self._reconciler = Reconciler(
            self._objects, addressing, self._pool, writing, self._events, names, measures,
            orphaned=self._departures.orphaned, records_serves=records,
        )  # fmt: skip
        self._resync = Resync(
            self._objects, addressing, self._pool, self._reconciler, self._queue.add, measures, records_serves=records
        )
        self._following = (
            Following(api, services.LIST, self._services, services.SELECTOR, on_restart=measures.restarts.inc),
            Following(api, objects.LIST, self._objects, on_restart=measures.restarts.inc),
        )
        self._works = False
        measures.watch("objects", "InferenceServices in the cluster", lambda: len(self._objects))
        measures.watch("queue_length", "Objects that wait for a worker", lambda: len(self._queue))
        measures.watch(
            "deletions", "Deletions that are under way, or not in the registry yet", lambda: len(self._departures)
        )

    @property
    def is_idle(self) -> bool:
        """Whether nothing is left to do, now or after a pause."""
        return self._works and self._queue.is_idle and self._departures.queue.is_idle

    async def run(self) -> None:
        """Works until the task is cancelled."""
        try:
            async with asyncio.TaskGroup() as tasks:
                for work in (*(each.run() for each in self._following), self._events.run()):
                    tasks.create_task(work)
                for _ in range(WORKERS):
                    tasks.create_task(self._departures.work())
                tasks.create_task(self._work())
        finally:
            await self._pool.aclose()

    async def _work(self) -> None:
        for each in self._following:
            await each.is_listed.wait()
        self._works = True
        for item in self._objects:
            self._changed(item.key)
        log.info("Working", extra={"objects": len(self._objects)})
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_FIRST_LISTS):
                await self._resync.run()
        async with asyncio.TaskGroup() as tasks:
            for _ in range(self._settings.number("workers")):
                tasks.create_task(self._worker())
            tasks.create_task(self._resync_often())

    async def _resync_often(self) -> None:
        while True:
            await asyncio.sleep(self._settings.seconds("resync-period"))
            try:
                await self._resync.run()
            except Exception:
                log.exception("This should not happen: a resync failed")

    async def _worker(self) -> None:
        while True:
            key = await self._queue.take()
            outcome = await self._outcome(key, self._reconciler.reconcile(key))
            self._measures.reconciles.labels(outcome).inc()

    async def _outcome(self, key: Key, work: Coroutine[Any, Any, None]) -> str:
        """Does the work on an object, and plans the next attempt if it fails. Returns one word for the outcome."""
        name = "/".join(key)
        try:
            await work
        except RegistryDown as problem:
            pause = self._queue.failed(key, _SOON, most=max(problem.wait * 1.05, 0.1))
            log.debug("Again in %.1f s: %s", pause, problem, extra={"object": name})
            return "waiting"
        except Problem as problem:
            pause = self._queue.failed(key, _SLOW if problem.lasts else _SOON)
            log.warning("Again in %.1f s: %s", pause, problem, extra={"object": name, "reason": problem.reason})
        except KubernetesError as error:
            pause = self._queue.failed(key, _SOON)
            log.warning("Again in %.1f s: %s", pause, error, extra={"object": name})
        except Exception:
            pause = self._queue.failed(key, _SLOW)
            log.exception("This should not happen; again in %.1f s", pause, extra={"object": name})
        else:
            self._queue.done(key)
            return "done"
        return "failed"

    def _changed(self, key: Key) -> None:
        item = self._objects.get(key)
        if not self._works or not item:
            return
        if not item.is_deleting:
            if item.is_labelled:
                self._queue.add(key)
        elif item.has_finalizer:
            self._queue.forget(key)
            memory = self._reconciler.memories.get(key)
            self._departures.begin(item, memory if memory and memory.uid == item.uid else None)

    def _gone(self, key: Key) -> None:
        self._queue.forget(key)
        self._reconciler.forget(key)

    def _hurry(self) -> None:
        """A registry answers again."""
        self._queue.hurry()
        self._departures.queue.hurry()

    def _services_changed(self) -> None:
        if self._works:
            for item in self._objects:
                self._changed(item.key)

    async def _ask_for_service(self, key: services.Key) -> RegistryService | None:
        try:
            return services.read(await self._api.get(f"/api/v1/namespaces/{key[0]}/services/{key[1]}"))
        except Missing:
            return None
