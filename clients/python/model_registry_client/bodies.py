"""What is sent: paths and JSON of creates and changes. Pure."""

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
"""The parent that something is below, and its id."""


def below(entity: type[Entity], **ids: str | None) -> Below:
    """The parent that is named by its argument. Raises `InvalidValue` for more than one."""
    named = [(parent, id_) for parent in entity.parents if (id_ := ids.get(parent.argument))]
    if len(named) > 1:
        raise InvalidValue(
            f"Name one parent of a {entity.words}: {' or '.join(parent.argument for parent, _ in named)}."
        )
    return named[0] if named else None


def of_new(entity: type[Entity], fields: Mapping[str, Any], under: Below) -> dict[str, Any]:
    """The JSON of a create: what is `None` is left out. Raises `InvalidValue` for a name that is empty."""
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
    """`of_new` for an operation of several steps. Raises `InvalidValue` for all that the server would refuse, too."""
    sent = of_new(entity, fields, under)
    limits.check(entity, sent, under)
    return sent


def what_exists(there: Sequence[str]) -> str:
    """What to add to the error of an operation of several steps, of which some are done."""
    exists = " and ".join(there)
    return f"{exists[0].upper()}{exists[1:]} exist{'' if len(there) > 1 else 's'} by now; the same call again continues from there."


def creation_path(entity: type[Entity], under: Below) -> str:
    """Where one is created. Raises `InvalidValue` where a parent is missing."""
    if under and entity.created_below:
        parent, id_ = under
        return parent.path(id_in_path(parent.entity, id_))
    if under is None and any(parent.is_required for parent in entity.parents):
        raise InvalidValue(f"A {entity.words} needs {' or '.join(parent.argument for parent in entity.parents)}.")
    return entity.collection


def of_change(entity: Entity | type[Entity], fields: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON of a change. Raises `InvalidValue` for fields that never change."""
    kind = type(entity) if isinstance(entity, Entity) else entity
    aliases = dict(kind.writable())
    if settled := sorted(name for name in fields if name not in aliases):
        raise InvalidValue(f"{settled[0]} of a {kind.words} cannot be changed; {', '.join(aliases)} can.")
    changed = entity.changes() if isinstance(entity, Entity) else {}
    return changed | body(kind, fields)


def settled_left_out(entity: type[Entity], fields: Mapping[str, Any]) -> dict[str, Any]:
    """Of the fields of an upsert, those that a change of what is there already sends: `None` is for not given here."""
    writable = dict(entity.writable())
    return {
        name: value for name, value in fields.items() if name in writable and value is not None and value is not UNSET
    }


def can_be_looked_up(entity: type[Entity], sent: Mapping[str, Any], under: Below, is_made_up: bool) -> bool:  # noqa: FBT001
    """Whether name or external id tell it from all others; artifacts without a parent may share a name."""
    return bool(sent.get("externalId") or under or not issubclass(entity, Artifact)) or is_made_up


def unchangeable(found: E, sent: Mapping[str, Any]) -> E:
    """What is there, where the API has no change of its kind. Raises `InvalidValue` where it is not what was asked for."""
    if not holds(found, sent):
        raise InvalidValue(
            f"A {found.words} named {found.name!r} is there with other content, and the API cannot change it."
        )
    return found


def holds(found: Entity, sent: Mapping[str, Any], only: Sequence[str] | None = None) -> bool:
    """Whether what was found has all that was sent (or of it, `only` these). An empty value is as good as none."""
    has = {alias: on_wire(name, getattr(found, name)) for name, alias in found.creatable()}
    told = {alias: value for alias, value in sent.items() if alias in has and (only is None or alias in only)}
    if "customProperties" in told and _as_read(found.custom_properties) != _as_read(
        from_wire(told.pop("customProperties"))
    ):
        return False
    return all((has[alias] or None) == (value or None) for alias, value in told.items())


def _as_read(properties: Mapping[str, PropertyValue]) -> dict[str, Any]:
    """Properties so that they compare: servers may answer large whole numbers as text (`--client-safe-integers`)."""
    return {
        name: str(value) if type(value) is int and value not in READABLE else value
        for name, value in properties.items()
    }
