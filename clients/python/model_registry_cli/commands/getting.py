"""`get`."""

import inspect
from typing import Any

from model_registry_cli import places, selection
from model_registry_cli.resources import Resource
from model_registry_cli.session import Session

HELP = "One is shown with all of its fields; several as a list. It is named {resource.path}, or id:7."


def parameters(resource: Resource) -> list[inspect.Parameter]:
    """The flags of a get."""
    return [selection.references(resource, is_needed=True), *places.flags(resource)]


def run(session: Session, resource: Resource, **given: Any) -> None:
    """Shows entities."""
    found, place = selection.chosen(session, resource, given)
    if len(given["references"]) == 1:
        session.answer(found[0], place)
    else:
        session.list(resource, found, place)
