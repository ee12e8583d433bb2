"""What a form has sent, and the values that travel through it unchanged, as JSON in hidden fields."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from starlette.exceptions import HTTPException

from model_registry_ui.forms.fields import FormField, plain_lines
from model_registry_ui.properties import PropertyRow, rows_of_form

_BAD_REQUEST = 400
ADD_ROW, REMOVE_ROW = "add-row", "remove-row-"


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
        try:
            found = json.loads(self.text(name) or "{}")
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise HTTPException(_BAD_REQUEST, f"The field {name} of the form is damaged. Open the form again.")
        return found

    def typed(self, fields: Sequence[FormField]) -> dict[str, str]:
        """Returns the texts of fields by their names in the form."""
        return {field.id: self.text(field.id) for field in fields}

    def rows(self, opened: Iterable[str] = (), prefix: str = "property") -> tuple[PropertyRow, ...]:
        """Returns the rows of custom properties, without one whose button Remove was pressed, with one more after Add.

        A browser changes line ends, so names of `opened` get their own ones back.
        """
        names = {plain_lines(name): name for name in opened}
        rows = [
            PropertyRow(names.get(plain_lines(row.name), plain_lines(row.name)), row.kind, row.value)
            for row in rows_of_form(self.pairs, prefix)
        ]
        action = self.text("do")
        if action == ADD_ROW:
            return (*rows, PropertyRow())
        if action.startswith(REMOVE_ROW) and action.removeprefix(REMOVE_ROW).isdecimal():
            at = int(action.removeprefix(REMOVE_ROW))
            return tuple(row for index, row in enumerate(rows) if index != at)
        return tuple(rows)

    @property
    def changes_rows(self) -> bool:
        """Whether a button was pressed that only adds or removes a row."""
        action = self.text("do")
        return action == ADD_ROW or action.startswith(REMOVE_ROW)


def packed(value: Any) -> str:
    """Returns a value as JSON for a hidden field, in ASCII, so that browsers change nothing of it."""
    return json.dumps(value)
