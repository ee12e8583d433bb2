"""`model-registry export` and `model-registry import`: the client's export and import, with the server as an argument.

What they need is imported when they run: other commands, the server among them, stay small.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from model_registry_cli import transfer

if TYPE_CHECKING:
    from model_registry_client.transfer.rest import Rest

_SERVER = typer.Argument(
    help="Address of the server, such as http://localhost:8080; with or without /api/model_registry/..."
)
_INPUT = typer.Argument(help="File that `model-registry export` has written.", exists=True, dir_okay=False)
_TOKEN = typer.Option(help="File with a bearer token.", exists=True, dir_okay=False)
_CA = typer.Option(
    "--ca",
    help="File with the authorities that signed the server's certificate, if the system does not trust it.",
    exists=True,
)


def export(
    server: Annotated[str, _SERVER],
    output: Annotated[Path, transfer.OUTPUT] = transfer.DEFAULT_OUTPUT,
    token_file: Annotated[Path | None, _TOKEN] = None,
    ca: Annotated[Path | None, _CA] = None,
    patience: Annotated[float, transfer.PATIENCE] = 120,
) -> None:
    """Write everything in a registry to a file.

    The file has JSON lines. After an interruption, the same command continues the export.
    """
    with _errors_in_one_line():
        transfer.export(_connect(server, token_file, ca, patience), output)


def import_(
    server: Annotated[str, _SERVER],
    file: Annotated[Path, _INPUT],
    state: Annotated[Path | None, transfer.STATE] = None,
    existing: Annotated[transfer.Existing, transfer.EXISTING] = transfer.Existing.KEEP,
    keep_origin: Annotated[bool, transfer.ORIGIN] = False,
    token_file: Annotated[Path | None, _TOKEN] = None,
    ca: Annotated[Path | None, _CA] = None,
    patience: Annotated[float, transfer.PATIENCE] = 120,
) -> None:
    """Import an exported registry into a server.

    After an interruption, run it again: nothing is created twice. It shows what the server refuses, with the reason, and
    imports the rest. Then the exit code is 1.
    """
    with _errors_in_one_line():
        transfer.import_(_connect(server, token_file, ca, patience), file, state, existing, keep_origin=keep_origin)


def _connect(server: str, token_file: Path | None, ca: Path | None, patience: float) -> Callable[[], "Rest"]:
    """Opens the server. A token is sent only where a file with one is named."""

    def connect() -> "Rest":
        from model_registry_client.credentials import find_token
        from model_registry_client.transfer.rest import Rest

        token = find_token(None, token_file) if token_file else None
        return Rest(server, token=token, ca=ca, patience=patience)

    return connect


@contextmanager
def _errors_in_one_line() -> Iterator[None]:
    """Ends the command with one line and status 1 where the client raises one of its errors."""
    from model_registry_client.errors import RegistryError

    try:
        yield
    except RegistryError as error:
        print(f"model-registry: {error}", file=sys.stderr, flush=True)  # noqa: T201 (for the operator)
        raise typer.Exit(1) from None
