"""The command `restore`."""

import inspect
from typing import Any

from model_registry_cli import archiving
from model_registry_cli.resources import Resource
from model_registry_cli.session import Session

HELP = "It reverses archive. A reference is {resource.path} or id:7."


def parameters(resource: Resource) -> list[inspect.Parameter]:
    """Returns the flags of `restore`."""
    return archiving.parameters(resource)


def run(session: Session, resource: Resource, **given: Any) -> None:
    """Restores entities and prints them."""
    archiving.change_all(session, resource, given, "restore", is_restore=True)
