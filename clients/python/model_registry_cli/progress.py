"""Progress bars: on stderr, for people only, and for long work only."""

import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

T = TypeVar("T")
_SHORT = 10


def progress(items: Iterable[T], told: str, total: int | None = None) -> Iterator[T]:
    """Goes through items, with a bar where stderr is a terminal and there are many of them."""
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
        yield from bar.track(items, total=total, description=told.strip())
