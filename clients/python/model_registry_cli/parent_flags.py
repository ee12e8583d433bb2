"""The parents that commands name by flags or by their first argument."""

import inspect
from collections.abc import Mapping
from typing import Any

import typer
from model_registry_client import Entity
from model_registry_client.bodies import Below, below

from model_registry_cli.completion import completes
from model_registry_cli.exits import Problem
from model_registry_cli.options import parameter
from model_registry_cli.references import argument_of
from model_registry_cli.resources import BY_WORD, Resource, resource_of
from model_registry_cli.session import Session


def argument(resource: Resource) -> list[inspect.Parameter]:
    """Returns the argument that limits a list to a parent, if the resource has parents."""
    if not resource.above:
        return []
    parents = tuple(BY_WORD[word] for word in resource.above)
    metavar = "|".join(parent.path for parent in parents)
    info = typer.Argument(
        metavar=metavar, help="Only those below this parent.", autocompletion=completes(parents), show_default=False
    )
    return [parameter("parent", str | None, info)]


def flags(resource: Resource) -> list[inspect.Parameter]:
    """Returns a flag for each parent, such as `--model`."""
    return [
        parameter(
            word,
            str | None,
            typer.Option(
                f"--{word}",
                metavar=BY_WORD[word].path,
                help=f"The {word} that is the parent.",
                autocompletion=completes((BY_WORD[word],)),
            ),
        )
        for word in resource.above
    ]


def named(session: Session, resource: Resource, given: Mapping[str, Any]) -> Below:
    """Returns the parent that the argument or a flag names. Raises `Problem` for more than one."""
    flagged = [word for word in resource.above if given.get(word)]
    reference = given.get("parent")
    if len(flagged) + bool(reference) > 1:
        names = [f"--{word}" for word in flagged] + ([repr(reference)] if reference else [])
        raise Problem(f"Name one parent only; got {' and '.join(names)}.")
    if flagged:
        return session.parent(resource, given)
    if not reference:
        return None
    found = session.references.one_of(tuple(BY_WORD[word] for word in resource.above), reference)
    return below(resource.entity, **{argument_of(resource, resource_of(found).word): found.id})


def kind(resource: Resource, word: str) -> type[Entity]:
    """Returns the class for a `--type`. Raises `Problem` for an unknown type."""
    if word not in resource.creatable:
        raise Problem(f"--type must be one of {', '.join(resource.creatable)}; got {word!r}.")
    return resource.creatable[word]
