"""A list as the template shows it: headings, rows, chips of filters and links, all made before the template runs."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeGuard
from urllib.parse import urlencode

from model_registry_ui.carets import caret_below
from model_registry_ui.filters import from_query
from model_registry_ui.lists.declaration import Column, ListDeclaration
from model_registry_ui.lists.loading import Loaded
from model_registry_ui.page_request import PageRequest
from model_registry_ui.query import PAGE_SIZES, ListQuery, Preset

_MOST_NUMBERS = 4
_BEFORE_NUMBERS = ("name", "state")
MOST_CHOICES = 100
"""Names of custom properties that the choice of columns offers."""
_HIDDEN_IN_FORM = ("sort", "size", "cols")


@dataclass(frozen=True, slots=True)
class Heading:
    """The heading of a column. `url` sorts by it; `direction` is the value of aria-sort."""

    column: Column
    url: str = ""
    direction: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """A value and the column that it stands in. `mark` says that it is the largest or smallest one of the page: `max`, `min`."""

    column: Column
    value: Any
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A row. `url` is the address of its page."""

    entity: Any
    url: str
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in words, and the address without it."""

    words: str
    url: str


@dataclass(frozen=True, slots=True)
class Problem:
    """A refused query.

    Attributes:
        message: The server's words.
        caret: A line with a caret, which stands below the query, where the server names a column of it.
        shown: The query whose rows are shown instead; empty if they have no filter, `None` if only a part of the query is left out.
    """

    message: str
    caret: str = ""
    shown: str | None = None


@dataclass(frozen=True, slots=True)
class Choices:
    """The columns that can be chosen, each with whether it is shown. `left_out` counts the properties that are not offered."""

    columns: Sequence[tuple[Column, bool]]
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class ListView:
    """Everything that `parts/list.html` shows."""

    declared: ListDeclaration
    url: str
    query: ListQuery
    filter_query: str
    headings: Sequence[Heading]
    rows: Sequence[Row]
    chips: Sequence[Chip]
    hidden: Sequence[tuple[str, str]]
    choices: Choices
    sizes: Sequence[tuple[int, str]]
    summary: str
    all_url: str
    archived_url: str
    own: Mapping[str, str]
    former: str
    columns_url: str
    next_url: str = ""
    first_url: str = ""
    later_url: str = ""
    fields_url: str = ""
    suggestions_url: str = ""
    csv_url: str = ""
    problem: Problem | None = None
    is_unsorted: bool = False
    is_filtered: bool = False
    names: Mapping[str, str] = field(default_factory=dict)


def view(page: PageRequest, declared: ListDeclaration, loaded: Loaded, name: str = "") -> ListView:
    """Returns the view of a loaded list.

    Args:
        page: The request.
        declared: The list.
        loaded: What was loaded for it.
        name: What the summary counts; by default the plural of the declaration.
    """
    query, preset = loaded.query, loaded.preset
    shown = loaded.instead or query
    url = page.here.partition("?")[0]

    def to(changed: ListQuery, own: Mapping[str, str] = loaded.own, preset: Preset = preset) -> str:
        written = "&".join(filter(None, (urlencode(own), changed.to_url(preset))))
        return f"{url}?{written}" if written else url

    columns = columns_of(declared, query)
    if declared.has_numbers and query.columns == preset.columns and not preset.are_columns_kept:
        columns = _with_numbers(columns, loaded.items)
    chips = [
        *_own_chips(declared, loaded, to),
        *(
            Chip(words, to(query.changed(filters=left)))
            for words, left in query.filters.removals(loaded.names)
            if not (left.state != query.filters.state == preset.state)
        ),
    ]
    simple = from_query(query.raw) if query.raw else None
    return ListView(
        declared=declared,
        url=url,
        query=query,
        filter_query=query.filter_query(),
        headings=[_heading(column, query, to(query.sorted_by(column.key))) for column in columns],
        rows=_rows(page, declared, columns, loaded),
        chips=[Chip("the query below", to(query.changed(raw="")))] if query.raw else chips,
        hidden=[pair for pair in query.pairs(preset) if pair[0] in _HIDDEN_IN_FORM],
        own=loaded.own,
        choices=_choices(declared, columns, loaded.items),
        sizes=[(size, to(query.changed(page_size=size))) for size in PAGE_SIZES],
        summary=_summary(loaded, declared, name),
        columns_url=to(query.changed(columns=()), preset=replace(preset, columns=(), are_columns_kept=False)),
        all_url=f"{url}?state=all" if preset.state else url,
        archived_url=to(query.changed(filters=replace(query.filters, state=""))),
        former=shown.filter_query(),
        next_url=to(shown.changed(after=loaded.next_place)) if loaded.next_place else "",
        first_url=to(query.changed()) if query.after else "",
        later_url=f"{page.here}{'&' if '?' in page.here else '?'}later=1" if loaded.is_partial else "",
        fields_url=to(query.changed(raw="", filters=simple)) if simple else "",
        suggestions_url=loaded.suggestions_url,
        csv_url=_csv(page, declared, to(shown.changed()).partition("?")[2]),
        problem=_problem(loaded, query),
        is_unsorted=loaded.is_unsorted,
        names=loaded.names,
        is_filtered=bool(
            any(one.name in loaded.own for one in declared.own_choices)
            or query.raw
            or query.filters != ListQuery.from_url((), preset).filters
        ),
    )


def _csv(page: PageRequest, declared: ListDeclaration, query: str) -> str:
    """The address of the list as a file; empty if it has none."""
    url = page.url(declared.csv_page, page.request.path_params.get("id", ""))
    return f"{url}?{query}" if url and query else url


def _own_chips(declared: ListDeclaration, loaded: Loaded, to: Callable[..., str]) -> Iterator[Chip]:
    for choice in declared.own_choices:
        if value := loaded.own.get(choice.name):
            words = dict(choice.values)[value]
            left = {name: kept for name, kept in loaded.own.items() if name != choice.name}
            yield Chip(f"{choice.title.lower()}: {words.lower()}", to(loaded.query.changed(), left))


def columns_of(declared: ListDeclaration, query: ListQuery) -> list[Column]:
    """Returns the columns to show. The first one is always there; a name that no column has is a custom property."""
    known = {column.key: column for column in declared.columns}
    first = declared.columns[0]
    chosen = [known.get(key) or _of_property(key) for key in query.columns if key != first.key]
    return [first, *chosen]


def _of_property(name: str) -> Column:
    def value(entity: Any, _: Mapping[str, Any]) -> Any:
        return entity.custom_properties.get(name)

    return Column(name, name, "property", value, is_sortable=True)


def _heading(column: Column, query: ListQuery, url: str) -> Heading:
    if not column.is_sortable:
        return Heading(column)
    direction = ""
    if query.sort.key == column.key:
        direction = "descending" if query.sort.is_descending else "ascending"
    return Heading(column, url, direction)


def _rows(page: PageRequest, declared: ListDeclaration, columns: Sequence[Column], loaded: Loaded) -> list[Row]:
    shown = [[column.value(entity, loaded.related) for entity in loaded.items] for column in columns]
    marked = [
        _marks(values) if column.is_number else [""] * len(values)
        for column, values in zip(columns, shown, strict=True)
    ]
    return [
        Row(
            entity,
            page.url(declared.row_page, entity.id),
            [Cell(column, shown[at][row], marked[at][row]) for at, column in enumerate(columns)],
        )
        for row, entity in enumerate(loaded.items)
    ]


def _marks(values: Sequence[Any]) -> list[str]:
    """The marks of a column of numbers: none where all are equal."""
    numbers = [value for value in values if is_number(value)]
    if not numbers or min(numbers) == max(numbers):
        return [""] * len(values)
    words = {min(numbers): "min", max(numbers): "max"}
    return [words.get(value, "") if is_number(value) else "" for value in values]


def is_number(value: Any) -> TypeGuard[int | float]:
    """Returns whether a value is a number; yes and no are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _with_numbers(columns: Sequence[Column], items: Sequence[Any]) -> list[Column]:
    """The columns, and behind name and state those of the numeric properties that at least half of the rows have.

    They are the most frequent ones. They stand before people and times, since numbers are what versions are compared by.
    """
    shown = {column.key for column in columns}
    counted = Counter(name for item in items for name, value in item.custom_properties.items() if is_number(value))
    frequent = [name for name, count in counted.most_common() if count * 2 >= len(items) and name not in shown]
    numbers = [replace(_of_property(name), is_number=True) for name in sorted(frequent[:_MOST_NUMBERS])]
    first = sum(column.key in _BEFORE_NUMBERS for column in columns)
    return [*columns[:first], *numbers, *columns[first:]]


