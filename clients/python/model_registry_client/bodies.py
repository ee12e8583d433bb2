"""The paths and JSON bodies of create and update requests. Pure functions."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from model_registry_client import limits
from model_registry_client.custom_properties import PropertyValue, from_wire
from model_registry_client.entities import Artifact
from model_registry_client.entity import UNSET, Entity, Parent, body, on_wire
from model_registry_client.errors import InvalidValue
from model_registry_client.notices import READABLE
from model_registry_client.questions import id_in_path

E = TypeVar("E", bound=Entity)
Below = tuple[Parent, str] | None
"""A parent and its id; `None` for an entity without a parent."""


def below(entity: type[Entity], **ids: str | None) -> Below:
    """Returns the parent that an argument names.

    Args:
        entity: The class of the child.
        ids: The id of a parent by its argument, such as `registered_model_id="7"`. `None` is ignored.

    Raises:
        InvalidValue: More than one parent is named.
    """
    named = [(parent, id_) for parent in entity.parents if (id_ := ids.get(parent.argument))]
    if len(named) > 1:
        raise InvalidValue(
            f"Name one parent of a {entity.words}: {' or '.join(parent.argument for parent, _ in named)}."
        )
    return named[0] if named else None


def of_new(entity: type[Entity], fields: Mapping[str, Any], under: Below) -> dict[str, Any]:
    """Returns the JSON body of a create request.

    Args:
        entity: The class of the entity.
        fields: Values by field name. `None` is left out.
        under: The parent.

    Raises:
        InvalidValue: The name is empty, a field is unknown, or a value does not fit.
    """
    given = {name: value for name, value in fields.items() if value is not None}
    if given.get("name") == "":
        raise InvalidValue(f"The name of a {entity.words} must not be empty.")
    if under and under[0].argument in dict(entity.creatable()):
        given[under[0].argument] = under[1]
    sent = body(entity, given)
    if entity.artifact_type:
        sent["artifactType"] = entity.artifact_type
    return sent


def checked_new(entity: type[Entity], fields: Mapping[str, Any], under: Below) -> dict[str, Any]:
    """Returns what `of_new` returns, for an operation of several requests. It also checks the limits of the server.

    Raises:
        InvalidValue: As for `of_new`, and for everything that the server would refuse (`NotKept`).
    """
    sent = of_new(entity, fields, under)
    limits.check(entity, sent, under)
    return sent


def what_exists(there: Sequence[str]) -> str:
    """Returns the sentence for the error of an operation that failed after some of its steps. `there`: what these created."""
    exists = " and ".join(there)
    return f"{exists[0].upper()}{exists[1:]} exist{'' if len(there) > 1 else 's'} by now; the same call again continues from there."


def creation_path(entity: type[Entity], under: Below) -> str:
    """Returns the path of a create request. Raises `InvalidValue` if a required parent is missing."""
    if under and entity.created_below:
        parent, id_ = under
        return parent.path(id_in_path(parent.entity, id_))
    if under is None and any(parent.is_required for parent in entity.parents):
        raise InvalidValue(f"A {entity.words} needs {' or '.join(parent.argument for parent in entity.parents)}.")
    return entity.collection


def of_change(entity: Entity | type[Entity], fields: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the JSON body of an update request.

    Args:
        entity: A class, or an entity whose own changes are sent too.
        fields: New values by field name.

    Raises:
        InvalidValue: A field cannot change after creation, or a value does not fit.
    """
    kind = type(entity) if isinstance(entity, Entity) else entity
    aliases = dict(kind.writable())
    if fixed := sorted(name for name in fields if name not in aliases):
        raise InvalidValue(f"{fixed[0]} of a {kind.words} cannot be changed; {', '.join(aliases)} can.")
    changed = entity.changes() if isinstance(entity, Entity) else {}
    return changed | body(kind, fields)


def changeable(entity: type[Entity], fields: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the fields of an upsert that an update may change. Here `None` means "not given"."""
    writable = dict(entity.writable())
    return {
        name: value for name, value in fields.items() if name in writable and value is not None and value is not UNSET
    }


def can_be_looked_up(entity: type[Entity], sent: Mapping[str, Any], under: Below, is_made_up: bool) -> bool:  # noqa: FBT001
    """Whether its name or external id is unique. Artifacts without a parent may have the same name."""
    return bool(sent.get("externalId") or under or not issubclass(entity, Artifact)) or is_made_up


def unchangeable(found: E, sent: Mapping[str, Any]) -> E:
    """Returns an existing entity of a kind without an update request. Raises `InvalidValue` if it differs from what was sent."""
    if not holds(found, sent):
        raise InvalidValue(
            f"A {found.words} named {found.name!r} exists with other content, and the API cannot change it."
        )
    return found


def holds(found: Entity, sent: Mapping[str, Any], only: Sequence[str] | None = None) -> bool:
    """Whether an entity has all values that were sent. An empty value equals an absent one.

    Args:
        found: The entity as the server has it.
        sent: The JSON that was sent.
        only: Compare these JSON names only.
    """
    has = {alias: on_wire(name, getattr(found, name)) for name, alias in found.creatable()}
    wanted = {alias: value for alias, value in sent.items() if alias in has and (only is None or alias in only)}
    if "customProperties" in wanted and _as_read(found.custom_properties) != _as_read(
        from_wire(wanted.pop("customProperties"))
    ):
        return False
    return all((has[alias] or None) == (value or None) for alias, value in wanted.items())


def _as_read(properties: Mapping[str, PropertyValue]) -> dict[str, Any]:
    """Properties in a form to compare. Servers may return large whole numbers as text (`--client-safe-integers`)."""
    return {
        name: str(value) if type(value) is int and value not in READABLE else value
        for name, value in properties.items()
    }
