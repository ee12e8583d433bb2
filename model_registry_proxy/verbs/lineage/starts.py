"""lineage: the graph around a version, an artifact, or all data of a digest."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from converters.entities import Artifact, DataSet, ModelArtifact, ModelVersion
from converters.entity import Entity
from converters.kinds import JsonObject, Node
from model_registry_proxy.errors import BadRequest, NotFound
from model_registry_proxy.registry.request import Request
from model_registry_proxy.verbs.audit_records import kind_word
from model_registry_proxy.verbs.lineage.graph import Graph, ref
from model_registry_proxy.verbs.lineage.search import ARTIFACT, Search
from model_registry_proxy.verbs.scans import scan_for
from model_registry_proxy.verbs.sweeps import Sweep

DEPTH = 3
_VERSION, _ARTIFACT, _DIGEST = "modelVersionId", "artifactId", "digest"
_DIGESTS: Mapping[type[Entity], str] = {DataSet: "digest", ModelArtifact: "`digest.sha256`.string_value"}
"""What has the digest of an artifact, as filters name it."""


async def lineage(request: Request, query: Mapping[str, Any]) -> JsonObject:
    """Returns the graph that `query` asks for. Raises `NotFound`, `BadRequest`."""
    chosen = [name for name in (_VERSION, _ARTIFACT, _DIGEST) if name in query]
    if len(chosen) != 1:
        raise BadRequest(f"Name one of {_VERSION}, {_ARTIFACT} and {_DIGEST}; got {' and '.join(chosen) or 'none'}.")
    graph, depth = Graph(), query.get("depth", DEPTH)
    ways = {"up": (False,), "down": (True,)}.get(query.get("direction", "both"), (False, True))
    searches = [Search(request, graph, is_down=is_down) for is_down in ways]
    if _VERSION in query:
        roots = await _around_version(request, graph, searches, query[_VERSION], depth)
    else:
        artifacts = await _artifacts(request, query)
        searches[0].add_artifacts(artifacts)
        roots = [ref(ARTIFACT, node.id) for node in artifacts]
        for search in searches:
            await search.run(artifacts, depth)
    await searches[0].name_parents()
    return graph.shown(roots)


async def _around_version(
    request: Request, graph: Graph, searches: Sequence[Search], id_: int, depth: int
) -> list[str]:
    """Searches from the artifacts of a version: up from its models and datasets, down from its models only."""
    await request.context(ModelVersion, id_)
    (version,) = await searches[0].add_contexts(ModelVersion, [id_])
    root = ref(kind_word(ModelVersion.words), id_)
    for search in searches:
        entities = (ModelArtifact,) if search.is_down else (ModelArtifact, DataSet)
        artifacts = await search.artifacts_below(id_, entities)
        search.add_artifacts(artifacts)
        for node in artifacts:
            graph.link(ref(ARTIFACT, node.id), root)
        if search.is_down:
            await search.deployments([version])
        await search.run(artifacts, depth)
    return [root]


async def _artifacts(request: Request, query: Mapping[str, Any]) -> list[Node]:
    if _ARTIFACT in query:
        return [await request.node(Artifact, query[_ARTIFACT])]
    digest = str(query[_DIGEST])
    quoted = digest.replace("\\", "\\\\").replace('"', '\\"')
    found = await asyncio.gather(
        *(_filtered(request, entity, f'{name} = "{quoted}"') for entity, name in _DIGESTS.items())
    )
    nodes = [node for part in found for node in part]
    if not nodes:
        raise NotFound(f"No {DataSet.words} or {ModelArtifact.words} has the digest {digest[:120]}.")
    return nodes


async def _filtered(request: Request, entity: type[Entity], condition: str) -> list[Node]:
    sweep = Sweep(request, scan_for(request, (entity,), {"filterQuery": condition}, None))
    return [node async for page in sweep.pages() for node, _ in page]
