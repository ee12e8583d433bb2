"""`model-registry export` and `model-registry import`. What they need is imported when they run: other commands stay small."""

import asyncio
import ssl
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from model_registry_proxy.transfer.existing import Existing

if TYPE_CHECKING:
    from model_registry_proxy.transfer.export import Told
    from model_registry_proxy.transfer.report import Report
    from model_registry_proxy.transfer.rest import Rest

Result = TypeVar("Result")

_SERVER = typer.Argument(
    help="Address of the server, such as http://localhost:8080; with or without /api/model_registry/..."
)
_FILE = typer.Option("--output", "-o", help="File to write. One of an interrupted export is gone on with.")
_INPUT = typer.Argument(help="File that `model-registry export` has written.", exists=True, dir_okay=False)
_STATE = typer.Option(
    help="File that notes what was imported. [default: the export's name with .imported]", show_default=False
)
_EXISTING = typer.Option(help="Where the server has a namesake with other content: keep it as it is, or fail.")
_ORIGIN = typer.Option(
    help="Keep ids and times of the source as custom properties (imported_id, imported_create_time, ...)."
)
_TOKEN = typer.Option(help="File with a bearer token.", exists=True, dir_okay=False)
_CA = typer.Option(
    "--ca", help="File with the authorities that vouch for the server, if not the system's.", exists=True
)
_PATIENCE = typer.Option(help="Seconds that the server may be away before this ends.", min=0)


def export(
    server: Annotated[str, _SERVER],
    output: Annotated[Path, _FILE] = Path("registry.jsonl"),
    token_file: Annotated[Path | None, _TOKEN] = None,
    ca: Annotated[Path | None, _CA] = None,
    patience: Annotated[float, _PATIENCE] = 120,
) -> None:
    """Write all that a model registry holds to a file of JSON lines."""
    from model_registry_proxy.transfer.export import Export

    async def run(rest: "Rest") -> dict[str, int]:
        with _progress({}) as told:
            return await Export(rest, output, told).run()

    counts = _with_server(server, token_file, ca, patience, run)
    _say(f"{output}: " + (_listed(counts) or "the registry is empty"))


def import_(
    server: Annotated[str, _SERVER],
    file: Annotated[Path, _INPUT],
    state: Annotated[Path | None, _STATE] = None,
    existing: Annotated[Existing, _EXISTING] = Existing.KEEP,
    keep_origin: Annotated[bool, _ORIGIN] = False,
    token_file: Annotated[Path | None, _TOKEN] = None,
    ca: Annotated[Path | None, _CA] = None,
    patience: Annotated[float, _PATIENCE] = 120,
) -> None:
    """Bring an exported registry into a server. May be interrupted and repeated: nothing is made twice.

    What the server refuses is named with its reason, all the rest is brought over, and the status is 1.
    """
    from model_registry_proxy.transfer.importing import Import
    from model_registry_proxy.transfer.journal import whole_lines
    from model_registry_proxy.transfer.places import NAMED

    noted = state or file.with_name(file.name + ".imported")

    async def run(rest: "Rest") -> "Report":
        with _progress(Counter(line["kind"] for _, line in whole_lines(file) if line.get("kind") in NAMED)) as told:
            return await Import(rest, file, noted, told, existing=existing, with_origin=keep_origin).run()

    report = _with_server(server, token_file, ca, patience, run)
    for sentence in (*report.kept, *report.refused):
        _say(sentence)
    _say(f"Made: {_listed(report.made) or 'nothing'}. There already: {_listed(report.found) or 'nothing'}.")
    if report.refused:
        _say(
            f"{len(report.refused)} were refused, each named above: {_listed(report.refusals)}. "
            "Entities that are mended are imported when the command is run again."
        )
        raise typer.Exit(1)


def _with_server(
    server: str, token_file: Path | None, ca: Path | None, patience: float, run: Callable[["Rest"], Awaitable[Result]]
) -> Result:
    from model_registry_proxy.transfer.rest import Rest, TransferError

    token = token_file.read_text("utf-8").strip() if token_file else ""
    verify = ssl.create_default_context(cafile=ca) if ca else True

    async def with_rest() -> Result:
        async with Rest(server, token=token, verify=verify, patience=patience) as rest:
            return await run(rest)

    try:
        return asyncio.run(with_rest())
    except TransferError as error:
        _say(f"model-registry: {error}")
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        _say("Interrupted. The same command goes on from here.")
        raise typer.Exit(130) from None


@contextmanager
def _progress(totals: dict[str, int]) -> Iterator["Told"]:
    """A line for each kind on stderr, if that is a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        tasks = {kind: progress.add_task(kind, total=total) for kind, total in totals.items()}

        def told(kind: str, more: int) -> None:
            if kind not in tasks:
                tasks[kind] = progress.add_task(kind, total=None)
            progress.advance(tasks[kind], more)

        yield told


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in counts.items() if count)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201 (for the operator)
