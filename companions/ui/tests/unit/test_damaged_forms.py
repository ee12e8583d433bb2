"""A form that no browser sends is refused in words, and has a largest size."""

import json

import pytest
from model_registry_ui.forms.sent import MOST_ROWS, Sent
from starlette.exceptions import HTTPException

from companions.ui.tests.fake_backend import FakeBackend, browsing

SAME = {"sec-fetch-site": "same-origin"}
ROW = [("property-name", "a"), ("property-kind", "text"), ("property-value", "b")]


def test_a_form_has_a_largest_number_of_rows() -> None:
    assert len(Sent(ROW * MOST_ROWS).rows()) == MOST_ROWS
    assert len(Sent([*ROW * (MOST_ROWS + 1), ("do", "add-row")]).rows()) == MOST_ROWS + 1
    with pytest.raises(HTTPException, match="at most 1000 properties"):
        Sent(ROW * (MOST_ROWS + 2)).rows()


@pytest.mark.parametrize("number", ["9" * 5000, "٣", "", "-1", "99"])
def test_a_row_that_does_not_exist_is_not_removed(number: str) -> None:
    assert len(Sent([*ROW, ("do", f"remove-row-{number}")]).rows()) == 1


@pytest.mark.parametrize(
    "field",
    [
        {"_opened": json.dumps({"customProperties": 5})},
        {"_opened": json.dumps({"customProperties": ["a"]})},
        {"_opened": json.dumps({"customProperties": {"a": 5}})},
        {"_opened": "[" * 100_000},
        {"do": "merge", "_mark": '"1"', "_theirs": json.dumps({"customProperties": "x"})},
        {"do": "merge", "_mark": '"1"', "_mine": json.dumps({"customProperties": [1]})},
    ],
    ids=lambda field: str(field)[:60],
)
async def test_damaged_hidden_fields_are_refused(field: dict[str, str]) -> None:
    backend = FakeBackend()
    backend.add("registered_models", name="resnet")
    async with browsing(backend, **SAME) as client:
        answer = await client.post("/ui/models/1/properties", data=field)
    assert answer.status_code == 400
    assert "is damaged" in answer.text


@pytest.mark.parametrize("value", ['"\\ud800"', "9" * 30])
async def test_an_undo_with_a_value_that_cannot_be_sent_is_refused(value: str) -> None:
    backend = FakeBackend()
    backend.add("registered_models", name="resnet")
    async with browsing(backend, **SAME) as client:
        form = {"_mark": '"1"', "_fields": f'{{"description": {value}}}'}
        answer = await client.post("/ui/models/1/undo", data=form)
    assert answer.status_code == 400


async def test_an_id_of_many_digits_selects_nothing() -> None:
    async with browsing(FakeBackend()) as client:
        answer = await client.get(f"/ui/models/change?do=archive&id={'1' * 8000}")
    assert answer.status_code == 200
    assert "No models selected" in answer.text
