"""Leader election by a Lease, as in Kubernetes' own controllers: one replica works, and another takes over when it stops."""

import asyncio
import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from model_registry_controller.kubernetes.api import Changed, Json, KubernetesApi, KubernetesError, Missing, Refused

log = logging.getLogger(__name__)
NAME = "a7d60e25.kubeflow.org"
"""The name that Kubeflow's controller uses. So the two never work at the same time."""
_API_VERSION = "coordination.k8s.io/v1"


@dataclass(frozen=True)
class Times:
    """The times of an election, in seconds.

    Attributes:
        lasts: How long a lease lasts after its last renewal.
        renews_for: How long the leader tries to renew it before it stops.
        retries: Seconds between attempts.
    """

    lasts: float = 15.0
    renews_for: float = 10.0
    retries: float = 2.0


class LeaseLost(Exception):
    """The leader could not renew the lease in time, or another replica has it."""


class Lease:
    """One replica's part in the election.

    Args:
        api: The API server.
        namespace: The namespace of the Lease.
        identity: What this replica is called.
        times: The times of the election.
        clock: Returns the seconds of a monotonic clock.
    """

    def __init__(
        self,
        api: KubernetesApi,
        namespace: str,
        identity: str,
        times: Times | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._api, self._identity, self._clock = api, identity, clock
        self._times = times or Times()
        self._list = f"/apis/{_API_VERSION}/namespaces/{namespace}/leases"
        self._path, self._namespace = f"{self._list}/{NAME}", namespace
        self._observed: tuple[Any, float] = (None, 0.0)
        self._held: Json | None = None

    async def acquire(self) -> None:
        """Waits until this replica has the lease."""
        log.info("Waiting for the lease %s/%s", self._namespace, NAME)
        while not await self._try():  # noqa: ASYNC110 (the Lease is in the cluster)
            await asyncio.sleep(self._times.retries * random.uniform(1.0, 1.2))  # noqa: S311
        log.info("This replica leads", extra={"identity": self._identity})

    async def keep(self) -> None:
        """Renews the lease until it is lost. Raises `LeaseLost`."""
        renewed = self._clock()
        while True:
            await asyncio.sleep(self._times.retries)
            try:
                async with asyncio.timeout(max(renewed + self._times.renews_for - self._clock(), 0.1)):
                    has_it = await self._try()
            except TimeoutError:
                has_it = False
            if has_it:
                renewed = self._clock()
            elif self._held is None:
                raise LeaseLost("Another replica has the lease.")
            elif self._clock() - renewed >= self._times.renews_for:
                raise LeaseLost(f"The lease was not renewed for {self._times.renews_for:.0f} s.")

    async def give_back(self) -> None:
        """Lets another replica take over at once."""
        held, self._held = self._held, None
        if not held:
            return
        spec = {**held["spec"], "holderIdentity": "", "leaseDurationSeconds": 1, "renewTime": _moment()}
        try:
            await self._api.replace(self._path, {**held, "spec": spec})
        except KubernetesError as error:
            log.warning("The lease was not given back: %s", error)

    async def _try(self) -> bool:
        """Takes or renews the lease. Returns whether this replica has it now."""
        try:
            return await self._take()
        except Changed:
            return False  # another replica was faster
        except KubernetesError as error:
            hint = (
                " The Role of the controller needs leases."
                if isinstance(error, Refused) and error.status in {401, 403}
                else ""
            )
            log.warning("The lease cannot be used: %s%s", error, hint)
            return False

    async def _take(self) -> bool:
        try:
            found = await self._api.get(self._path)
        except Missing:
            meta = {"name": NAME, "namespace": self._namespace}
            body = {"apiVersion": _API_VERSION, "kind": "Lease", "metadata": meta, "spec": self._spec(0, _moment())}
            self._held = await self._api.create(self._list, body)
            return True
        spec = found.get("spec") or {}
        holder = spec.get("holderIdentity") or ""
        is_mine = holder == self._identity
        if not is_mine and holder and not self._has_expired(spec):
            self._held = None
            return False
        changes = int(spec.get("leaseTransitions") or 0) + (0 if is_mine else 1)
        acquired = spec.get("acquireTime") if is_mine else _moment()
        self._held = await self._api.replace(self._path, {**found, "spec": self._spec(changes, acquired)})
        return True

    def _has_expired(self, spec: Json) -> bool:
        """Whether the holder has not renewed for the whole time, by the clock of this replica: clocks may differ."""
        record = (spec.get("holderIdentity"), spec.get("renewTime"), spec.get("leaseTransitions"))
        if record != self._observed[0]:
            self._observed = (record, self._clock())
            return False
        return self._clock() - self._observed[1] >= float(spec.get("leaseDurationSeconds") or self._times.lasts)

    def _spec(self, changes: int, acquired: str | None) -> Json:
        return {
            "holderIdentity": self._identity,
            "leaseDurationSeconds": max(round(self._times.lasts), 1),
            "acquireTime": acquired or _moment(),
            "renewTime": _moment(),
            "leaseTransitions": changes,
        }


def _moment() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
