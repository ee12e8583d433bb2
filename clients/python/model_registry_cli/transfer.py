"""Export and import at a terminal: progress, and a report at the end. `mr` and `model-registry` both use it.

It needs typer and rich, and no other package of the extra `cli`. The client is imported when a command runs: the server
imports this module too.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import typer

from model_registry_cli.exits import Exit, say

if TYPE_CHECKING:
    from model_registry_client.transfer.export import Progress
    from model_registry_client.transfer.report import Report
    from model_registry_client.transfer.rest import Rest

Result = TypeVar("Result")

OUTPUT: Any = typer.Option(
    "--output", "-o", help="File to write. If it has an interrupted export, the command continues it."
)
STATE: Any = typer.Option(
    help="File that records what was imported. [default: the export's name with .imported]", show_default=False
)
EXISTING: Any = typer.Option(
    help="If the server has another entity of the same name: keep it as it is, or fail.", show_default=True
)
ORIGIN: Any = typer.Option(
    help="Keep ids and times of the source as custom properties (imported_id, imported_create_time, ...)."
)
PATIENCE: Any = typer.Option(help="Seconds to wait for a server that cannot be reached.", min=0)
DEFAULT_OUTPUT = Path("registry.jsonl")


class Existing(StrEnum):
    """What an import does where the target has another entity of the same name."""

    KEEP = "keep"
    FAIL = "fail"


def export(connect: Callable[[], "Rest"], output: Path) -> None:
    """Exports a registry to a file, and reports it. Raises `RegistryError`; ends with 130 after Ctrl-C."""
    from model_registry_client.transfer.export import Export

    async def run() -> dict[str, int]:
        async with connect() as rest:
            with _progress({}) as progress:
                return await Export(rest, output, progress).run()

    counts = _finished(run)
    say(f"{output}: " + (_listed(counts) or "the registry is empty"))


def import_(
    connect: Callable[[], "Rest"], file: Path, state: Path | None, existing: Existing, *, keep_origin: bool
) -> None:
    """Imports a file, and reports what was created, found and refused.

    Raises `RegistryError`; ends with 1 where the server refused something, and with 130 after Ctrl-C.
    """
    from model_registry_client.transfer.importing import Import
    from model_registry_client.transfer.journal import whole_lines
    from model_registry_client.transfer.tables import NAMED

    noted = state or file.with_name(file.name + ".imported")

    async def run() -> "Report":
        totals = Counter(line["kind"] for _, line in whole_lines(file) if line.get("kind") in NAMED)
        async with connect() as rest:
            with _progress(totals) as progress:
                importing = Import(rest, file, noted, progress, existing=existing.value, with_origin=keep_origin)
                return await importing.run()

    report = _finished(run)
    for sentence in (*report.kept, *report.refused):
        say(sentence)
    say(f"Made: {_listed(report.made) or 'nothing'}. There already: {_listed(report.found) or 'nothing'}.")
    if report.refused:
        say(
            f"{len(report.refused)} were refused, each named above: {_listed(report.refusals)}. "
            "Correct them and run the command again to import them."
        )
        raise typer.Exit(Exit.REFUSED)


def _finished(run: Callable[[], Awaitable[Result]]) -> Result:
    async def awaited() -> Result:
        return await run()

    try:
        return asyncio.run(awaited())
    except KeyboardInterrupt:
        say("Interrupted. Run the same command again to continue.")
        raise typer.Exit(Exit.INTERRUPTED) from None


@contextmanager
def _progress(totals: Mapping[str, int]) -> Iterator["Progress"]:
    """A line for each kind on stderr, if that is a terminal. `totals`: how many there are of each kind, where that is known."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bars(*columns, console=console, disable=not console.is_terminal) as bars:
        tasks = {kind: bars.add_task(kind, total=total) for kind, total in totals.items()}

        def advance(kind: str, more: int) -> None:
            if kind not in tasks:
                tasks[kind] = bars.add_task(kind, total=None)
            bars.advance(tasks[kind], more)

        yield advance


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in counts.items() if count)
