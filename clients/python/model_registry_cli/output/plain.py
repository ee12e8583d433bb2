"""Entities as plain values, for JSON and YAML. Scripts depend on this format; `docs/cli.md` promises it."""

from typing import Any

from model_registry_client import Entity, OpaqueValue
from model_registry_client.entity import on_wire

from model_registry_cli.resources import resource_of


def plain(entity: Entity) -> dict[str, Any]:
    """Returns `kind`, `id`, `name`, the other fields with their JSON names, and `customProperties` with plain values.

    Empty fields are left out.
    """
    content = {"kind": kind_of(entity)}
    for name, alias in _order(type(entity)).items():
        value = on_wire(name, getattr(entity, name))
        if value not in (None, ""):
            content[alias] = value
    return content | {"customProperties": {name: _bare(value) for name, value in entity.custom_properties.items()}}


def _order(kind: type[Entity]) -> dict[str, str]:
    """Returns name and JSON name of each field except the properties, in the order of the output."""
    aliases = {name: info.alias or name for name, info in kind.model_fields.items() if name != "custom_properties"}
    first = {name: aliases[name] for name in ("id", "name")}
    own = {name: alias for name, alias in aliases.items() if name not in Entity.model_fields}
    return first | own | aliases


def kind_of(entity: Entity) -> str:
    """Returns the word for its kind: that of its resource, or the `artifactType` of an artifact."""
    return entity.artifact_type or resource_of(entity).word


def _bare(value: Any) -> Any:
    return dict(value.wire) if isinstance(value, OpaqueValue) else value
