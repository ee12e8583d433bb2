"""The drawing of a number over versions: places, links and words."""

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest
from model_registry_ui.charts.over_versions import Version, draw, have_room

START = datetime(2026, 11, 1, tzinfo=UTC)


def versions(*values: float) -> list[Version]:
    return [
        Version(f"1.{at}", f"/versions/{at}", START + timedelta(days=at**2), value) for at, value in enumerate(values)
    ]


def places(svg: str) -> list[tuple[float, float]]:
    dots = ET.fromstring(svg).iter("circle")  # noqa: S314 (made by this test)
    return [(float(one.attrib["cx"]), float(one.attrib["cy"])) for one in dots]


def test_versions_stand_at_the_times_of_their_creation_or_in_their_order() -> None:
    assert [x for x, _ in places(draw("k", "a", versions(0, 1, 2)))] == [72, 298, 976]
    assert [x for x, _ in places(draw("k", "a", versions(0, 1, 2), in_order=True))] == [72, 524, 976]
    assert "1.1" in draw("k", "a", versions(0, 1, 2), in_order=True)


def test_a_larger_number_stands_higher() -> None:
    assert [y for _, y in places(draw("k", "a", versions(0, 1, 2)))] == [238, 135, 32]


@pytest.mark.parametrize("in_order", [True, False])
@pytest.mark.parametrize("values", [(), (0.0,), (5.0, 5.0), (-1e100, 1e100)])
def test_few_equal_and_large_numbers_are_drawn(values: tuple[float, ...], *, in_order: bool) -> None:
    found = places(draw("k", "a", versions(*values), in_order=in_order))
    assert len(found) == len(values)
    assert all(0 <= x <= 1000 and 0 <= y <= 300 for x, y in found)


def test_a_single_version_has_its_name_below_it_and_no_date() -> None:
    root = ET.fromstring(draw("k", "a", versions(0.5)))  # noqa: S314 (made by this test)
    texts = [text.text or "" for text in root.iter("text")]
    assert "1.0" in texts
    assert "version" in texts
    assert not [text for text in texts if text.startswith("20")]


def test_a_version_without_a_time_has_a_place_in_the_order_only() -> None:
    one = [*versions(1, 2), Version("x", "/x", None, 3)]
    assert (len(places(draw("k", "a", one))), len(places(draw("k", "a", one, in_order=True)))) == (2, 3)


def test_times_within_a_minute_have_no_room() -> None:
    near = [Version(str(at), "/v", START + timedelta(seconds=at * 20), 1.0) for at in range(4)]
    assert (have_room(near[:3]), have_room(near), have_room([])) == (False, True, False)
