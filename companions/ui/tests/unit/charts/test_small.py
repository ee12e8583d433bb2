"""Small curves: their size, their words, and values that cannot be drawn."""

from xml.etree import ElementTree as ET

import pytest
from model_registry_ui.charts import small

SVG = "{http://www.w3.org/2000/svg}"


def test_a_small_curve_has_a_fixed_size_and_says_its_range() -> None:
    root = ET.fromstring(str(small.draw([(0, 1.0), (1, 0.5), (2, 0.25)], 300)))  # noqa: S314 (made by this test)
    assert (root.attrib["width"], root.attrib["height"], root.attrib["role"]) == ("120", "24", "img")
    assert root.findtext("title") == "300 values from 0.25 to 1"
    assert root.find("path").attrib["d"] == "M3,3 60,15 117,21"  # type: ignore[union-attr]


@pytest.mark.parametrize("points", [[], [(0.0, 1.0)], [(0.0, 1e300), (1.0, 2.0)], [(0.0, float("inf")), (1.0, 1.0)]])
def test_fewer_than_two_values_are_no_curve(points: list[tuple[float, float]]) -> None:
    assert small.draw(points) == ""


def test_a_curve_of_one_height_stands_in_the_middle() -> None:
    assert 'd="M3,12 117,12"' in small.draw([(0, 7.0), (5, 7.0)])


def test_values_of_one_step_stand_above_each_other() -> None:
    assert 'd="M3,21 3,3"' in small.draw([(4, 1.0), (4, 2.0)])


def test_a_missing_step_of_a_regular_series_is_a_gap() -> None:
    points = [(float(step), float(step)) for step in range(30) if step not in {10, 12}]
    drawn = small.draw(points)
    assert drawn.count("M") == 3
    assert "h0" in drawn
