"""The command `get`."""

import inspect
from typing import Any

from model_registry_cli import parent_flags, selection
from model_registry_cli.resources import Resource
from model_registry_cli.session import Session

HELP = "It shows one with all fields, and several as a list. A reference is {resource.path} or id:7."


def parameters(resource: Resource) -> list[inspect.Parameter]:
    """Returns the flags of `get`."""
    return [selection.references(resource, is_needed=True), *parent_flags.flags(resource)]


def run(session: Session, resource: Resource, **given: Any) -> None:
    """Shows entities."""
    found, under = selection.chosen(session, resource, given)
    if len(given["references"]) == 1:
        session.print_one(found[0], under)
    else:
        session.list(resource, found, under)
