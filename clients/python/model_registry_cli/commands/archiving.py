"""`archive`."""

import inspect
from typing import Any

from model_registry_cli import retirement
from model_registry_cli.resources import Resource
from model_registry_cli.session import Session

HELP = "Nothing is deleted: restore takes it back. It is named {resource.path}, or id:7."


def parameters(resource: Resource) -> list[inspect.Parameter]:
    """The flags of an archive."""
    return retirement.parameters(resource)


def run(session: Session, resource: Resource, **given: Any) -> None:
    """Archives entities and answers them."""
    retirement.move(session, resource, given, "archive", is_back=False)
