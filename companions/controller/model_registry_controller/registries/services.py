"""The Services of model registries in the cluster, as a watch shows them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from model_registry_controller.kubernetes.api import Json

LIST = "/api/v1/services"
SELECTOR: Mapping[str, str] = {"labelSelector": "component=model-registry"}
Key = tuple[str, str]
"""Namespace and name."""


@dataclass(frozen=True, slots=True)
class RegistryService:
    """A Service.

    Attributes:
        key: Its namespace and name.
        ports: Its ports by name.
        annotations: Its annotations.
        is_external: Whether it stands for a host outside the cluster.
    """

    key: Key
    ports: Mapping[str, int]
    annotations: Mapping[str, str]
    is_external: bool = False


def read(item: Mapping[str, Any]) -> RegistryService:
    """Reads a Service."""
    meta, spec = item["metadata"], item.get("spec") or {}
    return RegistryService(
        (meta["namespace"], meta["name"]),
        {str(each.get("name") or ""): int(each["port"]) for each in spec.get("ports") or []},
        meta.get("annotations") or {},
        spec.get("type") == "ExternalName" or bool(spec.get("externalName")),
    )


class KnownServices:
    """The Services that are known. It follows their list (`kubernetes.following.Follower`).

    Args:
        changed: Is called after each change that matters.
    """

    def __init__(self, changed: Callable[[], None] = lambda: None) -> None:
        self._services: dict[Key, RegistryService] = {}
        self._changed = changed

    def seen(self, item: Json) -> None:
        """A Service was listed, was created, or has changed."""
        service = read(item)
        if self._services.get(service.key) != service:
            self._services[service.key] = service
            self._changed()

    def vanished(self, item: Json) -> None:
        """A Service was deleted."""
        if self._services.pop(read(item).key, None):
            self._changed()

    def listed(self, keys: set[Key]) -> None:
        """All Services were listed."""
        if gone := set(self._services) - keys:
            for key in gone:
                del self._services[key]
            self._changed()

    def find(self, key: Key) -> RegistryService | None:
        """Returns a Service by namespace and name."""
        return self._services.get(key)

    def within(self, namespace: str) -> list[RegistryService]:
        """Returns the Services in a namespace, by name."""
        return [service for key, service in sorted(self._services.items()) if key[0] == namespace]
