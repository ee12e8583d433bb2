# Generated from _async/sending.py by `make client`.
"""Sends the logged values of a run to the registry."""

from collections import deque
from collections.abc import Callable
from functools import partial

from model_registry_client._sync.named_methods import NamedMethods
from model_registry_client._sync.waiting import Lock, all_at_once, sleep
from model_registry_client.bodies import below
from model_registry_client.errors import ApiError, Conflict, InvalidValue, RegistryError, ServerError
from model_registry_client.measurements import Buffer, Value

CONCURRENTLY = 8
"""The number of metrics that are sent at the same time."""
_SAME_MILLISECOND = 0.002
_CONFLICTS = 5


class Sender:
    """Sends the values of a buffer: those of one metric in order, several metrics at the same time.

    Args:
        registry: The registry.
        buffer: The values. A value is removed when it was sent or refused.
        run_id: Returns the id of the run.
    """

    def __init__(self, registry: NamedMethods, buffer: Buffer, run_id: Callable[[], str]) -> None:
        self._registry, self._buffer, self._run_id = registry, buffer, run_id
        self._lock = Lock()
        self._refused: list[tuple[Value, Exception]] = []

    def take_refused(self) -> list[tuple[Value, Exception]]:
        """Returns the values that the server refused since the last call, each with its error."""
        refused, self._refused = self._refused, []
        return refused

    def send(self) -> Exception | None:
        """Sends the waiting values. Returns the error that stopped it, if any. Values that the server refuses are put aside."""
        failures: list[Exception] = []
        with self._lock:
            while not failures and (queues := self._buffer.queues()):
                all_at_once([partial(self._send_queue, queue, failures) for queue in queues], CONCURRENTLY)
        return failures[0] if failures else None

    def _send_queue(self, queue: deque[Value], failures: list[Exception]) -> None:
        while queue and not failures:  # a server that is down gets no further requests
            try:
                self._send_value(queue[0])
            except (InvalidValue, ApiError) as error:
                if isinstance(error, ServerError):
                    failures.append(error)
                    return
                self._refused.append((queue[0], error))
            except RegistryError as error:
                failures.append(error)
                return
            self._buffer.done(queue)

    def _send_value(self, value: Value) -> None:
        """Sends a value. Kubeflow's servers refuse two values of a metric in one millisecond, so a conflict is retried."""
        under = below(value.kind, experiment_run_id=self._run_id())
        for attempt in range(_CONFLICTS):
            try:
                self._registry.create(value.kind, value.fields, under)
            except Conflict:
                if attempt == _CONFLICTS - 1:
                    raise
                sleep(_SAME_MILLISECOND)
            else:
                return
