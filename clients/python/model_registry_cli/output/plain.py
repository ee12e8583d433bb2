"""Entities as plain values, for JSON and YAML. Scripts hold on to this; `docs/cli.md` promises it."""

from typing import Any

from model_registry_client import Entity, OpaqueValue
from model_registry_client.entity import on_wire

from model_registry_cli.resources import resource_of


def plain(entity: Entity) -> dict[str, Any]:
    """`kind`, `id`, `name`, the entity's fields as the API names them, and `customProperties` with plain values.

    What the server does not tell is left out.
    """
    told = {"kind": kind_of(entity)}
    for name, alias in _order(type(entity)).items():
        value = on_wire(name, getattr(entity, name))
        if value not in (None, ""):
            told[alias] = value
    return told | {"customProperties": {name: _bare(value) for name, value in entity.custom_properties.items()}}


def _order(kind: type[Entity]) -> dict[str, str]:
    """Name and JSON name of each field but the properties, in the order in which they are told."""
    aliases = {name: info.alias or name for name, info in kind.model_fields.items() if name != "custom_properties"}
    first = {name: aliases[name] for name in ("id", "name")}
    own = {name: alias for name, alias in aliases.items() if name not in Entity.model_fields}
    return first | own | aliases


def kind_of(entity: Entity) -> str:
    """The word for what it is: that of its resource, or for an artifact its `artifactType`."""
    return entity.artifact_type or resource_of(entity).word


def _bare(value: Any) -> Any:
    return dict(value.wire) if isinstance(value, OpaqueValue) else value
