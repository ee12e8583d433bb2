"""The files of versions: the URI of the first model artifact of each."""

from collections.abc import Sequence

from converters.entities import ModelArtifact
from converters.entity import Kind
from converters.kinds import JsonObject
from model_registry_proxy.mlmd.listing import MOST_LISTED
from model_registry_proxy.registry.request import Request


async def sources_of(request: Request, versions: Sequence[JsonObject]) -> dict[str, str]:
    """Returns the URIs by the ids of versions. A version without a model artifact, or whose artifact has no URI, is left out."""
    return await sources_by_ids(request, [int(version["id"]) for version in versions])


async def sources_by_ids(request: Request, ids: Sequence[int]) -> dict[str, str]:
    """Does the same for ids of versions."""
    found: dict[str, str] = {}
    type_id = request.type_id(ModelArtifact)
    for start in range(0, len(ids), MOST_LISTED):
        nodes = await request.store.oldest(Kind.ARTIFACT, type_id, ids[start : start + MOST_LISTED])
        visible = {node.id for node in await request.access.visible(list(nodes.values()))}
        found |= {str(context): node.uri for context, node in nodes.items() if node.id in visible and node.uri}  # type: ignore[union-attr]
    return found
