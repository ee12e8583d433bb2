"""The command `update`."""

import inspect
import json
from typing import Any

from model_registry_client import Entity, bodies

from model_registry_cli import parent_flags, selection
from model_registry_cli.exits import Problem
from model_registry_cli.fields import PROPERTY, REMOVE_PROPERTY, flags, of_change, properties, values
from model_registry_cli.options import DRY_RUN, FILTER, YES
from model_registry_cli.output.printing import put
from model_registry_cli.resources import Resource
from model_registry_cli.session import Session

HELP = "An empty text clears a field. Other fields and properties stay. A reference is {resource.path} or id:7."


def parameters(resource: Resource) -> list[inspect.Parameter]:
    """Returns the flags of `update`: one for each field."""
    changes = [*flags(resource, of_change(resource)), PROPERTY, REMOVE_PROPERTY]
    return [
        selection.references(resource, is_needed=False),
        *parent_flags.flags(resource),
        *changes,
        FILTER,
        YES,
        DRY_RUN,
    ]


def run(session: Session, resource: Resource, **given: Any) -> None:
    """Updates entities and prints them."""
    given_fields = {name: given[name] for name in of_change(resource)}
    new, removed = properties(given["property_"]), given["remove_property"] or []
    changes = values(given_fields, session.references)
    if not (changes or new or removed):
        raise Problem("There is nothing to change.", f"mr {resource.name} update --help shows what can be changed.")
    found, under = selection.chosen(session, resource, given)

    def change(entity: Entity) -> Entity:
        fields = values(given_fields, session.references, type(entity))
        if new or removed:
            kept = {name: value for name, value in entity.custom_properties.items() if name not in removed}
            fields["custom_properties"] = kept | new
        if given["dry_run"]:
            sent = json.dumps(bodies.of_change(entity, fields), ensure_ascii=False)
            put(f"would update {selection.line_about(session, entity, under)}: {sent}")
            return entity
        return session.registry.update(entity, fields=fields)

    if given["dry_run"]:
        for entity in found:
            change(entity)
        return
    selection.confirm(f"update {len(found)} {resource.name}", len(found), is_sure=given["yes"])
    selection.each(session, found, under, "updated", change)
