"""Converts a whole entity to an MLMD node and back, by the entity's table of fields."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from converters import names
from converters._generated.metadata_store_pb2 import Artifact, Execution
from converters.companion import COMPANION, custom_place, may_be_clamped, restore
from converters.entity import Entity, Field, Stored
from converters.errors import RefusedError
from converters.idempotency import MARKS
from converters.kinds import NODE_OF, JsonObject, Node
from converters.values import CUSTOM_BY_KIND, CUSTOM_BY_TYPE, rule_of, survives
from converters.whole_numbers import whole_number

MAX_URI_BYTES = 65_535

_WRITTEN = {Stored.PROPERTY, Stored.KEPT_WHEN_EMPTY}
_COPIED = {Stored.COPY_OF_NAME, Stored.COPY_OF_PARENT_NAME}
RESERVED = (COMPANION, MARKS)
"""The custom properties of the server itself. REST shows none of them."""


@dataclass(frozen=True, slots=True)
class Column:
    """A field that is an attribute of the node.

    Attributes:
        to_mlmd: Takes the REST value and the field's JSON name, returns the value to set.
        from_mlmd: Takes the node, returns the REST value; `None` if it is absent.
    """

    to_mlmd: Callable[[Any, str], Any]
    from_mlmd: Callable[[Any], Any]


def _uri(text: str, field: str) -> str:
    names.check_length(field, text, limit=MAX_URI_BYTES)
    return text


COLUMNS: Mapping[str, Column] = {
    "uri": Column(_uri, lambda node: node.uri),
    "state": Column(
        lambda name, _: Artifact.State.Value(name),
        lambda node: Artifact.State.Name(node.state) if node.HasField("state") else None,
    ),
    "last_known_state": Column(
        lambda name, _: Execution.State.Value(name),
        lambda node: Execution.State.Name(node.last_known_state) if node.HasField("last_known_state") else None,
    ),
}


def to_node(
    entity: type[Entity], body: JsonObject, *, type_id: int, name: str, own_name: str, parent_name: str = ""
) -> Node:
    """Returns the node to put for a create.

    Args:
        entity: The entity.
        body: The REST entity, checked against the document.
        type_id: The id of the MLMD type in this store.
        name: The stored name, from `names.stored_name`.
        own_name: The REST name. Some entities keep a copy, which Kubeflow's Go proxy reads.
        parent_name: The REST name of the parent, for the same reason.

    Raises:
        RefusedError: The store cannot keep a value.
    """
    check_order(entity, body)
    node: Any = NODE_OF[entity.kind](type_id=type_id, type=entity.stored_as, name=name)
    _write(entity, node, body)
    for stored, is_own in _PLANS[entity].copies:
        node.properties[stored].string_value = own_name if is_own else parent_name
    return node  # type: ignore[no-any-return]


def to_change(entity: type[Entity], id_: int, body: JsonObject, *, type_id: int) -> tuple[Node, list[str]]:
    """Returns the node and the field mask of MLMD that change the fields in `body` and no others; an empty mask for no change.

    Custom properties are replaced as a whole. `body` comes from `merged_for_companion`. Raises `RefusedError` for a value that the
    store cannot keep.
    """
    node: Any = NODE_OF[entity.kind](id=id_, type_id=type_id, type=entity.stored_as)
    _write(entity, node, body)
    mask = [path for key in body if (path := _mask_path(entity, key))]
    return node, mask


def check_order(entity: type[Entity], row: JsonObject) -> None:
    """Raises `RefusedError` if a number in `row`, such as the end of a run, is smaller than the one it must not come before."""
    for later, earlier in _PLANS[entity].ordered:
        number, least = row.get(later), row.get(earlier)
        if number and least and _is_smaller(number, least):
            raise RefusedError(f"{later} must not be before {earlier}; got {number} and {least}.")


def _is_smaller(number: str, least: str) -> bool:
    try:
        return whole_number(number, "") < whole_number(least, "")
    except ValueError:  # another writer of the store has put something else there
        return False


def merged_for_companion(entity: type[Entity], body: JsonObject, stored: JsonObject) -> JsonObject:
    """Returns `body`, completed with the numbers and custom properties of `stored` if the change must write the companion.

    Declared numbers and custom properties share one companion, so it is written with all of them. A whole number well within
    32 bits does not need that: an entry of an earlier number is not valid for it.
    """
    if not _touches_companion(entity, body):
        return body
    plan = _PLANS[entity]
    shared = (*plan.doubles, *plan.whole_numbers, "customProperties")
    return {**{key: stored[key] for key in shared if key in stored}, **body}


def _touches_companion(entity: type[Entity], body: JsonObject) -> bool:
    plan = _PLANS[entity]
    if not plan.doubles and not plan.whole_numbers:
        return False
    is_large = any(may_be_clamped(whole_number(body.get(rest) or 0, rest)) for rest in plan.whole_numbers)
    return is_large or "customProperties" in body or any(rest in body for rest in plan.doubles)


def from_node(entity: type[Entity], node: Any) -> JsonObject:
    """Returns the REST entity of a stored node. Absent values are left out; `customProperties` is always there.

    Times are milliseconds since the epoch, as decimal text like ids and 64-bit integers.
    """
    plan = _PLANS[entity]
    prefix, name = names.split(entity, node.name)
    answer: JsonObject = {
        "id": str(node.id),
        "createTimeSinceEpoch": str(node.create_time_since_epoch),
        "lastUpdateTimeSinceEpoch": str(node.last_update_time_since_epoch),
    }
    if name:  # an artifact made over gRPC may lack one
        answer["name"] = name
    if entity.artifact_type:
        answer["artifactType"] = entity.artifact_type
    if node.HasField("external_id"):
        answer["externalId"] = node.external_id
    for field, read in plan.columns:
        if (value := read(node)) is not None:
            answer[field] = value
    if (owner := plan.name_field) and names.is_id(prefix):
        answer[owner] = prefix
    readers, properties = plan.readers, node.properties
    for key in properties:  # here and below: `items()` of protobuf's maps takes twice the time
        if key in readers:
            rest, from_mlmd = readers[key]
            if (read_value := from_mlmd(properties[key])) is not None:
                answer[rest] = read_value
    answer["customProperties"] = custom = {}
    properties = node.custom_properties
    for key in properties:
        value = properties[key]
        rule = CUSTOM_BY_KIND.get(value.WhichOneof("value"))
        if rule and key not in RESERVED:  # REST has no words for MLMD's protos, which only gRPC users can write
            custom[key] = {"metadataType": rule.metadata_type, rule.key: rule.from_mlmd(value)}
    if COMPANION in properties:
        restore(answer, properties[COMPANION])
    return answer


def _write(entity: type[Entity], node: Any, body: JsonObject) -> None:
    """Sets the fields of `body` on `node`. An empty list is not written; an empty text is written and reads as absent."""
    exact: dict[str, float] = {}
    if external_id := body.get("externalId"):
        names.check_length("externalId", external_id)
        node.external_id = external_id
    plan = _PLANS[entity]
    writers = plan.writers
    for rest, value in body.items():
        if (write := writers.get(rest)) and value is not None and value != []:
            write(node, value)
    for rest in plan.doubles:
        if (value := body.get(rest)) is not None and not survives(value):
            exact[rest] = value
    for key, value in (body.get("customProperties") or {}).items():
        _write_custom(node, key, value, exact)
    if exact:
        node.custom_properties[COMPANION].struct_value.update(exact)


def _writer(field: Field) -> Callable[[Any, Any], None]:
    """Returns a function that sets this field of a node to a REST value."""
    if field.place is Stored.COLUMN:
        to_column = COLUMNS[field.stored].to_mlmd
        return lambda node, value: setattr(node, field.stored, to_column(value, field.rest))
    to_value, name = rule_of(field).to_mlmd, field_name(field)
    return lambda node, value: node.properties[field.stored].CopyFrom(to_value(value, name))


def field_name(field: Field) -> str:
    """Returns the name that the field's rule gets: inside the struct of a list the stored name, else the REST name for messages."""
    return field.stored if field.type == list[str] else field.rest


