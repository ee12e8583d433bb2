"""What archive and restore have in common: everything but the direction."""

import inspect
from collections.abc import Mapping
from typing import Any

from model_registry_client import Entity

from model_registry_cli import places, selection
from model_registry_cli.options import DRY_RUN, FILTER, YES
from model_registry_cli.output.printing import put
from model_registry_cli.resources import Resource
from model_registry_cli.session import Session


def parameters(resource: Resource) -> list[inspect.Parameter]:
    """The flags of both."""
    return [selection.references(resource, is_needed=False), *places.flags(resource), FILTER, YES, DRY_RUN]


def move(session: Session, resource: Resource, given: Mapping[str, Any], verb: str, *, is_back: bool) -> None:
    """Sets the field that tells whether something is in use. What is there already is left alone."""
    rule = resource.retirement
    if rule is None:
        raise TypeError(resource.name)
    aim = rule.back if is_back else rule.away
    found, place = selection.chosen(session, resource, given)
    if given.get("filter_"):
        found = [entity for entity in found if getattr(entity, rule.field) != aim]
    if given["dry_run"]:
        for entity in found:
            put(f"would {verb} {selection.line_about(session, entity, place)}")
        return
    selection.confirm(f"{verb} {len(found)} {resource.name}", len(found), is_sure=given["yes"])

    def change(entity: Entity) -> Entity:
        return session.registry.update(type(entity), entity.id, {rule.field: aim})

    selection.each(session, found, place, f"{verb}d", change)
