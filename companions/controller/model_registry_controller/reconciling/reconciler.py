"""Brings the registry in step with one InferenceService, after each change of it and after each resync."""

import logging
from collections.abc import Callable

from model_registry_client import AsyncRegistry
from model_registry_client.entities import InferenceService

from model_registry_controller.kserve.known import KnownObjects
from model_registry_controller.kserve.objects import API_VERSION, Key, KServeService
from model_registry_controller.kubernetes.events import About, Events
from model_registry_controller.measuring import Measures
from model_registry_controller.problems import Problem
from model_registry_controller.reconciling import entries, serves
from model_registry_controller.reconciling.checks import check
from model_registry_controller.reconciling.memory import Memory
from model_registry_controller.reconciling.writing import Vanished, Writing
from model_registry_controller.registries.addressing import Address, Addressing
from model_registry_controller.registries.pool import OneRegistry, RegistryPool
from model_registry_controller.settings.reading import Names

log = logging.getLogger(__name__)


def about(item: KServeService) -> About:
    """Returns what an Event of an object names."""
    return About(API_VERSION, "InferenceService", item.key[0], item.key[1], item.uid, item.version)


class Reconciler:
    """Works on one object at a time.

    Args:
        known: The objects.
        addressing: Finds their registries.
        pool: The registries.
        writing: Writes on objects.
        events: Says on objects what went wrong.
        names: Labels and annotations.
        measures: Counts what was done.
        orphaned: Is called with an object that was deleted while its entry was made, and the id of the entry.
        records_serves: Whether serves are recorded.
    """

    def __init__(
        self,
        known: KnownObjects,
        addressing: Addressing,
        pool: RegistryPool,
        writing: Writing,
        events: Events,
        names: Names,
        measures: Measures,
        *,
        orphaned: Callable[[KServeService, Address, str], None],
        records_serves: bool = True,
    ) -> None:
        self._known, self._addressing, self._pool, self._writing = known, addressing, pool, writing
        self._events, self._names, self._measures = events, names, measures
        self._orphaned, self._records_serves = orphaned, records_serves
        self.memories: dict[Key, Memory] = {}

    def forget(self, key: Key) -> None:
        """Forgets an object that does not exist any more."""
        self.memories.pop(key, None)

    def doubt(self, key: Key) -> None:
        """Has an object compared with the registry again when it is worked on."""
        if memory := self.memories.get(key):
            memory.in_step = None

    async def reconcile(self, key: Key) -> None:
        """Brings the registry in step with an object.

        Raises:
            Problem: It cannot be recorded now. An Event says why.
            KubernetesError: The API server refuses, or does not answer.
        """
        item = self._known.get(key)
        if not item or item.is_deleting or not item.is_labelled:
            return
        try:
            await self._bring_in_step(item)
        except Problem as problem:
            self._say(item, problem)
            raise

    async def _bring_in_step(self, item: KServeService) -> None:
        check(item, self._names)
        address = await self._addressing.of(item)
        memory = self._memory(item)
        wanted = (
            address,
            item.number or memory.number,
            item.model_id,
            item.version_id,
            item.url,
            item.seen,
            item.has_finalizer,
        )
        if memory.in_step == wanted:
            return
        registry = self._pool.get(address)
        async with registry.asking() as client:
            number = item.number or memory.number
            if number:
                entry = await entries.find_by_id(registry, client, number)
            else:
                entry, is_new = await entries.find_or_make(registry, client, item)
                memory.are_serves_known = is_new  # a new entry has none
            if item.model_id and entry.registered_model_id != item.model_id:
                raise self._other_model(entry, item)
            memory.number = entry.id
            await self._mark(item, address, entry.id)
            entry = await entries.correct(client, entry, item)
            if self._records_serves:
                await self._record_serves(registry, client, entry, item, memory)
        memory.in_step = (address, entry.id, item.model_id, item.version_id, item.url, item.seen, True)

    async def _mark(self, item: KServeService, address: Address, number: str) -> None:
        try:
            await self._writing.mark(item, number)
        except Vanished:
            self._orphaned(item, address, number)

    async def _record_serves(
        self,
        registry: OneRegistry,
        client: AsyncRegistry,
        entry: InferenceService,
        item: KServeService,
        memory: Memory,
    ) -> None:
        try:
            self._measures.serves.inc(await serves.record(registry, client, entry, item, memory))
        except Problem as problem:  # the deployment itself is recorded; only a change can help
            self._say(item, problem)

    def _memory(self, item: KServeService) -> Memory:
        memory = self.memories.get(item.key)
        if not memory or memory.uid != item.uid or (item.number and memory.number not in {"", item.number}):
            memory = self.memories[item.key] = Memory(item.uid)
        return memory

    def _say(self, item: KServeService, problem: Problem) -> None:
        self._events.note(about(item), problem.reason, str(problem))

    def _other_model(self, entry: InferenceService, item: KServeService) -> Problem:
        """The entry is not of this object: the label is wrong, or the object has moved to another registry."""
        return Problem(
            "OtherModel",
            f"The inference service {entry.id} is of the registered model {entry.registered_model_id}, and the label"
            f" {self._names.model_label} has {item.model_id}, so nothing was changed. Correct the label. The model of an"
            f" entry never changes: for another model, remove the label {self._names.id_label} or create the object again.",
            lasts=True,
        )
