"""The logged values of a run that are not sent yet, in order for each parameter and metric. Pure, except for a lock."""

import json
import math
import numbers
import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from model_registry_client import limits
from model_registry_client.entities import Artifact, Metric, Parameter
from model_registry_client.entity import Entity
from model_registry_client.errors import InvalidValue
from model_registry_client.states import ExperimentRunStatus, ParameterType

MOST_SHOWN = 80
NO_ID = len("1:")
"""The shortest prefix, in bytes, that the store puts before a name. It is used until the run has an id."""
MOST_PARAMETER_BYTES = 8 * 2**20 - 4096
"""By default a server refuses a request of more than 8 MiB. The difference is for the rest of the JSON."""


@dataclass(frozen=True)
class Value:
    """A value to send: the class of the artifact, and its fields by name."""

    kind: type[Metric] | type[Parameter]
    fields: Mapping[str, Any]

    @property
    def key(self) -> tuple[type[Entity], str]:
        """The metric or parameter that it is a value of."""
        return self.kind, self.fields["name"]


class Buffer:
    """The values that wait, in a queue for each metric and parameter. Any thread may add; one at a time may remove."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[type[Entity], str], deque[Value]] = {}
        self._count = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return self._count

    def add(self, value: Value) -> int:
        """Appends a value to its queue. Returns how many values wait in all queues."""
        with self._lock:
            self._waiting.setdefault(value.key, deque()).append(value)
            self._count += 1
            return self._count

    def queues(self) -> list[deque[Value]]:
        """Returns the queues that are not empty. Call `done` after the first value of a queue was sent."""
        with self._lock:
            return [queue for queue in self._waiting.values() if queue]

    def done(self, queue: deque[Value]) -> None:
        """Removes the first value of a queue."""
        with self._lock:
            queue.popleft()
            self._count -= 1

    def waiting(self) -> list[Value]:
        """Returns all values that wait."""
        with self._lock:
            return [value for queue in self._waiting.values() for value in queue]


def now_in_milliseconds() -> str:
    """Returns the current time as the API writes it: milliseconds since 1970-01-01 UTC, as text."""
    return str(time.time_ns() // 1_000_000)


class CannotBeKeptError(Exception):
    """A value has the right type, but the registry cannot store it. It is left out with a warning, and the script goes on."""


def metric(name: str, value: Any, step: Any, timestamp: Any, prefix: int = NO_ID) -> Value:
    """Makes a value of a metric.

    Args:
        name: The name of the metric.
        value: The number; also a `Decimal`, or a scalar of numpy or torch.
        step: The step, a whole number or `None`.
        timestamp: Time of the measurement in milliseconds since 1970-01-01 UTC; now if it is `None`.
        prefix: The number of bytes that the store puts before the name.

    Raises:
        CannotBeKeptError: The registry cannot store the value.
        InvalidValue: The value is not a number. This is a mistake in the script.
    """
    if not name:
        raise InvalidValue("A metric must have a name.")
    number = _number(f"The metric {name!r}", value)
    whole = None if step is None else _step(name, step)
    moment = str(timestamp) if isinstance(timestamp, int) else timestamp or now_in_milliseconds()
    if not math.isfinite(number):
        raise CannotBeKeptError("the API has no place for NaN and infinity")
    if abs(number) >= limits.TOO_LARGE:
        raise CannotBeKeptError("it must be nearer to zero than 1e60")
    if whole is not None and whole not in limits.WHOLE:
        raise CannotBeKeptError("the step must be a whole number of 64 bits")
    _check_texts(prefix, name=name, timestamp=moment)
    return Value(Metric, {"name": name, "value": number, "step": whole, "timestamp": moment})


def _plain(value: Any) -> Any:
    """Converts a scalar of numpy, torch or another library to a Python value. Returns anything else unchanged."""
    if isinstance(value, bool | int | float | str) or not callable(item := getattr(value, "item", None)):
        return value
    try:
        return item()
    except (TypeError, ValueError, RuntimeError):  # an array of several values
        return value


def _number(what: str, value: Any) -> float:
    """Converts a number to a float; infinity if it is too large. Raises `InvalidValue` if it is not a number."""
    plain = _plain(value)
    if not isinstance(plain, numbers.Real | Decimal):
        raise InvalidValue(f"{what} must be a number; got {type(value).__name__}.")
    try:
        return float(plain)
    except OverflowError:
        return -math.inf if plain < 0 else math.inf
    except ValueError:  # a signalling NaN
        return math.nan


def _step(name: str, step: Any) -> int:
    plain = _plain(step)
    if isinstance(plain, numbers.Integral):
        return int(plain)
    number = _number(f"The step of the metric {name!r}", plain)
    if not math.isfinite(number):
        raise CannotBeKeptError("the step must be a whole number of 64 bits")
    if not number.is_integer():
        raise InvalidValue(f"The step of the metric {name!r} must be a whole number; got {step!r}.")
    return int(number)


def _check_texts(prefix: int, **texts: Any) -> None:
    """Raises `CannotBeKeptError` for a text that the store cannot keep, and `InvalidValue` if it is not a text."""
    for what, text in texts.items():
        if not isinstance(text, str):
            raise InvalidValue(f"The {what} must be a text; got {type(text).__name__}.")
        if reason := limits.what_is_wrong(text, limits.MOST_BYTES.get(what), prefix if what == "name" else 0):
            raise CannotBeKeptError(f"the {what} {reason}")


def parameter(name: str, value: Any, description: str | None, prefix: int = NO_ID) -> Value:
    """Makes a value of a parameter: a text and its type.

    Args:
        name: The name of the parameter.
        value: A text, number, bool or scalar; or a dict, list or tuple, which is stored as JSON.
        description: A description for people.
        prefix: The number of bytes that the store puts before the name.

    Raises:
        CannotBeKeptError: The registry cannot store the value.
        InvalidValue: JSON cannot hold the object.
    """
    if not name:
        raise InvalidValue("A parameter must have a name.")
    plain = _plain(value)
    match plain:
        case bool():
            text, type_ = str(plain).lower(), ParameterType.BOOLEAN
        case numbers.Real() | Decimal():
            text, type_ = str(plain), ParameterType.NUMBER
        case dict() | list() | tuple():
            text, type_ = _json(name, plain), ParameterType.OBJECT
        case _:
            text, type_ = str(plain), ParameterType.STRING
    _check_texts(prefix, name=name, value=text, description=description or "")
    if len(json.dumps(text, ensure_ascii=False).encode()) > MOST_PARAMETER_BYTES:
        raise CannotBeKeptError(f"it has more than {MOST_PARAMETER_BYTES} bytes in JSON")
    return Value(Parameter, {"name": name, "value": text, "parameter_type": type_, "description": description})


def _json(name: str, value: Any) -> str:
    try:
        return json.dumps(value)
    except (RecursionError, TypeError, ValueError) as error:
        raise InvalidValue(f"The parameter {name!r} must be an object that JSON can hold: {error}.") from error


def shown(value: Any) -> str:
    """Returns a value as text for a message, cut to 80 characters."""
    try:
        text = repr(value)
    except ValueError:  # Python does not print whole numbers of thousands of digits
        return "a number of thousands of digits"
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}..."


def as_json(value: str | Mapping[str, Any] | None) -> str | None:
    """Converts an object to JSON. Returns a text or `None` unchanged."""
    return value if value is None or isinstance(value, str) else json.dumps(value, default=str)


def status_after(error: BaseException | None) -> ExperimentRunStatus:
    """Returns the final status of a run: FAILED after an error of the script, KILLED after an interruption from outside."""
    match error:
        case None:
            return ExperimentRunStatus.FINISHED
        case SystemExit():
            return ExperimentRunStatus.FAILED if error.code else ExperimentRunStatus.FINISHED
        case Exception():
            return ExperimentRunStatus.FAILED
    return ExperimentRunStatus.KILLED  # KeyboardInterrupt, a cancelled task, a closed generator


def row(run: Mapping[str, Any], artifacts: list[Artifact]) -> dict[str, Any]:
    """Makes one row of a table from a run.

    Args:
        run: The first columns.
        artifacts: The artifacts of the run. Parameters become `params.*`, converted by their type. Metrics become `metrics.*`.
    """
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
