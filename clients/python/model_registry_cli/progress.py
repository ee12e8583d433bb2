"""Progress bars on stderr, only in a terminal and only for many items."""

import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

T = TypeVar("T")
_SHORT = 10


def progress(items: Iterable[T], description: str, total: int | None = None) -> Iterator[T]:
    """Yields the items. Shows a bar if stderr is a terminal and there are at least 10 items or their number is unknown."""
    if not sys.stderr.isatty() or (total is not None and total < _SHORT):
        yield from items
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        yield from bar.track(items, total=total, description=description.strip())
