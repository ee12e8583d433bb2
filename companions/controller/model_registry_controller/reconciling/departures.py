"""Deletions: the registry gets to know that an object is gone, and no object waits longer for that than the limit."""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from model_registry_client.entities import InferenceService
from model_registry_client.errors import NotFound
from model_registry_client.states import InferenceServiceState

from model_registry_controller.kserve.objects import KServeService
from model_registry_controller.kubernetes.api import KubernetesError
from model_registry_controller.kubernetes.events import Events
from model_registry_controller.measuring import Measures
from model_registry_controller.problems import Problem, RegistryDown
from model_registry_controller.queue import BackOff, WorkQueue
from model_registry_controller.reconciling import entries, serves
from model_registry_controller.reconciling.checks import check
from model_registry_controller.reconciling.memory import Memory
from model_registry_controller.reconciling.reconciler import about
from model_registry_controller.reconciling.writing import Writing
from model_registry_controller.registries.addressing import Address, Addressing
from model_registry_controller.registries.pool import RegistryPool
from model_registry_controller.settings.reading import Names

log = logging.getLogger(__name__)
WORKERS = 32
_RETRIES, _AFTERWARDS = BackOff(0.5, 4.0), BackOff(5.0, 60.0)
_GIVE_UP = 24 * 3600.0


@dataclass(slots=True)
class Departure:
    """An object that is being deleted, or is gone, while the registry does not know it yet.

    Attributes:
        item: Its last form.
        since: When the controller saw it, in seconds of the monotonic clock.
        address: The address of its registry, once it is known.
        is_free: Whether the finalizer is off.
        memory: What is remembered of the object, if anything is.
    """

    item: KServeService
    since: float
    memory: Memory | None = None
    address: Address | None = None
    is_free: bool = False


class Departures:
    """Works on deletions, many at the same time, since each may have to wait.

    Args:
        addressing: Finds the registries of objects.
        pool: The registries.
        writing: Takes off finalizers.
        events: Says on objects what went wrong.
        names: Labels and annotations.
        measures: Counts what was done.
        limit: Seconds that an object waits for the registry.
        records_serves: Whether the end of what ran is recorded.
        clock: Returns the seconds of a monotonic clock.
    """

    def __init__(
        self,
        addressing: Addressing,
        pool: RegistryPool,
        writing: Writing,
        events: Events,
        names: Names,
        measures: Measures,
        limit: float,
        *,
        records_serves: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._addressing, self._pool, self._writing, self._events = addressing, pool, writing, events
        self._names, self._measures, self._limit, self._clock = names, measures, limit, clock
        self._records_serves = records_serves
        self._departures: dict[str, Departure] = {}
        self.queue: WorkQueue[str] = WorkQueue()

    def __len__(self) -> int:
        return len(self._departures)

    def begin(self, item: KServeService, memory: Memory | None) -> None:
        """An object with the finalizer is being deleted. `memory`: what is remembered of it."""
        if memory and not item.number:
            item = replace(item, number=memory.number)
        if departure := self._departures.get(item.uid):
            departure.item = item
        else:
            self._departures[item.uid] = Departure(item, self._clock(), memory)
            self.queue.add(item.uid)

    def orphaned(self, item: KServeService, address: Address, number: str) -> None:
        """An object was deleted while its entry was made: the entry must not stay deployed."""
        gone = KServeService(item.key, item.uid, item.version, number=number, model_id=item.model_id)
        self._departures[item.uid] = Departure(gone, self._clock(), address=address, is_free=True)
        self.queue.add(item.uid)

    async def work(self) -> None:
        """Works on deletions until the task is cancelled."""
        while True:
            uid = await self.queue.take()
            departure = self._departures.get(uid)
            try:
                if not departure or await self._advance(uid, departure):
                    self._departures.pop(uid, None)
                    self.queue.done(uid)
            except Exception:
                log.exception("This should not happen", extra={"uid": uid})
                self.queue.failed(uid, _AFTERWARDS)

    async def _advance(self, uid: str, departure: Departure) -> bool:
        """Makes an attempt. Returns whether nothing is left to do; else the next attempt is planned."""
        if departure.is_free:
            return await self._finish_later(uid, departure)
        left = departure.since + self._limit - self._clock()
        is_left_to_do = False
        try:
            await self._say_to_registry(departure, left)
        except (Problem, KubernetesError, TimeoutError) as error:
            left = departure.since + self._limit - self._clock()
            lasts = isinstance(error, Problem) and error.lasts
            if not lasts and left > 0:
                self.queue.failed(uid, _RETRIES, most=left)
                return False
            is_left_to_do = not lasts
            self._say(departure, error)
        try:
            await self._writing.release(departure.item)
        except KubernetesError as error:
            log.warning("A finalizer stays for now: %s", error, extra={"object": "/".join(departure.item.key)})
            self.queue.failed(uid, _RETRIES)
            return False
        departure.is_free = True
        if is_left_to_do:
            registry = self._pool.known.get(departure.address) if departure.address else None
            is_back = registry is not None and not registry.down_for()  # since the attempt, perhaps
            self.queue.failed(uid, _AFTERWARDS, most=0.0 if is_back else None)
        return not is_left_to_do

    async def _finish_later(self, uid: str, departure: Departure) -> bool:
        """The object is gone; its entry still says that it is deployed."""
        try:
            await self._say_to_registry(departure, 30.0)
        except (Problem, KubernetesError, TimeoutError) as error:
            lasts = isinstance(error, Problem) and error.lasts
            if not lasts and self._clock() - departure.since < _GIVE_UP:
                self.queue.failed(uid, _AFTERWARDS)
                return False
            log.warning("A deployment stays DEPLOYED: %s", error, extra={"object": "/".join(departure.item.key)})
        else:
            log.info("Recorded the deletion afterwards", extra={"object": "/".join(departure.item.key)})
        return True

    async def _say_to_registry(self, departure: Departure, seconds: float) -> None:
        item = departure.item
        if not item.is_labelled:
            return
        check(item, self._names)
        async with asyncio.timeout(max(seconds, 0.0)):
            address = departure.address or await self._addressing.of(item)
            departure.address = address
            registry = self._pool.get(address)
            if seconds <= 0 and registry.down_for():
                raise RegistryDown(f"The model registry at {registry.url} does not answer.")
            async with registry.asking(waits=departure.is_free) as client:
                try:
                    if item.number:
                        entry = await client.get_inference_service(item.number)
                    elif not (found := await entries.find_by_name(client, item)):
                        return
                    else:
                        entry = found
                except NotFound as error:
                    raise Problem(
                        "UnknownInferenceService",
                        f"The model registry at {registry.url} has no inference service with the id {item.number}, so the"
                        " deletion is not recorded.",
                        lasts=True,
                    ) from error
                if entry.desired_state is not InferenceServiceState.UNDEPLOYED:
                    change = {"desired_state": InferenceServiceState.UNDEPLOYED}
                    await client.update(InferenceService, entry.id, change)
                    self._measures.undeployed.inc()
                if self._records_serves:
                    await serves.end(client, entry, item, departure.memory)

    def _say(self, departure: Departure, error: Exception) -> None:
        words = str(error) or "The registry did not answer in time."
        reason = error.reason if isinstance(error, Problem) else "RegistryUnavailable"
        self._measures.let_go.inc()
        log.warning("Deleted without the registry: %s", words, extra={"object": "/".join(departure.item.key)})
        self._events.note(about(departure.item), reason, f"Deleted, and the registry does not know it yet: {words}")
