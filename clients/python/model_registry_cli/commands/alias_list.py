"""The command `alias ls`."""

from model_registry_cli.aliases import MODEL, TITLES, model_named, row_of_alias
from model_registry_cli.session import Session


def run(session: Session, model: MODEL) -> None:
    """Lists the aliases of a model and the versions that they point to."""
    found = session.registry.alias(model_named(session, model)).list()
    session.table([row_of_alias(session, each) for each in found], TITLES, "The model has no aliases.")
