"""The command `alias history`."""

from itertools import islice
from typing import Annotated

import typer

from model_registry_cli.aliases import MODEL, MOVE_TITLES, model_named, row_of_move
from model_registry_cli.session import Session


def run(
    session: Session,
    model: MODEL,
    alias: Annotated[str | None, typer.Argument(metavar="ALIAS", help="Only this alias.", show_default=False)] = None,
    user: Annotated[str | None, typer.Option("--user", metavar="USER", help="Only moves by this user.")] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", "-n", min=1, metavar="N", help="The largest number of rows.")
    ] = None,
) -> None:
    """Shows the moves of a model's aliases, newest first."""
    moves = session.registry.alias(model_named(session, model)).history(alias, actor=user)
    rows = (row_of_move(session, move) for move in islice(moves, limit))
    session.table(rows, MOVE_TITLES, "No alias of the model was moved.")
