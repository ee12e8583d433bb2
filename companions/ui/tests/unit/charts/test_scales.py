"""Scales have round marks, show every value, and stay right at the ends of what a number can be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from model_registry_ui.charts import scales
from model_registry_ui.charts.scales import Scale, is_drawable, lasting, short

numbers = (
    st.floats(-1e100, 1e100)
    | st.integers(-(2**63), 2**63).map(float)
    | st.sampled_from([0.0, -0.0, 5e-324, 1e16, 1e16 + 2])
)
values = st.lists(numbers, min_size=1, max_size=6)


def words(scale: Scale) -> list[str]:
    return [tick.words for tick in scale.ticks]


@given(values)
def test_each_scale_shows_its_values_between_its_ends(given_values: list[float]) -> None:
    for make in (scales.linear, scales.whole, scales.time, scales.duration):
        scale = make(given_values)
        assert scale.low < scale.high
        assert all(-1e-6 <= scale.part(value) <= 1 + 1e-6 for value in given_values)
        assert len(scale.ticks) <= 16


@given(st.lists(st.floats(1e-100, 1e100), min_size=1, max_size=6))
def test_a_log_scale_shows_its_values_between_its_ends(given_values: list[float]) -> None:
    scale = scales.log(given_values)
    assert all(-1e-6 <= scale.part(value) <= 1 + 1e-6 for value in given_values)
    assert 2 <= len(scale.ticks) <= 16


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 1, ["0", "0.2", "0.4", "0.6", "0.8", "1"]),
        (0.1, 0.3, ["0.1", "0.15", "0.2", "0.25", "0.3"]),
        (-3, 7, ["-4", "-2", "0", "2", "4", "6", "8"]),
        (0, 1e-7, ["0", "2e-8", "4e-8", "6e-8", "8e-8", "1e-7"]),
        (0, 4e9, ["0", "1e9", "2e9", "3e9", "4e9"]),
    ],
)
def test_marks_are_round_numbers(low: float, high: float, expected: list[str]) -> None:
    assert words(scales.linear([low, high])) == expected


def test_marks_of_steps_are_whole_numbers() -> None:
    assert words(scales.whole([0, 3])) == ["0", "1", "2", "3"]
    assert scales.whole([1, 97]).high == 97


def test_marks_of_a_log_scale_are_powers_of_ten() -> None:
    assert words(scales.log([0.002, 0.9])) == ["0.001", "0.01", "0.1", "1"]
    assert words(scales.log([2, 30])) == ["1", "2", "5", "10", "20", "50", "100"]
    assert scales.log([1, 100]).part(10) == pytest.approx(0.5)


def test_marks_of_time_have_the_words_that_fit_their_distance() -> None:
    day = 86_400_000
    assert words(scales.time([0, 4 * day]))[:2] == ["1970-01-01", "1970-01-02"]
    assert words(scales.time([0, 3_600_000]))[1] == "01-01 00:10"
    assert words(scales.duration([0, 5_400_000]))[:3] == ["0 s", "30 min", "1 h"]


@pytest.mark.parametrize(
    ("seconds", "expected"), [(0, "0 s"), (59.6, "1 min"), (7500, "2 h 5 min"), (90_061, "1 d 1 h"), (-5, "-5 s")]
)
def test_a_duration_has_at_most_two_units(seconds: float, expected: str) -> None:
    assert lasting(seconds) == expected


@pytest.mark.parametrize(
    ("value", "expected"), [(0.1 + 0.2, "0.3"), (1234567.0, "1.23457e6"), (-0.0, "0"), (1e-9, "1e-9"), (12, "12")]
)
def test_a_number_has_at_most_six_digits(value: float, expected: str) -> None:
    assert short(value) == expected


@pytest.mark.parametrize(
    ("value", "is_log", "expected"),
    [
        (1.0, False, True),
        (0.0, True, False),
        (-1.0, True, False),
        (float("nan"), False, False),
        (float("inf"), False, False),
        (1e101, False, False),
    ],
)
def test_numbers_that_cannot_be_drawn_are_known(value: float, *, is_log: bool, expected: bool) -> None:
    assert is_drawable(value, is_log=is_log) is expected
