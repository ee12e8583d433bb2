"""The version of a model by a range of semantic versions, in npm's language: `^1.2`, `~1.2.3`, `1.x`, `>=1.2 <2`."""

from typing import Any

from semantic_version import NpmSpec, Version

from converters.entities import ModelVersion, RegisteredModel
from converters.entity import Kind
from converters.kinds import JsonObject
from converters.nodes import from_node
from model_registry_proxy.errors import BadRequest, NotFound
from model_registry_proxy.mlmd.listing import Listing
from model_registry_proxy.mlmd.port import all_nodes
from model_registry_proxy.registry.request import Request
from model_registry_proxy.registry.rows import row

_ARCHIVED = "ARCHIVED"


async def version_in(request: Request, model_id: int, wanted: str) -> JsonObject:
    """Returns the version with the name `wanted`, or else the highest one in the range `wanted`. Archived versions do not count.

    Raises `NotFound` for an unknown model and where nothing fits, `BadRequest` for a text that is neither a name nor a range.
    """
    await request.context(RegisteredModel, model_id)
    listing = Listing(Kind.CONTEXT, types=(request.type_id(ModelVersion),), below=model_id)
    spec, best, highest = _range(wanted), None, None
    async for node in all_nodes(request.store, listing):
        if request.entity_of(node) is not ModelVersion:
            continue
        version = from_node(ModelVersion, node)
        if version.get("state") == _ARCHIVED:
            continue
        if version.get("name") == wanted:
            return await row(request, node)
        place = _place(spec, version)
        if place is not None and (highest is None or place > highest):
            best, highest = node, place
    if best is not None:
        return await row(request, best)
    if spec is None:
        raise BadRequest(
            f"{wanted[:80]!r} is neither the name of a live version of {RegisteredModel.words} {model_id} nor a range of versions, "
            "such as ^1.2, ~1.2.3, 1.x or >=1.2 <2."
        )
    raise NotFound(f"No live version of {RegisteredModel.words} {model_id} fits {wanted[:80]}.")


def _range(text: str) -> Any:
    """Returns the range, or `None` for a text that is none."""
    try:
        return NpmSpec(text.strip()) if text.strip() else None
    except ValueError:
        return None


def _place(spec: Any, version: JsonObject) -> tuple[Any, int] | None:
    """Returns the place of a version among those in the range, or `None`. Of equal ones the newest has the highest place."""
    if spec is None:
        return None
    try:
        parsed = Version(version.get("name", "").removeprefix("v"))
    except ValueError:
        return None
    return (parsed.precedence_key, int(version["id"])) if parsed in spec else None
