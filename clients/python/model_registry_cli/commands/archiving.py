"""The command `archive`."""

import inspect
from typing import Any

from model_registry_cli import archiving
from model_registry_cli.resources import Resource
from model_registry_cli.session import Session

HELP = "Nothing is deleted; restore reverses it. A reference is {resource.path} or id:7."


def parameters(resource: Resource) -> list[inspect.Parameter]:
    """Returns the flags of `archive`."""
    return archiving.parameters(resource)


def run(session: Session, resource: Resource, **given: Any) -> None:
    """Archives entities and prints them."""
    archiving.change_all(session, resource, given, "archive", is_restore=False)
