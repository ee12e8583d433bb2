"""What of an entity is carried over, how its references are put into the ids of another server, and when two are the same."""

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any

from converters.entities import Artifact, MetricHistory
from converters.entity import Entity, Field, Stored
from model_registry_proxy.transfer.rest import Json

TranslateId = Callable[[type[Entity], str], str]
"""Answers the id at the target for an entity and its id at the source; raises `MissingError`."""

_TOLD_BY_OTHERS = {Stored.BY_ATTRIBUTION, Stored.OF_PARENT, Stored.COPY_OF_NAME, Stored.COPY_OF_PARENT_NAME}
_COMMON = ("name", "externalId")
STATES = ("state", "status")
"""How names of fields end that a server fills in where a body leaves them out; it does so with names too."""

_TIMES = ("createTimeSinceEpoch", "lastUpdateTimeSinceEpoch")
ORIGINS = {"id": "imported_id"} | dict(zip(_TIMES, ("imported_create_time", "imported_last_update_time"), strict=True))
"""Custom properties for what a server gives out itself, by the name of the field."""

MEASURED = MetricHistory.fields.keys() - Artifact.fields.keys()
HISTORY = (*MEASURED, "customProperties")
"""What makes a value of a metric."""


class MissingError(Exception):
    """An entity refers to one that was not carried over."""


def own_fields(entity: type[Entity]) -> Mapping[str, Field]:
    """The fields that a client may write, by their names in JSON."""
    return {name: field for name, field in entity.fields.items() if field.place not in _TOLD_BY_OTHERS}


def body_of(entity: type[Entity], row: Json, translate: TranslateId, *, with_origin: bool = False) -> Json:
    """The body that makes the same entity at the target. `with_origin` keeps id and times as custom properties."""
    fields = own_fields(entity)
    body: Json = {name: row[name] for name in _COMMON if row.get(name)}
    for name, field in fields.items():
        value = row.get(name)
        if field.time_of and not value:
            body[name] = ""  # unknown at the source, and not the time of the import
            continue
        if value is None or (value == "" and field.place is not Stored.KEPT_WHEN_EMPTY):
            continue
        body[name] = translate(field.references, str(value)) if field.references else value
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
    """Whether a row of the target is what `body` would make."""
    found = body_of(entity, row, lambda _, id_: id_)
    more = found.keys() - body.keys() - {"name", "artifactType"}
    return body.items() <= found.items() and all(name.lower().endswith(STATES) for name in more)


def is_within(entity: type[Entity], row: Json, body: Json) -> bool:
    """Whether all that a row of the target has is in `body` too, states aside."""
    found = body_of(entity, row, lambda _, id_: id_)
    wanted = body.get("customProperties") or {}
    custom = isinstance(wanted, dict) and found.pop("customProperties").items() <= wanted.items()
    return custom and all(body.get(name) == value or name.lower().endswith(STATES) for name, value in found.items())


def history_body(entity: type[Entity], row: Json) -> Json:
    """The body that makes a metric have this value, whatever it had before."""
    body = body_of(entity, row, lambda _, id_: id_)
    body.pop("externalId", None)
    return {"description": "", **body}


def is_same_value(row: Json, other: Json) -> bool:
    """Whether two rows of a history tell the same, times and ids aside."""
    return all((row.get(name) or None) == (other.get(name) or None) for name in HISTORY)


def _property(value: Any) -> Any:
    """A metadata value. The Go server's embedded store shows structs unencoded, which no server takes."""
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
