"""The command `context use`."""

import os
from dataclasses import replace
from typing import Annotated

import typer

from model_registry_cli import contexts
from model_registry_cli.connection import SERVER_VARIABLE
from model_registry_cli.exits import say
from model_registry_cli.output.printing import put
from model_registry_cli.session import Session

COMMON = ()


def run(
    session: Session,  # noqa: ARG001 (every command takes it)
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="The context.", autocompletion=lambda: list(contexts.load().known))
    ],
) -> None:
    """Selects the context to use from now on."""
    found = contexts.load()
    context = found.named(name)
    contexts.save(replace(found, current=name))
    put(f"using context {name} ({context.server})")
    if os.environ.get(SERVER_VARIABLE):
        say(f"mr: warning: {SERVER_VARIABLE} is set and takes precedence.")
