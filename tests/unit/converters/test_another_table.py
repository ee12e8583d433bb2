"""Another table of entities, such as that of a catalog, can use the conversions and the filter language as they are."""

from typing import Annotated, Any

import pytest

from converters.entity import AttributedTo, Entity, Id, Kind, References, Stored
from converters.errors import FilterError
from converters.filters import parse_filter
from converters.nodes import from_node, to_node
from model_registry_proxy.mlmd.filters.narrowing import wide_query


class Source(Entity, kind=Kind.CONTEXT, stored_as="catalog.Source", words="catalog source"):
    """A place that models come from."""

    is_enabled: str
    is_checked: bool


class Shelf(Entity, kind=Kind.CONTEXT, stored_as="catalog.Shelf", words="catalog shelf", parent=Source):
    """A part of a source."""

    source_id: Annotated[Id, Stored.IN_NAME, References(Source)]


class Score(
    Entity,
    kind=Kind.ARTIFACT,
    stored_as="catalog.Score",
    words="score",
    artifact_type="score",
    filter_prefixes=("metrics",),
    suffix_mark="__",
):
    """A number about what is on a shelf."""

    source_id: Annotated[Id, AttributedTo(Shelf, "source_id")]
    shelf_id: Annotated[Id, AttributedTo(Shelf)]
    value: float


def wide(text: str, entity: type[Entity]) -> str | None:
    parsed = parse_filter(text, (entity,))
    assert parsed
    return wide_query(parsed)


def test_a_row_of_another_table_makes_the_round_trip() -> None:
    row = {"sourceId": "7", "customProperties": {}}
    node = to_node(Shelf, row, type_id=1, name="7:big", own_name="big")
    node.id = 3
    answer = from_node(Shelf, node)
    assert {"id": "3", "name": "big", "sourceId": "7"}.items() <= answer.items()


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("shelfId = 3", 'contexts_f0.type = "catalog.Shelf" AND contexts_f0.id = 3'),
        (
            "sourceId = 7",
            (
                'contexts_f0.type = "catalog.Shelf" AND '
                '(contexts_f0.name LIKE "7:%" OR contexts_f0.name LIKE "0%7:%" OR contexts_f0.name LIKE "+%7:%")'
            ),
        ),
        ('name = "loss"', '(name LIKE "%:loss%" OR name LIKE "loss%")'),
    ],
)
def test_markers_say_what_mlmd_can_filter(text: str, query: str) -> None:
    assert wide(text, Score) == query


def test_a_condition_on_several_shelves_holds_for_any_of_them() -> None:
    parsed = parse_filter("shelfId = 3", (Score,))
    assert parsed
    rows: list[dict[str, Any]] = [{"shelfId": ["2", "3"]}, {"shelfId": ["2"]}, {}]
    assert [parsed.matches(row) for row in rows] == [True, False, False]


def test_prefixes_of_rows_are_refused_in_the_lists_of_their_contexts_with_what_to_ask_instead() -> None:
    with pytest.raises(
        FilterError, match="is no property of a shelf: list artifacts with artifactType=score and filterQuery="
    ):
        parse_filter("metrics.loss > 1", (Shelf,))
    with pytest.raises(FilterError, match='is a row of its own here: write name = "loss" AND value'):
        parse_filter("metrics.loss > 1", (Score,))
    assert parse_filter("metrics.loss > 1", (Source,))


def test_a_field_may_be_true_or_false() -> None:
    parsed = parse_filter("isChecked = true", (Source,))
    assert parsed
    rows: list[dict[str, Any]] = [{"isChecked": True}, {"isChecked": False}, {}]
    assert [parsed.test(row) for row in rows] == [True, False, None]
    for text in ("isChecked = 'true'", "isChecked = 1", "isChecked > true", "isChecked LIKE 't%'"):
        with pytest.raises(FilterError, match=r"isChecked .*is true or false|compared with = or != only"):
            parse_filter(text, (Source,))
