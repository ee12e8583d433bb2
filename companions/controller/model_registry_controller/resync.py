"""Compares all deployments with their registries, with one list for all of a registry instead of one request for each."""

import logging
from collections import defaultdict
from collections.abc import Callable, Container, Iterable

from model_registry_client.entities import InferenceService
from model_registry_client.errors import ApiError, NotSupported

from model_registry_controller.kserve.objects import Key, KServeService
from model_registry_controller.kubernetes.api import KubernetesError
from model_registry_controller.measuring import Measures
from model_registry_controller.problems import Problem
from model_registry_controller.reconciling.reconciler import Reconciler
from model_registry_controller.registries.addressing import Address, Addressing
from model_registry_controller.registries.pool import OneRegistry, RegistryPool

log = logging.getLogger(__name__)
_PAGE = 1000
"""Entries of a page. An entry that a server leaves out is asked for by itself."""
_WORTH_A_LIST = 2


class Resync:
    """Compares all objects with their registries.

    Args:
        objects: The objects.
        addressing: Finds their registries.
        pool: The registries.
        reconciler: Works on them afterwards.
        add: Plans the work on an object.
        measures: Counts what was done.
        records_serves: Whether the newest serves are of use.
    """

    def __init__(
        self,
        objects: Iterable[KServeService],
        addressing: Addressing,
        pool: RegistryPool,
        reconciler: Reconciler,
        add: Callable[[Key], None],
        measures: Measures,
        *,
        records_serves: bool = True,
    ) -> None:
        self._objects, self._addressing, self._pool, self._reconciler = objects, addressing, pool, reconciler
        self._add, self._measures, self._records_serves = add, measures, records_serves

    async def run(self) -> None:
        """Reads the lists, and plans the work on all objects."""
        items = [item for item in self._objects if item.is_labelled and not item.is_deleting]
        found = await self._by_registry(items)
        await self._pool.keep(found)
        for address, all_there in found.items():
            those = [item for item in all_there if item.number]
            if len(those) < _WORTH_A_LIST:
                continue
            try:
                registry = self._pool.get(address)
                await self._list(registry, those)
                self._measures.resyncs.labels("done").inc()
            except Problem as problem:
                self._measures.resyncs.labels("failed").inc()
                log.warning("The registry cannot be listed: %s", problem, extra={"registry": address.url})
        for item in items:
            self._reconciler.doubt(item.key)
            self._add(item.key)

    async def _by_registry(self, items: Iterable[KServeService]) -> dict[Address, list[KServeService]]:
        found: dict[Address, list[KServeService]] = defaultdict(list)
        for item in items:
            try:
                found[await self._addressing.of(item)].append(item)
            except (Problem, KubernetesError):
                continue  # its own turn says why
        return found

    async def _list(self, registry: OneRegistry, items: list[KServeService]) -> None:
        numbers = {item.number for item in items}
        registry.newest.clear()
        async with registry.asking() as client:
            listed = {e.id: e async for e in client.list(InferenceService, page_size=_PAGE) if e.id in numbers}
            registry.keep_listed(listed)
            if self._records_serves and (asked := self._with_unknown_serves(items, listed)):
                try:
                    newest = await client.extensions.newest_serves(asked)
                except (
                    ApiError,
                    NotSupported,
                ):  # another server, or one that does not let others ask; then each asks by itself
                    return
                registry.newest.update({number: newest.get(number) for number in asked})

    def _with_unknown_serves(self, items: list[KServeService], listed: Container[str]) -> list[str]:
        memories = self._reconciler.memories
        return [
            item.number
            for item in items
            if item.seen
            and item.number in listed
            and not ((memory := memories.get(item.key)) and memory.are_serves_known)
        ]
