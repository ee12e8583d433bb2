"""The common part of `archive` and `restore`."""

import inspect
from collections.abc import Mapping
from typing import Any

from model_registry_client import Entity

from model_registry_cli import parent_flags, selection
from model_registry_cli.options import DRY_RUN, FILTER, YES
from model_registry_cli.output.printing import put
from model_registry_cli.resources import Resource
from model_registry_cli.session import Session


def parameters(resource: Resource) -> list[inspect.Parameter]:
    """Returns the flags of both commands."""
    return [selection.references(resource, is_needed=False), *parent_flags.flags(resource), FILTER, YES, DRY_RUN]


def change_all(session: Session, resource: Resource, given: Mapping[str, Any], verb: str, *, is_restore: bool) -> None:
    """Archives or restores the chosen entities. With `--filter`, those that have the value already are skipped.

    Args:
        session: The server.
        resource: The kind of entity.
        given: The flags and arguments.
        verb: The word for messages.
        is_restore: Whether they are restored, not archived.
    """
    rule = resource.archiving
    if rule is None:
        raise TypeError(resource.name)
    value = rule.restored if is_restore else rule.archived
    found, under = selection.chosen(session, resource, given)
    if given.get("filter_"):
        found = [entity for entity in found if getattr(entity, rule.field) != value]
    if given["dry_run"]:
        for entity in found:
            put(f"would {verb} {selection.line_about(session, entity, under)}")
        return
    selection.confirm(f"{verb} {len(found)} {resource.name}", len(found), is_sure=given["yes"])

    def change(entity: Entity) -> Entity:
        return session.registry.update(type(entity), entity.id, {rule.field: value})

    selection.each(session, found, under, f"{verb}d", change)
