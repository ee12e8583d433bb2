"""Finds the registry of an InferenceService, and decides whether it may get the controller's token."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from model_registry_controller.kserve.objects import KServeService
from model_registry_controller.problems import Problem
from model_registry_controller.registries.services import Key, KnownServices, RegistryService
from model_registry_controller.settings.reading import Names

_PORTS = {"http": 80, "https": 443}
_PORT_NAMES = (("http-api", "http"), ("https-api", "https"))
"""Names of a Service's port and the scheme that is spoken there, the first one that the Service has counts."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a registry is.

    Attributes:
        url: Its address with scheme and port.
        gets_token: Whether the controller's token is sent there.
    """

    url: str
    gets_token: bool


@dataclass(frozen=True)
class Trust:
    """Which registries get the token. Any object may name any address, so an address by itself is no reason.

    Attributes:
        hosts: Hosts outside the cluster, as `host` or `host:port`.
        namespaces: The namespaces of Services that count; empty for all.
        domain: The domain of the cluster, such as `cluster.local`.
    """

    hosts: frozenset[str] = frozenset()
    namespaces: frozenset[str] = frozenset()
    domain: str = "cluster.local"

    def covers_host(self, host: str, port: int) -> bool:
        """Whether a host outside the cluster gets the token."""
        shown = f"[{host}]" if ":" in host else host
        return bool({shown.lower(), f"{shown}:{port}".lower()} & self.hosts)

    def covers(self, service: RegistryService | None) -> bool:
        """Whether a Service gets the token."""
        return bool(service and not service.is_external and (not self.namespaces or service.key[0] in self.namespaces))


class Addressing:
    """Finds addresses.

    Args:
        names: Labels, annotations and namespaces.
        services: The Services of registries.
        trust: Which registries get the token.
        ask: Reads a Service without the label of registries; `None` if there is none.
    """

    def __init__(
        self,
        names: Names,
        services: KnownServices,
        trust: Trust,
        ask: Callable[[Key], Awaitable[RegistryService | None]],
    ) -> None:
        self._names, self._services, self._trust, self._ask = names, services, trust, ask

    async def of(self, item: KServeService) -> Address:
        """Returns the address of the registry of an object.

        Raises:
            Problem: The object names no registry that can be used.
            KubernetesError: The API server does not answer.
        """
        if item.registry_url:
            return await self._of_url(item.registry_url)
        service = await self._service(item)
        if outer := service.annotations.get(self._names.service_annotation):
            return await self._of_url(f"https://{outer}", f"The annotation of Service {_named(service.key)}")
        for name, scheme in _PORT_NAMES:
            if port := service.ports.get(name):
                host = f"{service.key[1]}.{service.key[0]}.svc.{self._trust.domain}"
                return Address(f"{scheme}://{host}:{port}", self._trust.covers(service))
        raise Problem(
            "NoPort",
            f"unable to find the http port in the Model Registry service {_named(service.key)}: it needs a port with the"
            " name http-api or https-api.",
        )

    async def _service(self, item: KServeService) -> RegistryService:
        namespace = item.registry_namespace or self._names.registries_namespace
        if name := item.registry_name:
            service = self._services.find((namespace, name)) or await self._ask((namespace, name))
            if not service:
                raise Problem("NoRegistry", f"There is no Service {name} in the namespace {namespace}.")
            return service
        found = self._services.within(namespace)
        if not found:
            raise Problem(
                "NoRegistry",
                f"There is no Service with the label component=model-registry in the namespace {namespace}. Name the"
                f" namespace of the registry by the label {self._names.namespace_label}, or its address by the annotation"
                f" {self._names.url_annotation}.",
            )
        if len(found) > 1:
            raise Problem(
                "SeveralRegistries",
                f"The namespace {namespace} has several model registries ({', '.join(one.key[1] for one in found)}): name"
                f" one by the label {self._names.name_label}.",
            )
        return found[0]

    async def _of_url(self, text: str, what: str = "") -> Address:
        what = what or f"The annotation {self._names.url_annotation}"
        problem = Problem(
            "InvalidAddress",
            f"{what} must be an address such as https://registry.example.com; it has {text[:200]!r}.",
            lasts=True,
        )
        try:
            parts = urlsplit(text)
            port = parts.port or _PORTS[parts.scheme]
        except (ValueError, KeyError):
            raise problem from None
        host = parts.hostname or ""
        is_plain = not (parts.username or parts.password or parts.query or parts.fragment)
        if not host or not is_plain or any(character.isspace() or character == "\\" for character in text):
            raise problem
        shown = f"[{host}]" if ":" in host else host
        gets_token = self._trust.covers_host(host, port) or self._trust.covers(self._of_host(host))
        return Address(f"{parts.scheme}://{shown}:{port}{parts.path.rstrip('/')}", gets_token)

    def _of_host(self, host: str) -> RegistryService | None:
        """The Service of a registry whose name in the cluster is this host."""
        for suffix in (f".svc.{self._trust.domain}", ".svc"):
            if host.endswith(suffix):
                name, _, namespace = host.removesuffix(suffix).partition(".")
                return self._services.find((namespace, name))
        return None


def _named(key: Key) -> str:
    return f"{key[0]}/{key[1]}"