def _write_custom(node: Any, key: str, value: JsonObject, exact: dict[str, float]) -> None:
    place = custom_place(key)
    if key in RESERVED:
        raise RefusedError(f"{place} is reserved: choose another name.")
    names.check_length(f"The property name {key[:40]!r}", key)
    rule = CUSTOM_BY_TYPE[value["metadataType"]]
    node.custom_properties[key].CopyFrom(rule.to_mlmd(value[rule.key], f"{place}.{rule.key}"))
    if rule.key == "double_value" and not survives(value[rule.key]):
        exact[place] = value[rule.key]


def _mask_path(entity: type[Entity], key: str) -> str | None:
    if key in ("externalId", "customProperties"):
        return {"externalId": "external_id", "customProperties": "custom_properties"}[key]
    field = entity.fields.get(key)
    if field is None or field.place not in {*_WRITTEN, Stored.COLUMN}:
        return None
    return field.stored if field.place is Stored.COLUMN else f"properties.{field.stored}"


def stale_places(entity: type[Entity], node: Any) -> list[str]:
    """Returns the places of stale entries in a node's companion: a gRPC client has written another value there."""
    if COMPANION not in node.custom_properties:
        return []
    without: Any = type(node)()
    without.CopyFrom(node)
    del without.custom_properties[COMPANION]
    return restore(from_node(entity, without), node.custom_properties[COMPANION])


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is computed once from an entity's fields, so that converting a node only looks it up."""

    readers: Mapping[str, tuple[str, Callable[[Any], Any]]]
    """Stored name of a property to its JSON name and what reads its value."""
    writers: Mapping[str, Callable[[Any, Any], None]]
    """JSON name to what sets the field of a node."""
    columns: Sequence[tuple[str, Callable[[Any], Any]]]
    """JSON name and reader of each field that is an attribute of the node."""
    copies: Sequence[tuple[str, bool]]
    """Stored name of each property with a copy of a name, and whether that is the entity's own name; else its parent's."""
    ordered: Sequence[tuple[str, str]]
    """JSON names of two numbers, of which the first must not be smaller."""
    name_field: str | None
    """JSON name of the field that is the prefix of the stored name."""
    doubles: Sequence[str]
    whole_numbers: Sequence[str]


def _plan_of(entity: type[Entity]) -> _Plan:
    fields = entity.fields.values()
    return _Plan(
        readers={f.stored: (f.rest, rule_of(f).from_mlmd) for f in fields if f.place in _WRITTEN},
        writers={f.rest: _writer(f) for f in fields if f.place in _WRITTEN or f.place is Stored.COLUMN},
        columns=[(f.rest, COLUMNS[f.stored].from_mlmd) for f in fields if f.place is Stored.COLUMN],
        copies=[(f.stored, f.place is Stored.COPY_OF_NAME) for f in fields if f.place in _COPIED],
        ordered=[(f.rest, f.not_before) for f in fields if f.not_before],
        name_field=next((f.rest for f in fields if f.place is Stored.IN_NAME), None),
        doubles=[f.rest for f in fields if f.type is float],
        whole_numbers=[f.rest for f in fields if f.type is int],
    )


class _Plans(dict[type[Entity], _Plan]):
    def __missing__(self, entity: type[Entity]) -> _Plan:
        self[entity] = plan = _plan_of(entity)
        return plan


_PLANS = _Plans()
"""The plan of each entity that has been converted so far, from whichever table of entities it comes."""
