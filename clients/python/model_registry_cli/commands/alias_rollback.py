"""The command `alias rollback`."""

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
)
from model_registry_cli.session import Session


def run(
    session: Session,
    model: MODEL,
    alias: ALIAS,
    reason: REASON = "",
    expected: EXPECTED = None,
    force: FORCE = False,
) -> None:
    """Points an alias to where it was before its present version. A second roll-back goes further back."""
    found = model_named(session, model)
    wanted = expected_id(session, found, expected)
    moved = session.registry.alias(found).rollback(alias, reason=reason, expected=wanted, force=force)
    session.table([row_of_alias(session, moved)], TITLES)
