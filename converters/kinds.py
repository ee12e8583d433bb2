"""The three kinds of MLMD node, and the protobuf message of each."""

from collections.abc import Mapping
from typing import Any

from converters._generated.metadata_store_pb2 import Artifact, Context, Execution
from converters.entity import Kind

Node = Context | Artifact | Execution
JsonObject = dict[str, Any]
"""A JSON object of the REST API."""

NODE_OF: Mapping[Kind, type[Node]] = {
    Kind.CONTEXT: Context,
    Kind.ARTIFACT: Artifact,
    Kind.EXECUTION: Execution,
}


def kind_of(node: Node) -> Kind:
    """Returns the kind of a node."""
    return next(kind for kind, type_ in NODE_OF.items() if isinstance(node, type_))
