"""Histories become points of curves, in the order of the axis."""

import pytest
from model_registry_ui.charts.curves import Across
from model_registry_ui.experiments.histories import History, Measurement, evenly

HISTORY = History(
    [Measurement(3.0, 2, 3000), Measurement(1.0, 0, 1000), Measurement(2.0, None, 2000), Measurement(4.0, 3)]
)


@pytest.mark.parametrize(
    ("across", "expected"),
    [
        (Across.STEP, [(0.0, 1.0), (2.0, 3.0), (3.0, 4.0)]),
        (Across.TIME, [(1000.0, 1.0), (2000.0, 2.0), (3000.0, 3.0)]),
        (Across.SINCE_START, [(0.0, 1.0), (1000.0, 2.0), (2000.0, 3.0)]),
    ],
)
def test_values_without_a_step_or_a_time_have_no_place_on_that_axis(
    across: Across, expected: list[tuple[float, float]]
) -> None:
    assert HISTORY.points(across) == expected


@pytest.mark.parametrize(
    ("first", "last", "count", "expected"),
    [(0, 3, 10, [0, 1, 2, 3]), (0, 9, 4, [0, 3, 6, 9]), (5, 5, 3, [5]), (0, 100, 3, [0, 50, 100])],
)
def test_steps_have_equal_distances_and_both_ends(first: int, last: int, count: int, expected: list[int]) -> None:
    assert evenly(first, last, count) == expected
