"""CSV: every value exactly, no formulas, and rows in pieces."""

import csv
import io
import json
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from model_registry_client.states import RegisteredModelState
from model_registry_ui import csv_export
from model_registry_ui.csv_export import cell, disposition, lines


async def pages(*rows: Sequence[Sequence[Any]]) -> AsyncIterator[Sequence[Sequence[Any]]]:
    for page in rows:
        yield page


async def written(*rows: Sequence[Sequence[Any]]) -> str:
    return b"".join([piece async for piece in lines(["Name", "=Value"], pages(*rows))]).decode()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, ""),
        (True, "true"),
        (-5, "-5"),
        (9007199254740993, "9007199254740993"),
        (0.1, "0.1"),
        (-1e-300, "-1e-300"),
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@x", "'@x"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        ("a=b", "a=b"),
        (RegisteredModelState.LIVE, "LIVE"),
        (datetime(2026, 11, 27, 22, 31, tzinfo=timezone(timedelta(hours=1))), "2026-11-27T21:31:00.000Z"),
        ({"a": "é"}, '{"a": "é"}'),
        (["a", "b"], '["a", "b"]'),
    ],
)
def test_a_value_is_written_exactly_and_never_as_a_formula(value: Any, expected: str) -> None:
    assert cell(value) == expected


@given(
    st.lists(
        st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), min_size=2, max_size=2),
        max_size=4,
    )
)
async def test_texts_come_back_from_the_file(rows: list[list[str]]) -> None:
    read = list(csv.reader(io.StringIO(await written(rows[:2], rows[2:]), newline="")))
    assert read[0] == ["Name", "'=Value"]
    assert [
        [text.removeprefix("'") if text[1:2] and text[1] in "=+-@\t\r" else text for text in row] for row in read[1:]
    ] == rows


async def test_an_export_ends_at_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_export, "MOST_ROWS", 3)
    assert len((await written([["a", 1], ["b", 2]], [["c", 3], ["d", 4]], [["e", 5]])).splitlines()) == 4


async def test_a_list_without_rows_has_its_titles() -> None:
    assert await written([]) == "Name,'=Value\r\n"


@pytest.mark.parametrize(
    ("name", "expected"), [("models", "models"), ('a"; x=\r\n', "a---x---"), ("", "list"), ("é", "-")]
)
def test_the_name_of_the_file_is_safe_in_a_header(name: str, expected: str) -> None:
    assert disposition(name) == f'attachment; filename="{expected}.csv"'


def test_objects_are_json() -> None:
    assert json.loads(cell({"when": datetime(2026, 1, 1, tzinfo=UTC)})) == {"when": "2026-01-01 00:00:00+00:00"}
