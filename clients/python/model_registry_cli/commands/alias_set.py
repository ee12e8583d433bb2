"""The command `alias set`."""

from typing import Annotated

import typer

from model_registry_cli.aliases import (
    ALIAS,
    EXPECTED,
    FORCE,
    MODEL,
    REASON,
    TITLES,
    expected_id,
    model_named,
    row_of_alias,
    version_id,
)
from model_registry_cli.session import Session

PROTECT = Annotated[
    bool | None,
    typer.Option("--protect/--unprotect", help="Whether only admins may move it from now on.", show_default=False),
]


def run(
    session: Session,
    model: MODEL,
    alias: ALIAS,
    version: Annotated[str, typer.Argument(metavar="VERSION", help="The version: its name, or id:7.")],
    reason: REASON = "",
    expected: EXPECTED = None,
    protect: PROTECT = None,
    force: FORCE = False,
) -> None:
    """Points an alias of a model to a version."""
    found = model_named(session, model)
    moved = session.registry.alias(found).set(
        alias,
        version_id(session, found, version),
        reason=reason,
        expected=expected_id(session, found, expected),
        protected=protect,
        force=force,
    )
    session.table([row_of_alias(session, moved)], TITLES)
