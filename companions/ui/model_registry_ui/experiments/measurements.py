"""Parameters and metrics of runs, made of the artifacts that the API lists."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from model_registry_client.entities import Metric, Parameter
from model_registry_client.states import ParameterType

from model_registry_ui.charts.scales import LARGEST

_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,200}\.?[0-9]{0,200}|\.[0-9]{1,200})(?:[eE][+-]?[0-9]{1,4})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Measure:
    """A parameter, or the last value of a metric.

    Attributes:
        text: The value as it is stored.
        number: The value as a number; `None` if it is none.
        step: The step of a metric.
    """

    text: str
    number: float | None = None
    step: int | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """What is known of one run: its parameters and its metrics, by name."""

    parameters: Mapping[str, Measure] = field(default_factory=dict)
    metrics: Mapping[str, Measure] = field(default_factory=dict)


NOTHING = Measured()


def measured(artifacts: Iterable[Any]) -> Measured:
    """Returns the parameters and metrics among artifacts, by name. Of two with one name the one that changed later counts."""
    ordered = sorted(artifacts, key=lambda one: int(one.last_update_time_since_epoch or 0))
    return Measured(
        {one.name: _of_parameter(one) for one in ordered if isinstance(one, Parameter)},
        {one.name: _of_metric(one) for one in ordered if isinstance(one, Metric)},
    )


def by_run(artifacts: Iterable[Any]) -> dict[str, Measured]:
    """Returns what is known of each run, by its id."""
    of_runs: dict[str, list[Any]] = {}
    for artifact in artifacts:
        if artifact.experiment_run_id:
            of_runs.setdefault(artifact.experiment_run_id, []).append(artifact)
    return {run: measured(found) for run, found in of_runs.items()}


def names(of: Iterable[Mapping[str, Measure]]) -> list[str]:
    """Returns all names that any run has, sorted."""
    return sorted({name for measures in of for name in measures})


def differing(of: Sequence[Mapping[str, Measure]]) -> list[str]:
    """Returns the names whose values are not the same in all runs; a missing value is a value of its own."""
    return [name for name in names(of) if len({one[name].text if name in one else None for one in of}) > 1]


def as_number(text: str) -> float | None:
    """Returns the number that a text is; `None` for another text, and for a number too large to draw."""
    if not _NUMBER.fullmatch(text):
        return None
    number = float(text)
    return number if abs(number) <= LARGEST else None


def _of_parameter(parameter: Parameter) -> Measure:
    text = parameter.value or ""
    return Measure(text, None if parameter.parameter_type is ParameterType.STRING else as_number(text))


def _of_metric(metric: Metric) -> Measure:
    value = metric.value
    return Measure("" if value is None else repr(value), value, metric.step)
