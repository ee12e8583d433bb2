"""Tables. The first rows define the widths, so that a long list is printed while it is fetched."""

import itertools
import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from model_registry_cli.output.rows import Cell, Row

GAP = "  "
SAMPLED_ROWS = 100
NARROWEST = 8


def has_colours() -> bool:
    """Whether stdout is a terminal with colours: not with `NO_COLOR`, nor with `TERM=dumb`."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def lines(rows: Iterable[Row], titles: Sequence[str]) -> Iterator[list[Cell]]:
    """Yields the lines of a table. Each cell is padded to the width of its column."""
    coming = iter(rows)
    first = [list(row.cells()) for row in itertools.islice(coming, SAMPLED_ROWS)]
    if not first:
        return
    heads: list[Cell] = [(title, "bold") for title in titles]
    natural = [max(cell_len(text) for text, _ in column) for column in zip(heads, *first, strict=True)]
    widths = _fitted(natural)
    is_cut = [width < wanted for width, wanted in zip(widths, natural, strict=True)]
    for cells in itertools.chain([heads], first, (row.cells() for row in coming)):
        for number, (text, _) in enumerate(cells):
            if not is_cut[number]:  # longer than all before: the column grows, so an id is never cut
                widths[number] = max(widths[number], cell_len(text))
        yield [(fit(text, width), style) for (text, style), width in zip(cells, widths, strict=True)]


def show(rows: Iterable[Row], titles: Sequence[str]) -> None:
    """Prints a table, as plain text if there are no colours."""
    console = Console(highlight=False, markup=False) if has_colours() else None
    for line in lines(rows, titles):
        if console is None:
            print(GAP.join(text for text, _ in line).rstrip())  # noqa: T201 (the output of a command)
        else:
            styled = Text(GAP).join(Text(text, style) for text, style in line)
            styled.rstrip()
            console.print(styled, no_wrap=True, overflow="ignore", crop=False)


def fit(text: str, width: int) -> str:
    """Pads a text to this width, or cuts it with an ellipsis. Wide characters count as two."""
    return set_cell_size(text, width) if cell_len(text) <= width else set_cell_size(text, width - 1) + "…"


def _fitted(natural: Sequence[int]) -> list[int]:
    """Returns widths that fit the terminal, if stdout is one. The widest columns shrink first."""
    widths = list(natural)
    if not sys.stdout.isatty():
        return widths
    too_much = sum(widths) + len(GAP) * (len(widths) - 1) - shutil.get_terminal_size().columns
    while too_much > 0 and max(widths) > NARROWEST:
        widths[widths.index(max(widths))] -= 1
        too_much -= 1
    return widths
