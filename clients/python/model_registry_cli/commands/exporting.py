"""`export`."""

from pathlib import Path
from typing import Annotated

import typer

from model_registry_cli import transfer
from model_registry_cli.session import Session

COMMON = ("server", "context", "token_file", "ca", "insecure", "timeout")


def run(
    session: Session,
    address: Annotated[
        str | None, typer.Argument(metavar="SERVER", help="The registry's address, in place of --server.")
    ] = None,
    output: Annotated[Path, transfer.OUTPUT] = transfer.DEFAULT_OUTPUT,
    patience: Annotated[float, transfer.PATIENCE] = 120,
) -> None:
    """Writes all that a model registry holds to a file of JSON lines.

    An interrupted export goes on where it was when the command is run again. `mr import` reads the file.
    """
    if address:
        session.use_server(address)
    transfer.export(lambda: session.connection.rest(patience), output)
