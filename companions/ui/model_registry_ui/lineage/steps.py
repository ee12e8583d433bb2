"""The steps of a lineage that was recorded: what took which artifacts, and made the files of a version of them."""

from collections.abc import Mapping
from typing import Any

import httpx

from model_registry_ui.api import Api, ApiError
from model_registry_ui.lineage.nodes import Nodes

_STEP = "step/"
_DEPTH = "3"


async def recorded_above(api: Api, version_id: str) -> Mapping[str, Any]:
    """Returns the graph of what a version was made from; an empty one where the server records no steps."""
    try:
        found = await api.extension("/lineage", modelVersionId=version_id, direction="up", depth=_DEPTH)
    except ApiError as error:
        if error.status != httpx.codes.NOT_FOUND:
            raise
        found = None
    return found or {"nodes": (), "edges": ()}


def add_steps(nodes: Nodes, graph: Mapping[str, Any]) -> None:
    """Adds the steps of a graph, with what they took and made. Everything else in it is known by other questions."""
    by_ref = {node["ref"]: node for node in graph["nodes"]}
    for edge in graph["edges"]:
        if edge["from"].startswith(_STEP) or edge["to"].startswith(_STEP):
            nodes.link(*(nodes.of_graph(by_ref[edge[end]]) for end in ("from", "to")))
