"""The values that a run may log, and those that are left out with a warning."""

import math
import warnings
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from model_registry_client import (
    InvalidValue,
    NotLoggedWarning,
    Registry,
)
from model_registry_client.measurements import parameter
from model_registry_client.states import ParameterType

Unique = Callable[[str], str]


@pytest.mark.parametrize(
    ("value", "step"),
    [
        (math.nan, 3),
        (math.inf, 3),
        (-math.inf, 3),
        (1e60, 3),
        (-1e300, 3),
        (10**60, 3),
        pytest.param(-(10**5000), 3, id="more digits than Python prints"),
        pytest.param(10**400, 3, id="beyond a float"),
        (Decimal("1e400"), 3),
        (Decimal("sNaN"), 3),
        pytest.param(Fraction(10**400), 3, id="a fraction beyond a float"),
        (1.0, 2**63),
        (1.0, -(2**63) - 1),
        (1.0, math.inf),
    ],
)
def test_values_that_cannot_be_stored_are_left_out_with_a_warning(
    registry: Registry, unique: Unique, value: float, step: int
) -> None:
    with registry.experiment(unique("e")).start_run() as run:
        with pytest.warns(NotLoggedWarning, match=r"'loss' is .* at step .*not recorded: ") as warned:
            run.log_metrics({"loss": value, "good": 0.5}, step)
        assert [Path(each.filename).name for each in warned] == [Path(__file__).name] * len(warned)
        run.log_metric("loss", 1, 4)
    assert [row.value for row in registry.list_metric_history(run.id, name="loss")] == [1.0]


@pytest.mark.parametrize("name", ["x" * 300, "ü" * 127, "a\0b", "mlmd-struct::x", "half \ud800"])
def test_names_that_cannot_be_stored_are_left_out_with_a_warning(registry: Registry, unique: Unique, name: str) -> None:
    with registry.experiment(unique("e")).start_run() as run:
        with pytest.warns(NotLoggedWarning, match="name"):
            run.log_metric(name, 1.0)
        with pytest.warns(NotLoggedWarning, match="name"):
            run.log_param(name, "x")
    assert list(registry.list_artifacts(experiment_run_id=run.id)) == []


@pytest.mark.parametrize("text", ["a\0b", "mlmd-struct::x", "half \ud800"])
def test_parameters_that_cannot_be_stored_are_left_out_with_a_warning(
    registry: Registry, unique: Unique, text: str
) -> None:
    with registry.experiment(unique("e")).start_run() as run, pytest.warns(NotLoggedWarning, match="value"):
        run.log_params({"bad": text, "good": "x"})
    assert [artifact.name for artifact in registry.list_artifacts(experiment_run_id=run.id)] == ["good"]


def test_a_parameter_that_is_too_large_for_a_request_is_left_out_with_a_warning(
    registry: Registry, unique: Unique
) -> None:
    with (
        registry.experiment(unique("e")).start_run() as run,
        pytest.warns(NotLoggedWarning, match="more than") as warned,
    ):
        run.log_param("notes", "x" * 9_000_000)
    assert len(str(warned[0].message)) < 300


@pytest.mark.parametrize("value", ["high", None, [1.0], {}, 1j])
def test_a_value_that_is_not_a_number_is_refused_at_once(registry: Registry, unique: Unique, value: object) -> None:
    with registry.experiment(unique("e")).start_run() as run:
        with pytest.raises(InvalidValue, match="must be a number"):
            run.log_metric("loss", value)  # type: ignore[arg-type]
        with pytest.raises(InvalidValue, match="step"):
            run.log_metric("loss", 1.0, "two")  # type: ignore[arg-type]
        with pytest.raises(InvalidValue, match="whole number"):
            run.log_metric("loss", 1.0, 2.5)  # type: ignore[arg-type]


def test_numbers_of_other_types_are_stored(registry: Registry, unique: Unique) -> None:
    class Scalar:
        """A scalar like those of torch."""

        def item(self) -> float:
            return 0.25

    values = [1, True, Decimal("0.5"), Fraction(1, 4), 2**70, Scalar(), 9.9e59]
    with registry.experiment(unique("e")).start_run() as run, warnings.catch_warnings():
        warnings.simplefilter("error")
        for step, value in enumerate(values):
            run.log_metric("loss", value, float(step), timestamp=step + 1)  # type: ignore[arg-type]
    rows = list(registry.list_metric_history(run.id))
    assert [row.value for row in rows] == [1.0, 1.0, 0.5, 0.25, float(2**70), 0.25, 9.9e59]
    assert [(row.step, row.timestamp) for row in rows] == [(step, str(step + 1)) for step in range(len(values))]


@pytest.mark.parametrize(
    ("value", "text", "type_"),
    [
        ("a", "a", ParameterType.STRING),
        (None, "None", ParameterType.STRING),
        (True, "true", ParameterType.BOOLEAN),
        (10**30, "1" + "0" * 30, ParameterType.NUMBER),
        (1e-20, "1e-20", ParameterType.NUMBER),
        ([1, "a"], '[1, "a"]', ParameterType.OBJECT),
    ],
    ids=str,
)
def test_parameters_are_texts_with_a_type(value: object, text: str, type_: ParameterType) -> None:
    fields = parameter("p", value, None).fields
    assert (fields["value"], fields["parameter_type"]) == (text, type_)
