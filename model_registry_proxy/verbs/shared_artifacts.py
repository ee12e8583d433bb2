"""Versions and runs that artifacts connect: those of one artifact, and those that share artifacts with a version or run."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from converters.entities import LISTED_ARTIFACTS
from converters.entity import Entity, Kind
from converters.kinds import JsonObject, Node
from model_registry_proxy.mlmd.listing import Position
from model_registry_proxy.registry.request import Request
from model_registry_proxy.registry.rows import rows
from model_registry_proxy.verbs.page_tokens import digest, from_token, to_token
from model_registry_proxy.verbs.scans import scan_for
from model_registry_proxy.verbs.sweeps import Sweep


async def of_artifact(
    request: Request, entity: type[Entity], query: Mapping[str, Any], artifact: type[Entity], id_: int
) -> JsonObject:
    """Returns a page of the contexts of an entity that an artifact belongs to, by id. Raises `NotFound`, `BadRequest`."""
    await request.node(artifact, id_)
    linked = (await request.store.attributions([id_])).get(id_, ())
    size = min(query.get("pageSize", request.limits.page), request.limits.page)
    fingerprint = digest("of an artifact", entity.stored_as, id_)
    token = query.get("nextPageToken")
    after = from_token(token, fingerprint).id if token else 0
    nodes = await _visible(request, entity, (context for context in linked if context > after))
    shown = nodes[:size]
    return {
        "items": await rows(request, shown),
        "nextPageToken": to_token(Position(shown[-1].id), fingerprint) if len(nodes) > size else "",
        "pageSize": size,
        "size": len(shown),
    }


async def sharing(request: Request, entity: type[Entity], owner: type[Entity], id_: int) -> JsonObject:
    """Returns the contexts of an entity that share artifacts with a context of `owner`, each with the ids of these artifacts.

    It looks at as many artifacts of the context as the scan limit says. Raises `NotFound`.
    """
    await request.context(owner, id_)
    sweep = Sweep(request, scan_for(request, LISTED_ARTIFACTS, {}, id_))
    artifacts_of: dict[int, list[int]] = defaultdict(list)
    async for page in sweep.pages():
        linked = await request.store.attributions([node.id for node, _ in page])
        for node, _ in page:
            for context in linked.get(node.id, ()):
                artifacts_of[context].append(node.id)
    artifacts_of.pop(id_, None)
    nodes = await _visible(request, entity, artifacts_of)
    items = [
        {entity.json_name(): row, "artifactIds": [str(each) for each in sorted(artifacts_of[node.id])]}
        for node, row in zip(nodes, await rows(request, nodes), strict=True)
    ]
    return {"items": items, "size": len(items), "isComplete": sweep.is_complete}


async def _visible(request: Request, entity: type[Entity], contexts: Iterable[int]) -> list[Node]:
    """The contexts of an entity that the user may see, by id. Others are not noted as hidden: the user has not named them."""
    store = request.registry.store
    found = await asyncio.gather(*(store.get(Kind.CONTEXT, id_) for id_ in sorted(contexts)))
    return list(await request.access.visible([node for node in found if node and request.entity_of(node) is entity]))
