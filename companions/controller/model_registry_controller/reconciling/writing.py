"""What the controller writes on an object: its finalizer and the id of the entry, in one change, and later takes off the finalizer.

KServe copies labels to its pods, so each change may start a new revision. Therefore nothing else is ever written.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from model_registry_controller.kserve.known import KnownObjects
from model_registry_controller.kserve.objects import KServeService, path_of
from model_registry_controller.kubernetes.api import Changed, KubernetesApi, Missing
from model_registry_controller.settings.reading import Names

_ATTEMPTS = 5
Change = dict[str, Any]
"""Fields of the metadata."""


class Vanished(Exception):
    """The object does not exist any more, or is being deleted."""


class Writing:
    """Writes on objects.

    Args:
        api: The API server.
        known: The objects that are known; they get the newer forms.
        names: The names of the label and the finalizer.
    """

    def __init__(self, api: KubernetesApi, known: KnownObjects, names: Names) -> None:
        self._api, self._known, self._names = api, known, names

    async def mark(self, item: KServeService, number: str) -> None:
        """Writes the finalizer and the id label, if one of them is missing.

        Raises:
            Vanished: The object is gone.
            KubernetesError: The API server refuses, or does not answer.
        """

        def change(now: KServeService) -> Change:
            if now.is_deleting:
                raise Vanished
            wanted: Change = {}
            if not now.has_finalizer:
                wanted["finalizers"] = [*now.finalizers, self._names.finalizer]
            if now.number != number:
                wanted["labels"] = {self._names.id_label: number}
            return wanted

        await self._write(item, change)

    async def release(self, item: KServeService) -> None:
        """Takes off the finalizer, so that the API server deletes the object. Raises `KubernetesError`."""

        def change(now: KServeService) -> Change:
            kept = [one for one in now.finalizers if one != self._names.finalizer]
            return {"finalizers": kept} if now.has_finalizer else {}

        with suppress(Vanished):
            await self._write(item, change)

    async def _write(self, item: KServeService, change: Callable[[KServeService], Change]) -> None:
        """Makes a change for the version of the object that it was made from; again if that was not the newest one."""
        for attempt in range(1, _ATTEMPTS + 1):
            if not (wanted := change(item)):
                return
            try:
                await self._change(item, wanted)
            except Changed:
                if attempt == _ATTEMPTS:
                    raise
                item = await self._read_again(item)
            else:
                return

    async def _change(self, item: KServeService, change: Change) -> None:
        try:
            made = await self._api.merge(
                path_of(item.key), {"metadata": {"resourceVersion": item.version, "uid": item.uid, **change}}
            )
        except Missing as error:
            raise Vanished from error
        self._known.renew(made, item.version)

    async def _read_again(self, item: KServeService) -> KServeService:
        try:
            found = self._known.renew(await self._api.get(path_of(item.key)), item.version)
        except Missing as error:
            raise Vanished from error
        if found.uid != item.uid:
            raise Vanished
        return found
