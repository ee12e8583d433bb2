"""The command `get version`: a version by its name, an alias, or a range."""

from datetime import datetime
from typing import Annotated

import typer

from model_registry_cli.aliases import model_named
from model_registry_cli.exits import Problem
from model_registry_cli.resources import BY_WORD
from model_registry_cli.session import Session

_MARK = "@"


def run(
    session: Session,
    reference: Annotated[
        str,
        typer.Argument(metavar="MODEL@ALIAS", help="A version: churn@production, churn@^1.2, churn/1.2.0, or id:7."),
    ],
    at: Annotated[
        datetime | None,
        typer.Option("--at", metavar="TIME", help="As of this time: 2026-03-03T12:00, local time."),
    ] = None,
) -> None:
    """Shows a version: the one of an alias, now or at a time, the highest one in a range, or by its name."""
    if at is None:
        session.print_one(session.references.one(BY_WORD["version"], reference), None)
        return
    model, mark, alias = reference.rpartition(_MARK)
    if not mark:
        raise Problem(f"--at needs an alias; got {reference!r}.", "Write it as churn@production.")
    session.print_one(session.registry.alias(model_named(session, model)).version(alias, at=at), None)
