"""A segment that was written and read again is the same segment."""

import pytest

from model_catalog.entries import Entry
from model_catalog.index.segment import Segment, model_segment
from model_catalog.index.stored import pieces_of, segment_of
from tests.unit.model_catalog.index.made import model
from tests.unit.model_catalog.index.recorded_questions import recorded_catalog


def again(segment: Segment) -> Segment:
    return segment_of([memoryview(piece) for piece in pieces_of(segment)])


@pytest.mark.parametrize("segment", recorded_catalog().models.segments, ids=lambda segment: segment.source_id)
def test_the_recorded_models_come_back(segment: Segment) -> None:
    assert again(segment) == segment


def test_columns_with_more_values_than_a_byte_counts_come_back() -> None:
    segment = model_segment("a", [model(f"m{number}", custom={"n": number}) for number in range(300)])
    assert again(segment) == segment


def test_a_source_without_models_comes_back() -> None:
    assert again(model_segment("a", [])) == model_segment("a", [])


def test_of_two_models_with_one_name_the_later_comes_back() -> None:
    segment = model_segment("a", [Entry({"name": "x", "n": 1}), Entry({"name": "y"}), Entry({"name": "x", "n": 2})])
    assert again(segment) == segment
    assert again(segment).by_name == {"x": 0, "y": 1}
