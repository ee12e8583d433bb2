"""A form of a page as a browser without JavaScript handles it: what is in it, what is typed, and what is sent."""

from html.parser import HTMLParser
from typing import Any

import httpx


class HtmlForm(HTMLParser):
    """The forms of a page that are sent by POST, as one list of fields each. `pairs` are those of the chosen one."""

    def __init__(self, text: str, at: int = 0) -> None:
        super().__init__()
        self.forms: list[list[tuple[str, str]]] = []
        self.actions: list[str] = []
        self.buttons: list[tuple[str, str]] = []
        self._is_inside = False
        self._area: list[str] | None = None
        self._name = ""
        self._select: str | None = None
        self._options: list[tuple[str, bool]] = []
        self._option: tuple[str | None, bool] | None = None
        self._words = ""
        self.feed(text)
        self.pairs = self.forms[at] if self.forms else []
        self.action = self.actions[at] if self.actions else ""

    def values(self, name: str) -> list[str]:
        """The values of the fields of this name."""
        return [value for field, value in self.pairs if field == name]

    def fill(self, name: str, value: str, at: int = 0) -> "HtmlForm":
        """Types a value into a field; `at` counts fields of the same name. Radio buttons that are not chosen are added."""
        places = [index for index, (field, _) in enumerate(self.pairs) if field == name]
        if places:
            self.pairs[places[at]] = (name, value)
        else:
            self.pairs.append((name, value))
        return self

    async def send(self, client: httpx.AsyncClient, do: str = "", **headers: str) -> httpx.Response:
        """Sends the form, by the button with this value."""
        body = httpx.QueryParams([*self.pairs, *([("do", do)] if do else [])])
        sent: dict[str, Any] = {"content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin"}
        return await client.post(self.action, content=str(body), headers={**sent, **headers})

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes a form or a field."""
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._is_inside = given.get("method") == "post"
            if self._is_inside:
                self.forms.append([])
                self.actions.append(given["action"])
        elif not self._is_inside:
            return
        elif tag == "input" and given.get("type") in {"radio", "checkbox"}:
            if "checked" in given:
                self.forms[-1].append((given["name"], given.get("value", "on")))
        elif tag == "input":
            value = given.get("value", "")
            kept = value if given.get("type") == "hidden" else value.replace("\n", "").replace("\r", "")
            self.forms[-1].append((given["name"], kept))
        elif tag == "textarea":
            self._area, self._name = [], given["name"]
        elif tag == "select":
            self._select, self._options = given["name"], []
        elif tag == "option":
            self._option, self._words = (given.get("value"), "selected" in given), ""
        elif tag == "button" and "name" in given:
            self.buttons.append((given["name"], given.get("value", "")))

    def handle_data(self, data: str) -> None:
        """Notes a text."""
        if self._area is not None:
            self._area.append(data)
        elif self._option is not None:
            self._words += data

    def handle_endtag(self, tag: str) -> None:
        """Notes the end of a form or a field."""
        if tag == "form":
            self._is_inside = False
        elif tag == "textarea" and self._area is not None:
            text = "".join(self._area).replace("\r\n", "\n").replace("\r", "\n").removeprefix("\n")
            self.forms[-1].append((self._name, text.replace("\n", "\r\n")))
            self._area = None
        elif tag == "option" and self._option is not None:
            value, is_selected = self._option
            self._options.append((self._words if value is None else value, is_selected))
            self._option = None
        elif tag == "select" and self._select is not None:
            chosen = [value for value, is_selected in self._options if is_selected] or [self._options[0][0]]
            self.forms[-1].append((self._select, chosen[-1]))
            self._select = None
