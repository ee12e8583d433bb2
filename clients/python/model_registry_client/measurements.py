"""What a run has been told and the server has not: values in order, by what they are of. Pure but for its lock."""

import json
import math
import numbers
import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from model_registry_client.entities import Artifact, Metric, Parameter
from model_registry_client.entity import Entity
from model_registry_client.errors import InvalidValue
from model_registry_client.states import ExperimentRunStatus, ParameterType


@dataclass(frozen=True)
class Value:
    """One value to send: the kind of artifact, and its fields."""

    kind: type[Metric] | type[Parameter]
    fields: Mapping[str, Any]

    @property
    def key(self) -> tuple[type[Entity], str]:
        """What it is a value of."""
        return self.kind, self.fields["name"]


class Buffer:
    """Values that wait, in order for each metric and parameter. Any thread may add; one at a time takes."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[type[Entity], str], deque[Value]] = {}
        self._count = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return self._count

    def add(self, value: Value) -> int:
        """Puts a value last among its own; answers how many wait."""
        with self._lock:
            self._waiting.setdefault(value.key, deque()).append(value)
            self._count += 1
            return self._count

    def queues(self) -> list[deque[Value]]:
        """The values by what they are of. Take the first of a queue with `done` once it has been sent."""
        with self._lock:
            return [queue for queue in self._waiting.values() if queue]

    def done(self, queue: deque[Value]) -> None:
        """Forgets the first value of a queue."""
        with self._lock:
            queue.popleft()
            self._count -= 1

    def waiting(self) -> list[Value]:
        """All values that wait."""
        with self._lock:
            return [value for queue in self._waiting.values() for value in queue]


def now_in_milliseconds() -> str:
    """The time, as the API writes it."""
    return str(time.time_ns() // 1_000_000)


def metric(name: str, value: Any, step: int | None, timestamp: str | None) -> Value | None:
    """A metric's value; `None` for one that JSON has no number for. Raises `InvalidValue` for what is no number."""
    number = value.item() if type(value).__module__ == "numpy" and hasattr(value, "item") else value
    if not isinstance(number, numbers.Real):
        raise InvalidValue(f"The metric {name!r} must be a number; got {type(value).__name__}.")
    if not name:
        raise InvalidValue("A metric must have a name.")
    if not math.isfinite(number):
        return None
    fields = {"name": name, "value": float(number), "step": step, "timestamp": timestamp or now_in_milliseconds()}
    return Value(Metric, fields)


def parameter(name: str, value: Any, description: str | None) -> Value:
    """A parameter's value: text with its type. Raises `InvalidValue` for an object that JSON cannot hold."""
    if not name:
        raise InvalidValue("A parameter must have a name.")
    plain = value.item() if type(value).__module__ == "numpy" and hasattr(value, "item") else value
    match plain:
        case bool():
            text, type_ = str(plain).lower(), ParameterType.BOOLEAN
        case numbers.Real():
            text, type_ = str(plain), ParameterType.NUMBER
        case dict() | list() | tuple():
            text, type_ = _json(name, plain), ParameterType.OBJECT
        case _:
            text, type_ = str(plain), ParameterType.STRING
    return Value(Parameter, {"name": name, "value": text, "parameter_type": type_, "description": description})


def _json(name: str, value: Any) -> str:
    try:
        return json.dumps(value)
    except (TypeError, ValueError) as error:
        raise InvalidValue(f"The parameter {name!r} must be an object that JSON can hold: {error}.") from error


def as_json(value: str | Mapping[str, Any] | None) -> str | None:
    """A text as it is; an object as JSON."""
    return value if value is None or isinstance(value, str) else json.dumps(value, default=str)


def status_after(error: BaseException | None) -> ExperimentRunStatus:
    """How a run has ended: KILLED where somebody ended it, FAILED where the work did."""
    match error:
        case None:
            return ExperimentRunStatus.FINISHED
        case SystemExit():
            return ExperimentRunStatus.FAILED if error.code else ExperimentRunStatus.FINISHED
        case Exception():
            return ExperimentRunStatus.FAILED
    return ExperimentRunStatus.KILLED  # KeyboardInterrupt, a cancelled task, a closed generator


def row(run: Mapping[str, Any], artifacts: list[Artifact]) -> dict[str, Any]:
    """A run as one row of a table: `params.*` read back by their type, `metrics.*` the last values."""
    found = dict(run)
    for artifact in artifacts:
        if isinstance(artifact, Parameter):
            found[f"params.{artifact.name}"] = _read(artifact)
        elif isinstance(artifact, Metric):
            found[f"metrics.{artifact.name}"] = artifact.value
    return found


def _read(parameter_: Parameter) -> Any:
    if parameter_.value is None or parameter_.parameter_type in (None, ParameterType.STRING):
        return parameter_.value
    try:
        return json.loads(parameter_.value)
    except ValueError:
        return parameter_.value
