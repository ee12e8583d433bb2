"""The table of runs: columns, conditions and order."""

import pytest
from model_registry_client.entities import ExperimentRun
from model_registry_ui.experiments.measurements import Measure, Measured
from model_registry_ui.experiments.runs_table import Condition, Row, columns, extremes, ordered
from model_registry_ui.query import Sort


def row(name: str, rate: str | None = None, loss: float | None = None, **more: str) -> Row:
    parameters = {"rate": Measure(rate, float(rate) if rate.replace(".", "").isdigit() else None)} if rate else {}
    metrics = {"loss": Measure(repr(loss), loss)} if loss is not None else {}
    return Row(
        ExperimentRun.from_wire({"name": name, **more}), Measured({**parameters, "same": Measure("1", 1.0)}, metrics)
    )


ROWS = [row("a", "0.2", 3.0), row("B", "0.10", 1.0), row("c", "auto", 2.0), row("d")]


def keys(rows: list[Row]) -> list[str]:
    return [one.run.name for one in rows]


@pytest.mark.parametrize(
    ("key", "is_descending", "expected"),
    [
        ("m:loss", False, ["B", "c", "a", "d"]),
        ("m:loss", True, ["a", "c", "B", "d"]),
        ("p:rate", False, ["B", "a", "c", "d"]),
        ("name", False, ["a", "B", "c", "d"]),
        ("p:nothing", False, ["a", "B", "c", "d"]),
    ],
)
def test_runs_without_a_value_are_last_in_both_directions(
    key: str, *, is_descending: bool, expected: list[str]
) -> None:
    assert keys(ordered(ROWS, Sort(key, is_descending))) == expected


@pytest.mark.parametrize(
    ("key", "comparison", "limit", "expected"),
    [
        ("m:loss", "<", "2.5", ["B", "c"]),
        ("m:loss", "=", "1", ["B"]),
        ("p:rate", ">=", "0.1", ["a", "B"]),
        ("p:rate", "=", "auto", ["c"]),
        ("p:rate", "!=", "auto", ["a", "B"]),
        ("p:rate", "<", "b", []),
        ("m:loss", "~", "1", []),
        ("m:nothing", "=", "1", []),
    ],
)
def test_a_condition_compares_numbers_as_numbers(key: str, comparison: str, limit: str, expected: list[str]) -> None:
    assert keys([one for one in ROWS if Condition(key, comparison, limit).holds(one)]) == expected


def test_columns_are_the_metrics_and_the_parameters_that_differ() -> None:
    shown, left_out = columns(ROWS, shows_all=False)
    assert ([one.key for one in shown], left_out) == (["m:loss", "p:rate"], 1)
    shown, left_out = columns(ROWS, shows_all=True)
    assert ([one.key for one in shown], left_out) == (["m:loss", "p:rate", "p:same"], 0)


def test_one_run_has_all_its_parameters_as_columns() -> None:
    assert [one.title for one in columns(ROWS[:1], shows_all=False)[0]] == ["loss", "rate", "same"]


def test_extremes_are_marked_only_where_numbers_differ() -> None:
    loss, rate, same = columns(ROWS, shows_all=True)[0]
    assert extremes(ROWS, loss) == (1.0, 3.0)
    assert extremes(ROWS, rate) == (0.1, 0.2)
    assert extremes(ROWS, same) == (None, None)


def test_a_duration_needs_both_times() -> None:
    assert row("a", startTimeSinceEpoch="1000", endTimeSinceEpoch="61000").seconds == 60.0
    assert row("a", startTimeSinceEpoch="1000").seconds is None
    assert row("a", startTimeSinceEpoch="soon", endTimeSinceEpoch="61000").seconds is None
