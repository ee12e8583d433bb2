"""Comparisons: what differs, by how much, and where in long texts."""

import pytest
from model_registry_ui.experiments.comparison import (
    MOST_LINE_BY_LINE,
    MOST_ROWS,
    Content,
    as_markdown,
    as_rows,
    chosen_ids,
    line_by_line,
    only_differing,
    part,
    reordered,
    row,
    section,
)
from model_registry_ui.experiments.contents import of_property


def test_numbers_show_their_difference_to_the_base() -> None:
    found = row("loss", [Content("0.5", 0.5), Content("0.25", 0.25), Content("0.50", 0.5), None])
    assert [cell.difference for cell in found.cells] == ["", "-0.25", "", ""]
    assert [cell.differs for cell in found.cells] == [False, True, False, True]


def test_only_rows_that_differ_can_be_shown() -> None:
    sections = [
        section("A", [{"x": Content("1"), "y": Content("1")}, {"x": Content("1"), "y": Content("2")}]),
        section("B", [{"z": Content("1")}, {"z": Content("1")}]),
    ]
    assert [(one.title, [each.title for each in one.rows]) for one in only_differing(sections)] == [("A", ["y"])]


def test_long_texts_are_compared_line_by_line() -> None:
    found = line_by_line([Content("one\ntwo"), Content("one\n2"), Content("one\ntwo")])
    assert [line for line in found if line[:1] in "+-"] == ["--- 1", "+++ 2", "-two", "+2"]
    assert line_by_line([Content("one\ntwo"), Content("one\ntwo")]) == []
    assert line_by_line([Content("a"), Content("b")]) == []


def test_a_page_has_a_part_of_many_rows_and_few_texts_line_by_line() -> None:
    texts = [{f"P{n}": Content(f"one\n{n} {entity}") for n in range(1000)} for entity in "ab"]
    found = part([section("A", [{"x": Content("1")}] * 2), section("B", texts)])
    assert (found.shown, found.count) == (MOST_ROWS, 1001)
    assert sum(bool(each.lines) for one in found.sections for each in one.rows) == MOST_LINE_BY_LINE


def test_rows_are_found_by_a_part_of_their_names() -> None:
    sections = [section("A", [{"x": Content("1")}] * 2), section("B", [{"Px1": Content("1"), "y": Content("1")}] * 2)]
    found = part(sections, "pX")
    assert [(one.title, [each.title for each in one.rows]) for one in found.sections] == [("B", ["Px1"])]
    assert (found.shown, found.count) == (1, 1)


def test_rows_keep_a_given_order_and_leave_out_what_no_one_has() -> None:
    found = section("Facts", [{"b": Content("1")}, {"a": Content("1")}], ["b", "c", "a"])
    assert [one.title for one in found.rows] == ["b", "a"]


@pytest.mark.parametrize(
    ("to", "expected"), [(0, ["c", "a", "b"]), (1, ["a", "c", "b"]), (9, ["a", "b", "c"]), (-1, ["c", "a", "b"])]
)
def test_an_entity_moves_to_a_position(to: int, expected: list[str]) -> None:
    assert reordered(["a", "b", "c"], "c", to) == expected


def test_ids_are_whole_numbers_and_each_counts_once() -> None:
    assert chosen_ids(["3", "x", "3", "-1", "2", "٣", ""]) == ["3", "2"]


def test_markdown_shows_every_text_as_it_is() -> None:
    sections = [section("A|b", [{"x_y": Content("`a`\n<b>")}, {}])]
    assert as_markdown(["v|1", "v2"], sections).splitlines() == [
        "|  | v\\|1 | v2 |",
        "| --- | --- | --- |",
        "| **A\\|b** |  |  |",
        "| x\\_y | \\`a\\` \\<b\\> |  |",
    ]


def test_a_file_has_numbers_as_numbers() -> None:
    assert as_rows([section("A", [{"x": Content("0.50", 0.5)}, {}])]) == [["A", "x", 0.5, ""]]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, Content("yes")),
        (2**53 + 1, Content("9007199254740993")),
        (3, Content("3", 3.0)),
        (0.1, Content("0.1", 0.1)),
        ("", Content("label")),
        ({"b": 1, "a": 2}, Content('{\n  "a": 2,\n  "b": 1\n}')),
    ],
)
def test_properties_are_shown_by_their_kind(value: object, expected: Content) -> None:
    assert of_property(value) == expected
