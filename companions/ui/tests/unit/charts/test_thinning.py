"""Thinning keeps spikes and ends, gaps stay gaps, and smoothing keeps constants."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from model_registry_ui.charts.thinning import COLUMNS, segments, smooth, thin

points = st.lists(st.tuples(st.integers(0, 10**6).map(float), st.floats(-1e9, 1e9)), max_size=3000).map(sorted)


@given(points)
def test_thinning_keeps_the_ends_the_extremes_and_the_order(series: list[tuple[float, float]]) -> None:
    thinned = thin(series, columns=20)
    assert len(thinned) <= 80 or len(series) <= 80
    assert thinned == sorted(thinned, key=lambda point: point[0])
    if series:
        assert (thinned[0], thinned[-1]) == (series[0], series[-1])
        assert min(y for _, y in thinned) == min(y for _, y in series)
        assert max(y for _, y in thinned) == max(y for _, y in series)


def test_a_spike_among_many_points_stays() -> None:
    series = [(float(step), 1.0 if step != 54_321 else 99.0) for step in range(100_000)]
    thinned = thin(series)
    assert (54_321.0, 99.0) in thinned
    assert len(thinned) <= 4 * COLUMNS


def test_points_that_are_missing_in_a_regular_series_are_a_gap() -> None:
    series = [(float(step), 0.0) for step in range(20) if step not in {7, 8}]
    assert [len(part) for part in segments(series)] == [7, 11]


def test_an_irregular_series_has_no_gaps() -> None:
    series = [(float(step**2), 0.0) for step in range(20)]
    assert [len(part) for part in segments(series)] == [20]


@pytest.mark.parametrize("series", [[], [(1.0, 2.0)]])
def test_short_series_are_whole(series: list[tuple[float, float]]) -> None:
    assert list(segments(series)) == ([series] if series else [])
    assert thin(series) == series


def test_smoothing_is_a_corrected_moving_average() -> None:
    assert smooth([(0.0, 1.0), (1.0, 3.0)], 0.5) == [(0.0, 1.0), (1.0, pytest.approx(7 / 3))]
    assert [y for _, y in smooth([(float(x), 5.0) for x in range(50)], 0.99)] == pytest.approx([5.0] * 50)
    assert smooth([(0.0, 1.0), (1.0, 3.0)], 0.0) == [(0.0, 1.0), (1.0, 3.0)]
