"""What a list is: its columns, its filters and its words. A page of a list is one such value and a route."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from model_registry_client.entity import Entity

from model_registry_ui.page_request import PageRequest
from model_registry_ui.query import Preset

Related = Mapping[str, Any]
"""What the rows of a page need in addition to themselves, such as the names of their models by id."""
Value = Callable[[Any, Related], Any]
"""Gets an entity and what is related; returns what a cell shows."""
Load = Callable[[PageRequest, Sequence[Any]], Awaitable[Related]]
Keeps = Callable[[Any, Related, Mapping[str, str]], bool]
"""Gets an entity, what is related, and the values of the filters by name; returns whether the row is shown."""


SUGGESTED_FIELDS: Mapping[str, str] = {"owner": "owner", "author": "author", "task": "tasks"}
"""Filters whose values are those of a field of the entities, and this field."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column.

    Attributes:
        key: Its name in the URL.
        title: Its heading.
        cell: The macro of `parts/cells.html` that shows a value.
        value: Reads the value from an entity.
        is_sortable: Whether the list can be sorted by it.
        is_number: Whether its values are numbers, which stand at the right.
        is_preset: Whether it is shown unless the user chooses the columns.
        is_on_narrow: Whether it stays on a narrow screen.
    """

    key: str
    title: str
    cell: str
    value: Value
    is_sortable: bool = False
    is_number: bool = False
    is_preset: bool = True
    is_on_narrow: bool = True


@dataclass(frozen=True, slots=True)
class Choice:
    """A filter with a few values: pairs of a value and its words. `all` is the value for no filter."""

    name: str
    title: str
    values: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Field:
    """A filter that is typed. `kind` is the type of the input, `hint` an example."""

    name: str
    title: str
    hint: str = ""
    kind: str = "text"

    @property
    def is_suggested(self) -> bool:
        """Whether the values that the rows have can be suggested."""
        return self.name in SUGGESTED_FIELDS or self.name in ("label", "environment", "model")


LABEL_OPERATIONS: Sequence[tuple[str, str]] = (("add-label", "Add a label"), ("remove-label", "Remove a label"))
STATES = Choice("state", "State", (("LIVE", "Live"), ("ARCHIVED", "Archived"), ("all", "All")))


@dataclass(frozen=True, slots=True)
class ListDeclaration:
    """A list.

    Attributes:
        kind: The class of its entities.
        one: What one row is, in words.
        many: What several rows are.
        row_page: The name of the page of one row.
        csv_page: The name of the page that is the list as a file; empty without one.
        name: What its columns are kept under, where that is not `many`.
        columns: All columns; the first one is the name.
        choices: Filters with a few values.
        fields: Filters that are typed, apart from text, which every list has.
        parameters: Filters with a few values that the API takes as parameters of their own, such as `artifactType`.
        on_page: Filters with a few values that the UI applies to the rows of a page, after they were loaded.
        keeps: Decides the rows for `on_page`.
        kept: Parameters of the address that the links and forms of the page keep, such as those of a chart. They choose no rows.
        compare_page: The name of the page that compares chosen rows; empty if rows cannot be compared.
        bulk_page: The name of the page that changes chosen rows; empty if rows cannot be changed together.
        operations: What that page does: the name of each operation, and its words.
        has_numbers: Whether numeric properties that most rows have become columns by themselves.
        has_properties: Whether custom properties can be filters and columns.
        preset: What is shown when the URL says nothing.
        related: Loads what the rows need in addition; `None` if they need nothing.
        later: Says whether the rows of this page lack what takes long; then the page loads them again with `later=1`.
        empty: The template that says how to begin, for a registry that has none of these.
        about: What one of these is, in a sentence for those who have none yet.
    """

    kind: type[Entity]
    one: str
    many: str
    row_page: str
    columns: Sequence[Column]
    choices: Sequence[Choice] = ()
    fields: Sequence[Field] = ()
    parameters: Sequence[Choice] = ()
    on_page: Sequence[Choice] = ()
    keeps: Keeps | None = None
    kept: Sequence[str] = ()
    compare_page: str = ""
    bulk_page: str = ""
    operations: Sequence[tuple[str, str]] = (("archive", "Archive"), ("restore", "Restore"), *LABEL_OPERATIONS)
    has_numbers: bool = False
    has_properties: bool = True
    preset: Preset = field(default_factory=Preset)
    related: Load | None = None
    later: Callable[[PageRequest], Awaitable[bool]] | None = None
    empty: str = "parts/empty.html"
    about: str = ""
    csv_page: str = ""
    name: str = ""

    @property
    def kept_as(self) -> str:
        """The name under which the columns that a user has chosen are kept."""
        return self.name or self.many

    @property
    def own_choices(self) -> Sequence[Choice]:
        """The filters that only this list has."""
        return (*self.parameters, *self.on_page)
