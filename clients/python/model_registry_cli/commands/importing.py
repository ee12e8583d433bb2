"""The command `import`."""

from pathlib import Path
from typing import Annotated

import typer

from model_registry_cli import transfer
from model_registry_cli.exits import Problem
from model_registry_cli.session import Session

COMMON = ("server", "context", "token_file", "ca", "insecure", "timeout")


def run(
    session: Session,
    first: Annotated[
        str,
        typer.Argument(
            metavar="SERVER|FILE",
            help="The address of the registry, instead of --server. If there is only one argument, it is the file.",
        ),
    ],
    second: Annotated[
        str | None, typer.Argument(metavar="FILE", help="The file of an export.", show_default=False)
    ] = None,
    state: Annotated[Path | None, transfer.STATE] = None,
    existing: Annotated[transfer.Existing, transfer.EXISTING] = transfer.Existing.KEEP,
    keep_origin: Annotated[bool, transfer.ORIGIN] = False,
    patience: Annotated[float, transfer.PATIENCE] = 120,
) -> None:
    """Imports an exported registry into a server. After an interruption, run it again: nothing is created twice.

    If the server refuses something, the command shows the reason, imports the rest, and exits with 1.
    """
    if second:
        session.use_server(first)
    file = Path(second or first)
    if not file.is_file():
        raise Problem(f"There is no file {file}.", "mr export writes such a file.")
    transfer.import_(lambda: session.connection.rest(patience), file, state, existing, keep_origin=keep_origin)
