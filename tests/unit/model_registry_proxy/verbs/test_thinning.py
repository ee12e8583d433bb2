"""Thinning of curves: the ends and every spike stay, and there are never more points than asked for."""

from hypothesis import given
from hypothesis import strategies as st

from model_registry_proxy.verbs.thinning import thinned

Point = tuple[int, float]


def value(point: Point) -> float:
    """The value of a point."""
    return point[1]


@given(st.lists(st.floats(-1e9, 1e9), max_size=300), st.integers(2, 50))
def test_a_thinned_curve_has_the_ends_the_extremes_and_few_points(values: list[float], most: int) -> None:
    points = list(enumerate(values))
    found = thinned(points, most, value)
    assert len(found) <= most
    assert found == sorted(set(found))
    assert set(found) <= set(points)
    if points:
        assert (found[0], found[-1]) == (points[0], points[-1])
    if len(points) <= most:
        assert found == points
    elif most >= 4:
        assert {min(values), max(values)} <= {value(point) for point in found}


def test_a_spike_of_one_point_among_many_stays() -> None:
    points = [(step, 0.0) for step in range(100_000)]
    points[54_321] = (54_321, 9.0)
    points[54_322] = (54_322, -9.0)
    found = thinned(points, 100, value)
    assert {(54_321, 9.0), (54_322, -9.0)} <= set(found)
    assert len(found) <= 100


def test_two_points_are_the_first_and_the_last() -> None:
    assert thinned([(step, float(step)) for step in range(10)], 2, value) == [(0, 0.0), (9, 9.0)]
