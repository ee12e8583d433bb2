"""The command `context set`."""

import sys
from dataclasses import replace
from typing import Annotated

import typer
from model_registry_client.addresses import root_url

from model_registry_cli import contexts
from model_registry_cli.exits import Problem
from model_registry_cli.output.printing import put
from model_registry_cli.session import Session

COMMON = ()


def run(
    session: Session,  # noqa: ARG001 (every command takes it)
    name: Annotated[str, typer.Argument(metavar="NAME", help="The name of the context.")],
    server: Annotated[
        str | None, typer.Option("--server", "-s", metavar="URL", help="The address of the registry.")
    ] = None,
    token_stdin: Annotated[
        bool,
        typer.Option(
            "--token-stdin", help="Read the token from stdin and store it in the file. In a terminal it prompts."
        ),
    ] = False,
    token_file: Annotated[
        str | None, typer.Option("--token-file", metavar="FILE", help="Read the token from this file each time.")
    ] = None,
    no_token: Annotated[bool, typer.Option("--no-token", help="Remove its token.")] = False,
    ca: Annotated[
        str | None, typer.Option("--ca", metavar="FILE", help="A file with PEM certificates to trust.")
    ] = None,
    insecure: Annotated[
        bool | None, typer.Option("--insecure/--secure", help="Whether the certificate of the server is not checked.")
    ] = None,
) -> None:
    """Creates or changes a context. What you do not name stays. The first context becomes the current one.

    A token is never an argument, because other users of the machine could read it.
    """
    found = contexts.load()
    before = found.known.get(name)
    if before is None and not server:
        raise Problem(f"The new context {name!r} needs --server URL.")
    context = before or contexts.Context(server or "")
    changes = {"server": server, "ca": ca, "insecure": insecure, "token_file": token_file}
    context = replace(context, **{key: value for key, value in changes.items() if value is not None})  # type: ignore[arg-type]
    root_url(context.server)
    if token_stdin:
        context = replace(context, token=_token(), token_file=None)
    elif token_file:
        context = replace(context, token=None)
    elif no_token:
        context = replace(context, token=None, token_file=None)
    contexts.save(contexts.Contexts(found.current or name, {**found.known, name: context}))
    put(f"{'changed' if before else 'created'} context {name} ({context.server}) in {contexts.path()}")


def _token() -> str:
    read = typer.prompt("Token", hide_input=True, err=True) if sys.stdin.isatty() else sys.stdin.readline()
    if not read.strip():
        raise Problem("There was no token on stdin.", "Example: mr context set NAME --token-stdin < token.txt")
    return str(read).strip()
