"""`restore`."""

import inspect
from typing import Any

from model_registry_cli import retirement
from model_registry_cli.resources import Resource
from model_registry_cli.session import Session

HELP = "What archive put away is in use again. It is named {resource.path}, or id:7."


def parameters(resource: Resource) -> list[inspect.Parameter]:
    """The flags of a restore."""
    return retirement.parameters(resource)


def run(session: Session, resource: Resource, **given: Any) -> None:
    """Restores entities and answers them."""
    retirement.move(session, resource, given, "restore", is_back=True)
