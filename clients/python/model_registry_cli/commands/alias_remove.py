"""The command `alias rm`."""

from model_registry_cli.aliases import ALIAS, EXPECTED, FORCE, MODEL, REASON, expected_id, model_named
from model_registry_cli.exits import say
from model_registry_cli.session import Session


def run(
    session: Session,
    model: MODEL,
    alias: ALIAS,
    reason: REASON = "",
    expected: EXPECTED = None,
    force: FORCE = False,
) -> None:
    """Removes an alias of a model. Its history stays, and a roll-back undoes it."""
    found = model_named(session, model)
    wanted = expected_id(session, found, expected)
    session.registry.alias(found).delete(alias, reason=reason, expected=wanted, force=force)
    say(f"The alias {alias} of {found.name} points nowhere now.")
