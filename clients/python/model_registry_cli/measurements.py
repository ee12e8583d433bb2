"""Reads the history of metrics as series of points."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from model_registry_client import Entity, Metric

from model_registry_cli.exits import Exit, Problem
from model_registry_cli.resources import BY_WORD
from model_registry_cli.session import Session
from model_registry_cli.suggestions import near


@dataclass(frozen=True)
class Series:
    """The points of one metric of one run, sorted by `x`."""

    label: str
    x: list[float]
    y: list[float]


def series(session: Session, runs: Sequence[str], names: Sequence[str], *, by_time: bool) -> list[Series]:
    """Returns a series for each run and metric.

    Args:
        session: The server.
        runs: References to runs.
        names: The names of metrics; empty for all metrics.
        by_time: Whether `x` is the time in seconds since the first value, not the step.

    Raises:
        Problem: A run has no values of a metric.
    """
    found = [_of_run(session, session.references.one(BY_WORD["run"], run), names, by_time=by_time) for run in runs]
    if len(runs) == 1:
        return [Series(name, x, y) for _, of_run in found for name, (x, y) in of_run.items()]
    return [Series(f"{run.name} {name}", x, y) for run, of_run in found for name, (x, y) in of_run.items()]


def _of_run(
    session: Session, run: Entity, names: Sequence[str], *, by_time: bool
) -> tuple[Entity, dict[str, tuple[list[float], list[float]]]]:
    history: dict[str, list[Metric]] = {}
    for metric in session.registry.list_metric_history(run.id, name=names[0] if len(names) == 1 else None):
        if metric.value is not None and math.isfinite(metric.value):
            history.setdefault(metric.name, []).append(metric)
    return run, {name: _points(history[name], by_time=by_time) for name in _wanted(session, run, names, history)}


def _wanted(session: Session, run: Entity, names: Sequence[str], history: dict[str, list[Metric]]) -> list[str]:
    if not history and not names:
        raise Problem(f"The run {run.name!r} has no metrics.", code=Exit.NOT_FOUND)
    if missing := [name for name in names if name not in history]:
        there = (
            list(history)
            if len(names) > 1
            else sorted({each.name for each in session.registry.list_metric_history(run.id)})
        )
        close = near(missing[0], there)
        hint = f"Did you mean {' or '.join(close)}?" if close else f"It has {', '.join(there) or 'none'}."
        raise Problem(f"The run {run.name!r} has no metric {missing[0]!r}.", hint, Exit.NOT_FOUND)
    return list(names) or sorted(history)


def _points(metrics: list[Metric], *, by_time: bool) -> tuple[list[float], list[float]]:
    """Returns the points of a metric by time or by step. Without different steps, `x` is the position in the history."""
    stamped = [(_seconds(metric), metric) for metric in metrics]
    if by_time and all(at is not None for at, _ in stamped):
        first = min(at for at, _ in stamped if at is not None)
        pairs = sorted(((at or 0.0) - first, metric.value or 0.0) for at, metric in stamped)
    elif len({metric.step for metric in metrics}) > 1 or len(metrics) == 1:
        pairs = sorted((float(metric.step or 0), metric.value or 0.0) for metric in metrics)
    else:
        pairs = [(float(number), metric.value or 0.0) for number, metric in enumerate(metrics)]
    return [x for x, _ in pairs], [y for _, y in pairs]


def _seconds(metric: Metric) -> float | None:
    stamp = metric.timestamp or metric.create_time_since_epoch
    return int(stamp) / 1000 if stamp and stamp.isdigit() else None
