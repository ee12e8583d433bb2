"""The flags that every command takes, and the functions to make flags."""

import inspect
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

OUTPUTS = ("table", "wide", "json", "yaml", "name")


def _checked_output(value: str | None) -> str | None:
    if value not in (None, *OUTPUTS):
        raise typer.BadParameter(f"{value!r} is not one of {', '.join(OUTPUTS)}.")
    return value


COMMON: Mapping[str, tuple[Any, Any]] = {
    "output": (
        str,
        typer.Option(
            "--output",
            "-o",
            metavar="table|wide|json|yaml|name",
            help="The format of the output.",
            callback=_checked_output,
            autocompletion=lambda: list(OUTPUTS),
        ),
    ),
    "server": (
        str,
        typer.Option("--server", "-s", metavar="URL", help="The address of the registry."),
    ),
    "context": (
        str,
        typer.Option("--context", metavar="NAME", help="The context to use."),
    ),
    "token_file": (
        str,
        typer.Option("--token-file", metavar="FILE", help="A file with the Bearer token."),
    ),
    "ca": (
        str,
        typer.Option("--ca", metavar="FILE", help="A file with PEM certificates to trust."),
    ),
    "insecure": (
        bool,
        typer.Option("--insecure", help="Do not check the server's certificate."),
    ),
    "timeout": (
        float,
        typer.Option("--timeout", metavar="SECONDS", min=0.001, help="The longest time of a response. (30)"),
    ),
}


def parameter(name: str, kind: Any, info: Any, default: Any = None) -> inspect.Parameter:
    """Returns a parameter for typer. With the default `...` it is required."""
    given = inspect.Parameter.empty if default is ... else default
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=given, annotation=Annotated[kind, info])


def parameters(names: Sequence[str]) -> list[inspect.Parameter]:
    """Returns the common flags of these names. The value of an absent flag is `None`."""
    return [parameter(name, COMMON[name][0] | None, COMMON[name][1]) for name in names]


YES = parameter(
    "yes", bool, typer.Option("--yes", "-y", help="Do not ask for confirmation before changing several."), default=False
)
DRY_RUN = parameter(
    "dry_run", bool, typer.Option("--dry-run", help="Show what would be done, and do nothing."), default=False
)
FILTER = parameter(
    "filter_",
    str | None,
    typer.Option(
        "--filter", "-q", metavar="QUERY", help="Only those that match, such as 'owner = \"ann\" AND accuracy > 0.9'."
    ),
)
