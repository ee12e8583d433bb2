"""What a form has sent, and the values that travel through it unchanged, as JSON in hidden fields."""

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from starlette.exceptions import HTTPException

from model_registry_ui.forms.fields import FormField, plain_lines
from model_registry_ui.properties import PropertyRow, rows_of_form

_BAD_REQUEST = 400
_TOO_LARGE = 413
ADD_ROW, REMOVE_ROW = "add-row", "remove-row-"
MOST_PACKED, MOST_PARTS = 2**20, 100_000
"""Characters of a hidden field, and brackets and commas in it. An entity with more is changed by the API."""
MOST_ROWS = 1000
"""Custom properties of a form. Those of an entity with more are changed by the API."""
_ROW = re.compile(r"remove-row-([0-9]{1,4})", re.ASCII)


class Sent:
    """The fields of a form in their order."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self.pairs = list(pairs)
        self._last = dict(self.pairs)

    def text(self, name: str) -> str:
        """Returns the value of a field; an empty text if it was not sent."""
        return self._last.get(name, "")

    def all(self, name: str) -> list[str]:
        """Returns all values of a field."""
        return [value for sent, value in self.pairs if sent == name]

    def object(self, name: str) -> dict[str, Any]:
        """Returns the JSON object of a hidden field; raises `HTTPException` if it is none."""
        text = self.text(name) or "{}"
        try:
            found = unpacked(text)
            orjson.loads(text)  # refuses too many levels and half characters; it would round large numbers
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict) or not _has_properties(found.get("customProperties")):
            raise HTTPException(_BAD_REQUEST, f"The field {name} of the form is damaged. Open the form again.")
        return found

    def typed(self, fields: Sequence[FormField]) -> dict[str, str]:
        """Returns the texts of fields by their names in the form."""
        return {field.id: self.text(field.id) for field in fields}

    def rows(self, opened: Iterable[str] = (), prefix: str = "property") -> tuple[PropertyRow, ...]:
        """Returns the rows of custom properties, without one whose button Remove was pressed, with one more after Add.

        A browser changes line ends, so names of `opened` get their own ones back. Raises `HTTPException` for too many rows.
        """
        names = {plain_lines(name): name for name in opened}
        rows = [
            PropertyRow(names.get(plain_lines(row.name), plain_lines(row.name)), row.kind, row.value)
            for row in rows_of_form(self.pairs, prefix)
        ]
        if len(rows) > MOST_ROWS + 1:  # a form of so many ends with an empty row
            raise HTTPException(_TOO_LARGE, f"A form has at most {MOST_ROWS} properties. Use the API for more.")
        action = self.text("do")
        if action == ADD_ROW and len(rows) <= MOST_ROWS:
            return (*rows, PropertyRow())
        if removed := _ROW.fullmatch(action):
            return tuple(row for index, row in enumerate(rows) if index != int(removed[1]))
        return tuple(rows)

    @property
    def changes_rows(self) -> bool:
        """Whether a button was pressed that only adds or removes a row."""
        action = self.text("do")
        return action == ADD_ROW or action.startswith(REMOVE_ROW)


def _has_properties(value: Any) -> bool:
    """Whether a value can be the custom properties of an entity: an object of objects, or none."""
    return value is None or (isinstance(value, dict) and all(isinstance(one, dict) for one in value.values()))


def is_too_much(text: str) -> bool:
    """Returns whether a JSON text is too large for a hidden field: reading it would hold up all other requests."""
    return len(text) > MOST_PACKED or sum(map(text.count, "[{,")) > MOST_PARTS


def unpacked(text: str) -> Any:
    """Returns the value of a hidden field; raises `ValueError` and `RecursionError` if it is damaged or too large."""
    if is_too_much(text):
        raise ValueError
    return json.loads(text)


def packed(value: Any) -> str:
    """Returns a value as JSON for a hidden field, in ASCII, so that browsers change nothing of it."""
    return json.dumps(value)
