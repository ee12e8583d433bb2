"""What of an entity is written to another server: its body with the ids of that server, and when two entities are the same."""

import base64
import json
from collections.abc import Callable
from typing import Any

from model_registry_client.entities import Artifact, Metric
from model_registry_client.entity import Entity
from model_registry_client.transfer.rest import Json
from model_registry_client.transfer.tables import KEPT_WHEN_EMPTY, TIME_OF_A_VALUE, own_fields

TranslateId = Callable[[type[Entity], str], str]
"""Returns the id at the target for an entity and its id at the source; raises `MissingError`."""

_COMMON = ("name", "externalId")
STATES = ("state", "status")
"""How names of fields end that a server fills in where a body leaves them out. It fills in names too."""

_TIMES = ("createTimeSinceEpoch", "lastUpdateTimeSinceEpoch")
ORIGINS = {"id": "imported_id"} | dict(zip(_TIMES, ("imported_create_time", "imported_last_update_time"), strict=True))
"""Custom properties for the fields that the target sets itself, by the name of the field."""

MEASURED = own_fields(Metric).keys() - own_fields(Artifact).keys()
"""value, timestamp and step."""
HISTORY = (*MEASURED, "customProperties")
"""What one value of a metric consists of."""


class MissingError(Exception):
    """An entity refers to one that is not at the target."""


def body_of(entity: type[Entity], row: Json, translate: TranslateId, *, with_origin: bool = False) -> Json:
    """The body that creates the same entity at the target.

    Args:
        entity: The entity.
        row: It as the source shows it, in JSON.
        translate: Gives the ids of the target.
        with_origin: Keep id and times of the source as custom properties, see `ORIGINS`.
    """
    body: Json = {name: row[name] for name in _COMMON if row.get(name)}
    for name, referred_to in own_fields(entity).items():
        value = row.get(name)
        if (entity, name) == TIME_OF_A_VALUE and not value:
            body[name] = ""  # unknown at the source, and not the time of the import
            continue
        if value is None or (value == "" and (entity, name) != KEPT_WHEN_EMPTY):
            continue
        body[name] = translate(referred_to, str(value)) if referred_to else value
    properties = row.get("customProperties") or {}
    if isinstance(properties, dict):
        properties = {name: _property(value) for name, value in properties.items()}
    if with_origin and isinstance(properties, dict):
        properties |= {ORIGINS[name]: _string(str(row[name])) for name in ORIGINS if row.get(name)}
    body["customProperties"] = properties
    if issubclass(entity, Artifact):
        body["artifactType"] = entity.artifact_type
    return body


def is_same(entity: type[Entity], body: Json, row: Json) -> bool:
    """Whether a row of the target is what `body` would create."""
    found = body_of(entity, row, lambda _, id_: id_)
    more = found.keys() - body.keys() - {"name", "artifactType"}
    return body.items() <= found.items() and all(name.lower().endswith(STATES) for name in more)


def is_within(entity: type[Entity], row: Json, body: Json) -> bool:
    """Whether all that a row of the target has, except states, is in `body` too."""
    found = body_of(entity, row, lambda _, id_: id_)
    wanted = body.get("customProperties") or {}
    custom = isinstance(wanted, dict) and found.pop("customProperties").items() <= wanted.items()
    return custom and all(body.get(name) == value or name.lower().endswith(STATES) for name, value in found.items())


def history_body(entity: type[Entity], row: Json) -> Json:
    """The body that makes a metric have this value, whatever value it had before."""
    body = body_of(entity, row, lambda _, id_: id_)
    body.pop("externalId", None)
    return {"description": "", **body}


def is_same_value(row: Json, other: Json) -> bool:
    """Whether two rows of a history hold the same value; ids and times of creation do not count."""
    return all((row.get(name) or None) == (other.get(name) or None) for name in HISTORY)


def _property(value: Any) -> Any:
    """A custom property in JSON. The Go server's embedded store shows structs without base64, which no server accepts."""
    struct = value.get("struct_value") if isinstance(value, dict) else None
    if struct is None or (isinstance(struct, str) and _is_encoded(struct)):
        return value
    text = struct if isinstance(struct, str) else json.dumps(struct)
    return {**value, "struct_value": base64.b64encode(text.encode()).decode()}


def _is_encoded(text: str) -> bool:
    try:
        json.loads(base64.b64decode(text, validate=True))
    except ValueError:
        return False
    return True


def _string(text: str) -> dict[str, Any]:
    return {"metadataType": "MetadataStringValue", "string_value": text}
