"""The command `list`."""

import inspect
from enum import Enum
from itertools import islice
from typing import Any, get_args

import typer

from model_registry_cli import parent_flags
from model_registry_cli.exits import Problem
from model_registry_cli.fields import flag_name, flags
from model_registry_cli.filters import all_of, quoted
from model_registry_cli.options import FILTER, parameter
from model_registry_cli.resources import REFERS_TO, Resource, entity_named, resource_of
from model_registry_cli.session import Session

HELP = "It lists everything, unless --limit sets a number. Pages are fetched when they are needed."
_ORDERS = {"id": "ID", "created": "CREATE_TIME", "updated": "LAST_UPDATE_TIME"}
_SORT = typer.Option("--sort", metavar="|".join(_ORDERS), help="The order. (id)", autocompletion=lambda: list(_ORDERS))
_PAGE = 100


def parameters(resource: Resource) -> list[inspect.Parameter]:
    """Returns the flags of `list`."""
    own = [
        FILTER,
        parameter("sort", str | None, _SORT),
        parameter("desc", bool, typer.Option("--desc", help="The highest first."), default=False),
        parameter(
            "limit", int | None, typer.Option("--limit", "-n", min=1, metavar="N", help="The largest number of rows.")
        ),
    ]
    if len(resource.entities) > 1:
        words = list(resource.creatable)
        kind = typer.Option("--type", metavar="|".join(words), help="Only this type.", autocompletion=lambda: words)
        own.append(parameter("type_", str | None, kind))
    return [
        *parent_flags.argument(resource),
        *parent_flags.flags(resource),
        *flags(resource, _narrowing(resource)),
        *own,
    ]


def run(session: Session, resource: Resource, **given: Any) -> None:
    """Lists entities."""
    if given["sort"] not in (None, *_ORDERS):
        raise typer.BadParameter(f"--sort must be one of {', '.join(_ORDERS)}; got {given['sort']!r}.")
    under = parent_flags.named(session, resource, given)
    kind = parent_flags.kind(resource, given["type_"]) if given.get("type_") else resource.entity
    conditions = [_condition(session, resource, name, given[name]) for name in _narrowing(resource) if given[name]]
    limit = given["limit"]
    found = session.registry.list(
        kind,
        under,
        filter_query=all_of(given["filter_"], *conditions),
        order_by=_ORDERS[given["sort"]] if given["sort"] else None,
        descending=given["desc"],
        page_size=min(limit or _PAGE, _PAGE),
    )
    session.list(resource, islice(found, limit), under)


def _narrowing(resource: Resource) -> list[str]:
    """Returns the fields that have a filter flag: states and references."""
    kind, parents = resource.entity, {parent.argument for parent in resource.entity.parents}
    settable = [name for name, _ in kind.creatable() if name not in parents]
    return [name for name in settable if name in REFERS_TO or _words(kind.model_fields[name].annotation)]


def _words(annotation: Any) -> list[Enum]:
    """Returns the words that a field may hold, if it is an enum."""
    enums = [part for part in get_args(annotation) if isinstance(part, type) and issubclass(part, Enum)]
    return [word for enum in enums for word in enum]


def _condition(session: Session, resource: Resource, name: str, value: str) -> str:
    alias = resource.entity.model_fields[name].alias or name
    if name in REFERS_TO:
        return f"{alias} = {session.references.one(resource_of(entity_named(REFERS_TO[name])), value).id}"
    words = {str(word.value).upper(): str(word.value) for word in _words(resource.entity.model_fields[name].annotation)}
    if value.upper() not in words:
        message = f"{flag_name(name)} must be one of {', '.join(words.values())}; got {value!r}."
        raise Problem(message, f"If the server has more words: --filter '{alias} = {quoted(value)}'.")
    return f"{alias} = {quoted(words[value.upper()])}"
