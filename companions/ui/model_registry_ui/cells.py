"""Values of cells and facts that are more than a text: links, labels, texts to copy. `templates/parts/cells.html` shows them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from model_registry_client.custom_properties import OpaqueValue

from model_registry_ui import links
from model_registry_ui.page_request import PageRequest
from model_registry_ui.properties import is_set_by_tools
from model_registry_ui.query import ALL


@dataclass(frozen=True, slots=True)
class Link:
    """A link to a page of the UI; without a URL it is a text. `note` stands behind it."""

    words: str
    url: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Named:
    """The name of a row with its address and description. `badge` stands next to the name."""

    name: str
    url: str
    description: str = ""
    badge: str = ""


@dataclass(frozen=True, slots=True)
class Outside:
    """An address outside the UI. Only http and https become links; every other one is a text to copy."""

    words: str
    address: str = ""

    @property
    def is_link(self) -> bool:
        """Whether a click on it is safe."""
        return links.address(self.url) is not None

    @property
    def url(self) -> str:
        """The address."""
        return self.address or self.words


def labels_of(properties: Mapping[str, Any]) -> list[str]:
    """Returns the labels among custom properties: those whose value is an empty text."""
    return sorted(name for name, value in properties.items() if value == "" and not is_set_by_tools(name))


@dataclass(frozen=True, slots=True)
class Property:
    """A custom property: its name, the kind of its value in words, and the value."""

    name: str
    kind: str
    value: Any


MOST_PROPERTIES = 500
"""Custom properties that a page shows first."""


@dataclass(frozen=True, slots=True)
class PropertyTable:
    """Custom properties as a page shows them.

    Attributes:
        rows: Those that are shown.
        count: How many there are.
        all_url: The address that shows all; empty if these are all.
    """

    rows: Sequence[Property]
    count: int
    all_url: str = ""

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self.rows)


KINDS: Sequence[tuple[type, str]] = (
    (bool, "yes or no"),
    (str, "text"),
    (int, "whole number"),
    (float, "decimal"),
    (dict, "JSON"),
    (OpaqueValue, "of a kind that this release does not know"),
)
"""The kinds of values in words. The first that fits counts, since a bool of Python is an int too."""


def properties_of(page: PageRequest, properties: Mapping[str, Any], *, of_tools: bool = False) -> PropertyTable:
    """Returns the custom properties that are no labels, sorted by name: those of users, or those of other tools.

    They are at most `MOST_PROPERTIES`, unless the address of the page has `properties=all`.
    """
    names = sorted(name for name, value in properties.items() if value != "" and is_set_by_tools(name) is of_tools)
    is_part = len(names) > MOST_PROPERTIES and page.parameter("properties") != ALL
    rows = [
        Property(name, next(words for kind, words in KINDS if isinstance(properties[name], kind)), properties[name])
        for name in (names[:MOST_PROPERTIES] if is_part else names)
    ]
    return PropertyTable(rows, len(names), page.here_with("properties", ALL) if is_part else "")
