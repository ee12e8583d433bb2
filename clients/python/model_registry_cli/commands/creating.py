"""The command `create`."""

import inspect
import json
from typing import Any

import typer
from model_registry_client import bodies

from model_registry_cli import parent_flags, selection
from model_registry_cli.exits import Problem
from model_registry_cli.fields import PROPERTY, flag_name, flags, of_new, properties, values
from model_registry_cli.options import DRY_RUN, parameter
from model_registry_cli.output.printing import put
from model_registry_cli.resources import Resource
from model_registry_cli.session import Session

HELP = "Its reference is {resource.path}. With a flag for the parent, write only the last part."


def parameters(resource: Resource) -> list[inspect.Parameter]:
    """Returns the flags of `create`: one for each field."""
    own = [
        PROPERTY,
        parameter(
            "or_update", bool, typer.Option("--or-update", help="Update it if it exists already."), default=False
        ),
        DRY_RUN,
    ]
    if len(resource.entities) > 1:
        words = list(resource.creatable)
        kind = typer.Option(
            "--type", metavar="|".join(words), help=f"The type. ({words[0]})", autocompletion=lambda: words
        )
        own.insert(0, parameter("type_", str | None, kind))
    named = parameter(
        "reference", str, typer.Argument(metavar=resource.path, help="The name.", show_default=False), default=...
    )
    return [named, *parent_flags.flags(resource), *flags(resource, of_new(resource)), *own]


def run(session: Session, resource: Resource, **given: Any) -> None:
    """Creates one and prints it."""
    kind = parent_flags.kind(resource, given.get("type_") or next(iter(resource.creatable)))
    given_fields = {name: given[name] for name in of_new(resource)}
    fields = values(given_fields, session.references, kind)
    _fill_in(session, kind, fields)
    lacking = [flag_name(name) for name in kind.required if name not in {"name", *fields}]
    if lacking and not given["or_update"]:
        raise Problem(
            f"A new {resource.word} needs {' and '.join(lacking)}.", f"mr {resource.name} create --help shows more."
        )
    under, name = session.references.new(resource, given["reference"], parent_flags.named(session, resource, given))
    fields |= {"name": name}
    if given["property_"]:
        fields["custom_properties"] = properties(given["property_"])
    if given["dry_run"]:
        sent = bodies.of_new(kind, fields, under)
        put(f"would create {kind.words} {given['reference']}: {json.dumps(sent, ensure_ascii=False)}")
        return
    make = session.registry.upsert if given["or_update"] else session.registry.create
    entity = make(kind, fields, under)
    selection.print_all(session, [entity], under, "saved" if given["or_update"] else "created")


def _fill_in(session: Session, kind: Any, fields: dict[str, Any]) -> None:
    """Fills in required fields from entities that other fields refer to: a version has the id of its model."""
    for missing in [name for name in kind.required if name not in fields]:
        for name in [name for name in fields if name.endswith("_id")]:
            referred = session.references.by_id(name, fields[name])
            if referred is not None and getattr(referred, missing, None):
                fields[missing] = getattr(referred, missing)
