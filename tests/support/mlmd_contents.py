"""The whole content of an MLMD store as plain values, so that two stores can be compared.

A node is identified by its position in the order of creation in its table, not by its id. So two stores with the same content
and different ids compare equal.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from google.protobuf.json_format import MessageToDict

from converters._generated.metadata_store_pb2 import PropertyType

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_REFERENCES = ("registered_model_id", "model_version_id", "serving_environment_id")
"""Integer properties that hold a context's id."""

Types = dict[str, dict[str, str]]
Node = dict[str, Any]


@dataclass(frozen=True)
class Contents:
    """The nodes of each table in the order of creation, and the links as pairs of places in them."""

    contexts: list[Node] = field(default_factory=list)
    artifacts: list[Node] = field(default_factory=list)
    executions: list[Node] = field(default_factory=list)
    parents: list[tuple[int, int]] = field(default_factory=list)
    attributions: list[tuple[int, int]] = field(default_factory=list)
    associations: list[tuple[int, int]] = field(default_factory=list)


def types_of(store: Any, *, kind: str) -> Types:
    """The types of a kind with the names and kinds of their properties, without the built-in types of MLMD."""
    return {
        type_.name: {name: PropertyType.Name(kind) for name, kind in type_.properties.items()}
        for type_ in getattr(store, f"get_{kind}_types")()
        if not type_.name.startswith("mlmd.")
    }


def contents_of(store: Any, *, of_types: Callable[[str], bool] = lambda _: True) -> Contents:
    """Reads the content of a `MetadataStore`.

    `of_types` decides by the name of a type whether its nodes count. Artifacts below other contexts do not count.
    """
    every_context = store.get_contexts()
    contexts = _chosen(every_context, of_types)
    places = {node.id: place for place, node in enumerate(contexts)}
    attributed = {node.id: store.get_artifacts_by_context(node.id) for node in every_context}
    elsewhere = {artifact.id for id_, found in attributed.items() if id_ not in places for artifact in found}
    artifacts = [node for node in _chosen(store.get_artifacts(), of_types) if node.id not in elsewhere]
    artifact_places = {node.id: place for place, node in enumerate(artifacts)}
    executions = _chosen(store.get_executions(), of_types)
    execution_places = {node.id: place for place, node in enumerate(executions)}
    return Contents(
        [_context(node, places) for node in contexts],
        [_artifact(node, places) for node in artifacts],
        [_execution(node, places) for node in executions],
        sorted(
            (places[child.id], places[parent.id])
            for child in contexts
            for parent in store.get_parent_contexts_by_context(child.id)
        ),
        sorted((places[c], artifact_places[a.id]) for c in places for a in attributed[c]),
        sorted(
            (places[context.id], execution_places[execution.id])
            for context in contexts
            for execution in store.get_executions_by_context(context.id)
            if execution.id in execution_places
        ),
    )


def _chosen(nodes: list[Any], of_types: Callable[[str], bool]) -> list[Any]:
    return sorted((node for node in nodes if of_types(node.type)), key=lambda node: node.id)


def _context(node: Any, places: Mapping[int, int]) -> Node:
    return _common(node, places)


def _artifact(node: Any, places: Mapping[int, int]) -> Node:
    state = node.State.Name(node.state) if node.HasField("state") else None
    return {**_common(node, places), "uri": node.uri, "state": state}


def _execution(node: Any, places: Mapping[int, int]) -> Node:
    state = node.State.Name(node.last_known_state) if node.HasField("last_known_state") else None
    return {**_common(node, places), "last_known_state": state}


def _common(node: Any, places: Mapping[int, int]) -> Node:
    return {
        "type": node.type,
        "name": _name(node, places),
        "external_id": node.external_id if node.HasField("external_id") else None,
        "properties": {key: _value(key, value, places) for key, value in node.properties.items()},
        "custom_properties": {key: _value("", value, places) for key, value in node.custom_properties.items()},
    }


def _name(node: Any, places: Mapping[int, int]) -> str:
    """The name with the position of the parent instead of its id, and without random or time-based parts."""
    prefix, colon, rest = node.name.partition(":")
    if colon and prefix.isdecimal() and int(prefix) in places:
        prefix = f"<{places[int(prefix)]}>"
    if node.type == "kf.MetricHistory":
        rest = re.sub(r"__\d{13}$", "__<time>", rest)
    return _UUID.sub("<uuid>", prefix + colon + rest)


def _value(key: str, value: Any, places: Mapping[int, int]) -> tuple[str, Any]:
    kind = value.WhichOneof("value")
    held = getattr(value, kind)
    if kind == "struct_value":
        return kind, MessageToDict(held)
    if key in _REFERENCES:
        return kind, f"<{places[held]}>"
    return kind, _UUID.sub("<uuid>", held) if key == "version" else held
