"""Compares entities side by side: rows of cells, which of them differ, and by how much numbers differ from the first one."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

MOST, LEAST = 10, 2
MOST_ROWS_WITHOUT_CHOICE = 12
"""With more rows only those that differ are shown, unless the user chooses."""
MOST_ROWS_WITHOUT_FILTER = 40
"""With more rows they can be filtered by their names."""
MOST_ROWS, MOST_LINE_BY_LINE = 500, 50
"""Rows that a page shows at once, and those of them whose long texts are compared line by line."""
_LONG = 120
_MOST_DIFFERENCE = 400


@dataclass(frozen=True, slots=True)
class Content:
    """What a cell holds: its text, the number that it is (if it is one), and the address of a page (may be empty).

    A state is a word of the API, such as LIVE. Pages show it as they show states elsewhere.
    """

    text: str = ""
    number: float | None = None
    url: str = ""
    is_state: bool = False

    @property
    def words(self) -> str:
        """The text for people."""
        return self.text.replace("_", " ").capitalize() if self.is_state else self.text


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of the comparison.

    Attributes:
        content: What it holds; `None` if the entity does not have it.
        differs: Whether it differs from the first entity.
        difference: The difference to the number of the first entity, with its sign; may be empty.
    """

    content: Content | None
    differs: bool = False
    difference: str = ""


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """One row: its title, and a cell for each entity. `lines` are the differences of long texts, line by line."""

    title: str
    cells: Sequence[Cell]
    lines: Sequence[str] = ()

    @property
    def differs(self) -> bool:
        """Whether any entity differs from the first one."""
        return any(cell.differs for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Section:
    """A group of rows with its heading."""

    title: str
    rows: Sequence[ComparedRow]


def row(title: str, contents: Sequence[Content | None]) -> ComparedRow:
    """Returns a row of the comparison; the first entity is the base."""
    base = contents[0] if contents else None
    cells = [Cell(one, _differs(base, one), _difference(base, one)) for one in contents]
    return ComparedRow(title, cells)


def section(title: str, of_entities: Sequence[Mapping[str, Content]], order: Iterable[str] | None = None) -> Section:
    """Returns a section with a row for each name that any entity has: by name, or in the order of `order`."""
    present = {name for one in of_entities for name in one}
    titles = sorted(present) if order is None else [name for name in order if name in present]
    return Section(title, [row(name, [one.get(name) for one in of_entities]) for name in titles])


@dataclass(frozen=True, slots=True)
class Part:
    """The part of a comparison that a page shows: its sections, and how many rows there are, shown or not."""

    sections: Sequence[Section]
    count: int

    @property
    def shown(self) -> int:
        """How many rows are shown."""
        return count_of(self.sections)


def part(sections: Sequence[Section], find: str = "") -> Part:
    """Returns the first 500 rows whose titles hold a text, in upper or lower case, with the differences of long texts."""
    wanted = find.casefold()
    matching = [Section(one.title, [each for each in one.rows if wanted in each.title.casefold()]) for one in sections]
    found, left = [], MOST_ROWS
    for one in matching:
        found.append(Section(one.title, one.rows[:left]))
        left -= len(found[-1].rows)
    return Part(_with_lines(one for one in found if one.rows), count_of(matching))


def count_of(sections: Iterable[Section]) -> int:
    """Returns the number of rows."""
    return sum(len(one.rows) for one in sections)


def only_differing(sections: Iterable[Section]) -> list[Section]:
    """Returns the sections with only the rows that differ; without sections that have none."""
    found = [Section(one.title, [each for each in one.rows if each.differs]) for one in sections]
    return [one for one in found if one.rows]


def reordered(ids: Sequence[str], id_: str, to: int) -> list[str]:
    """Returns the ids with one of them at another position, which is moved into the range."""
    rest = [one for one in ids if one != id_]
    position = min(max(to, 0), len(rest))
    return [*rest[:position], id_, *rest[position:]]


def chosen_ids(given: Iterable[str]) -> list[str]:
    """Returns the ids of a URL, each once and only whole numbers."""
    return list(dict.fromkeys(one for one in given if one.isascii() and one.isdigit()))


def as_markdown(titles: Sequence[str], sections: Iterable[Section]) -> str:
    """Returns the comparison as a table in Markdown."""
    lines = [_markdown_row(["", *titles]), _markdown_row(["---"] * (len(titles) + 1))]
    for one in sections:
        lines.append(_markdown_row([f"**{_escaped(one.title)}**", *[""] * len(titles)], is_escaped=True))
        lines += [
            _markdown_row([each.title, *(cell.content.words if cell.content else "" for cell in each.cells)])
            for each in one.rows
        ]
    return "\n".join(lines) + "\n"


def as_rows(sections: Iterable[Section]) -> list[list[str | float]]:
    """Returns the comparison as the rows of a CSV file: section, name, and a cell for each entity."""
    return [
        [one.title, each.title, *(_plain(cell.content) for cell in each.cells)] for one in sections for each in one.rows
    ]


def _plain(content: Content | None) -> str | float:
    if content is None:
        return ""
    return content.text if content.number is None else content.number


def _differs(base: Content | None, one: Content | None) -> bool:
    if base is None or one is None:
        return base is not one
    if base.number is not None and one.number is not None:
        return base.number != one.number
    return base.text != one.text


def _difference(base: Content | None, one: Content | None) -> str:
    if base is None or one is None or base.number is None or one.number is None or base.number == one.number:
        return ""
    return f"{one.number - base.number:+.6g}"


def _with_lines(sections: Iterable[Section]) -> list[Section]:
    """The sections, in which the first rows with long texts have their differences line by line."""
    found, left = [], MOST_LINE_BY_LINE
    for one in sections:
        rows = []
        for each in one.rows:
            lines = line_by_line([cell.content for cell in each.cells]) if left and each.differs else []
            left -= bool(lines)
            rows.append(replace(each, lines=lines))
        found.append(Section(one.title, rows))
    return found


def line_by_line(contents: Sequence[Content | None]) -> list[str]:
    """Returns the differences between the first text and each other, where one is long or has several lines."""
    texts = [one.text if one else "" for one in contents]
    if not any("\n" in text or len(text) > _LONG for text in texts) or len(set(texts)) == 1:
        return []
    found: list[str] = []
    for number, text in enumerate(texts[1:], 2):
        if text != texts[0]:
            compared = difflib.unified_diff(
                texts[0].splitlines()[:_MOST_DIFFERENCE], text.splitlines()[:_MOST_DIFFERENCE], "1", str(number), lineterm="", n=2
            )  # fmt: skip
            found += list(compared)[:_MOST_DIFFERENCE]
    return found


def _markdown_row(cells: Sequence[str], *, is_escaped: bool = False) -> str:
    return f"| {' | '.join(cells if is_escaped else map(_escaped, cells))} |"


def _escaped(text: str) -> str:
    kept = " ".join(text.split())
    return "".join(f"\\{sign}" if sign in "\\`*_[]<>|#" else sign for sign in kept)
