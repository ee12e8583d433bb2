"""The command `context remove`."""

from typing import Annotated

import typer

from model_registry_cli import contexts
from model_registry_cli.output.printing import put
from model_registry_cli.session import Session

COMMON = ()


def run(
    session: Session,  # noqa: ARG001 (every command takes it)
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="The context.", autocompletion=lambda: list(contexts.load().known))
    ],
) -> None:
    """Removes a context and its token."""
    found = contexts.load()
    found.named(name)
    left = {each: context for each, context in found.known.items() if each != name}
    contexts.save(contexts.Contexts(None if found.current == name else found.current, left))
    put(f"removed context {name}")
