"""A lineage as events of OpenLineage, version 2-0-2: one for each step and run, with its inputs and outputs."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from model_registry_client import Lineage, LineageNode

from model_registry_cli.lineage_formats.words import kind_of, name_of

_PRODUCER = "urn:model-registry-client"
_SCHEMA = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"
_JOBS = ("step", "experiment_run")


def events(lineage: Lineage, server: str) -> Iterator[dict[str, Any]]:
    """Yields the events. `server` is the address of the registry: the namespace of what has no URI."""
    for ref, node in lineage.nodes.items():
        if node.kind in _JOBS:
            time = node.created or datetime.fromtimestamp(0, UTC)
            yield {
                "eventType": "COMPLETE",
                "eventTime": time.isoformat(timespec="milliseconds"),
                "run": {"runId": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{server}/{ref}"))},
                "job": {"namespace": server, "name": f"{kind_of(node)}/{name_of(node) or node.id}"},
                "inputs": [_data(lineage.nodes[a], server) for a, b in lineage.edges if b == ref],
                "outputs": [_data(lineage.nodes[b], server) for a, b in lineage.edges if a == ref],
                "producer": _PRODUCER,
                "schemaURL": _SCHEMA,
            }


def _data(node: LineageNode, server: str) -> dict[str, str]:
    """Returns an artifact as a data set: by its URI, else by its id in the registry."""
    parts = urlsplit(node.uri or "")
    if parts.scheme and parts.path.strip("/"):
        return {
            "namespace": f"{parts.scheme}://{parts.netloc}" if parts.netloc else parts.scheme,
            "name": parts.path.strip("/"),
        }
    return {"namespace": server, "name": node.ref}
