"""The InferenceServices that are known, as a watch shows them."""

from collections.abc import Callable, Iterator

from model_registry_controller.kserve.objects import Key, KServeService, read
from model_registry_controller.kubernetes.api import Json
from model_registry_controller.settings.reading import Names


class KnownObjects:
    """All InferenceServices, each in the short form. It follows their list (`kubernetes.following.Follower`).

    Args:
        names: Labels, annotations and namespaces.
        changed: Is called with the key of each object that was created or has changed.
        gone: Is called with the key of each object that does not exist any more.
    """

    def __init__(self, names: Names, changed: Callable[[Key], None], gone: Callable[[Key], None]) -> None:
        self._names, self._changed, self._gone = names, changed, gone
        self._objects: dict[Key, KServeService] = {}

    def seen(self, item: Json) -> None:
        """An object was listed, was created, or has changed."""
        read_item = read(item, self._names)
        self._objects[read_item.key] = read_item
        self._changed(read_item.key)

    def vanished(self, item: Json) -> None:
        """An object was deleted."""
        key = item["metadata"]["namespace"], item["metadata"]["name"]
        if self._objects.pop(key, None):
            self._gone(key)

    def listed(self, keys: set[Key]) -> None:
        """All objects were listed."""
        for key in set(self._objects) - keys:
            del self._objects[key]
            self._gone(key)

    def renew(self, item: Json, instead_of: str) -> KServeService:
        """Keeps a newer form of an object, as an answer of the API server showed it. Returns its short form.

        Args:
            item: The newer form.
            instead_of: The version that it replaces. If another one is known by now, the watch was faster, and may be ahead.
        """
        read_item = read(item, self._names)
        known = self._objects.get(read_item.key)
        if known and known.version == instead_of:
            self._objects[read_item.key] = read_item
        return read_item

    def get(self, key: Key) -> KServeService | None:
        """Returns an object."""
        return self._objects.get(key)

    def __len__(self) -> int:
        return len(self._objects)

    def __iter__(self) -> Iterator[KServeService]:
        return iter(list(self._objects.values()))
