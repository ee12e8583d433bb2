"""What the controller counts, for Prometheus."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, GCCollector, PlatformCollector, ProcessCollector

_PREFIX = "model_registry_controller"


class Measures:
    """The counters and gauges of one controller.

    Attributes:
        registry: The registry of Prometheus that holds them.
        reconciles: Objects worked on, by outcome.
        serves: Serves recorded.
        undeployed: Deployments set to UNDEPLOYED.
        let_go: Deletions that did not wait for the registry any longer.
        resyncs: Comparisons of all deployments, by outcome.
        restarts: Watches that broke off.
        leader: 1 while this replica works.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self.registry)
        self.reconciles = self._counter("reconciles", "Objects worked on", "outcome")
        self.serves = self._counter("serves", "Serves recorded")
        self.undeployed = self._counter("undeployed", "Deployments set to UNDEPLOYED")
        self.let_go = self._counter("deletions_let_go", "Deletions that did not wait for the registry any longer")
        self.resyncs = self._counter("resyncs", "Comparisons of all deployments with a registry", "outcome")
        self.restarts = self._counter("watch_restarts", "Watches that broke off")
        self.leader = Gauge(f"{_PREFIX}_leader", "1 while this replica works", registry=self.registry)

    def watch(self, name: str, help_: str, value: Callable[[], float]) -> None:
        """Adds a gauge whose value is asked for."""
        Gauge(f"{_PREFIX}_{name}", help_, registry=self.registry).set_function(value)

    def _counter(self, name: str, help_: str, *labels: str) -> Counter:
        return Counter(f"{_PREFIX}_{name}", help_, labels, registry=self.registry)
