"""The command `export`."""

from pathlib import Path
from typing import Annotated

import typer

from model_registry_cli import transfer
from model_registry_cli.session import Session

COMMON = ("server", "context", "token_file", "ca", "insecure", "timeout")


def run(
    session: Session,
    address: Annotated[
        str | None, typer.Argument(metavar="SERVER", help="The address of the registry, instead of --server.")
    ] = None,
    output: Annotated[Path, transfer.OUTPUT] = transfer.DEFAULT_OUTPUT,
    patience: Annotated[float, transfer.PATIENCE] = 120,
) -> None:
    """Writes everything in a model registry to a file of JSON lines.

    After an interruption, the same command continues the export. `mr import` reads the file.
    """
    if address:
        session.use_server(address)
    transfer.export(lambda: session.connection.rest(patience), output)