def _choices(declared: ListDeclaration, columns: Sequence[Column], items: Sequence[Any]) -> Choices:
    """The columns that can be chosen: those that are declared, then the custom properties that are shown or that the rows have."""
    shown = {column.key for column in columns}
    choices = [(column, column.key in shown) for column in declared.columns[1:]]
    if not declared.has_properties:
        return Choices(choices)
    known = {column.key for column in declared.columns}
    chosen = shown - known
    others = {name for item in items for name, value in item.custom_properties.items() if value != ""} - known - chosen
    offered = sorted(others)[: max(MOST_CHOICES - len(chosen), 0)]
    choices += [(_of_property(name), name in chosen) for name in sorted({*chosen, *offered})]
    return Choices(choices, len(others) - len(offered))


def _summary(loaded: Loaded, declared: ListDeclaration, name: str) -> str:
    many = name or (declared.one if len(loaded.items) == 1 else declared.many)
    more = ", more follow" if loaded.next_place else ""
    return f"{len(loaded.items)} {many} shown{more}"


def _problem(loaded: Loaded, query: ListQuery) -> Problem | None:
    if not loaded.problem:
        return None
    caret = caret_below(query.filter_query(), loaded.problem)
    return Problem(loaded.problem, caret, loaded.instead.filter_query() if loaded.instead else None)
