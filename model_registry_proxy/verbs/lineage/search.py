"""Follows lineage from artifacts, up to what they were made from or down to what was made of them.

Three things connect artifacts: steps, by MLMD's events; runs, which take their datasets and make their models; and versions, which
are made of artifacts and are deployed. What the user may not see is left out, with its edges and each step that took or made it.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence

from converters import names
from converters.entities import (
    LISTED_ARTIFACTS,
    DataSet,
    ExperimentRun,
    InferenceService,
    ModelArtifact,
    ModelVersion,
    ServeModel,
)
from converters.entity import Entity, Kind
from converters.extension_entities import LINEAGE, Step
from converters.kinds import Node
from converters.nodes import from_node
from model_registry_proxy.mlmd.listing import Listing, NumberIn
from model_registry_proxy.mlmd.port import Use, all_nodes
from model_registry_proxy.registry.request import Request
from model_registry_proxy.registry.rows import owner_of
from model_registry_proxy.verbs.audit_records import kind_word
from model_registry_proxy.verbs.lineage.graph import Graph, ref

ARTIFACT, STEP = "artifact", "step"
"""The kinds of nodes that are no contexts."""
_MOST_LINKED = 100
"""Artifacts whose attributions the store is asked for at a time."""
_MOST_CHECKED = 2000
"""A step with more artifacts is hidden from users that may not see everything: each of them would have to be checked."""
_OF_VERSIONS = (ModelArtifact, DataSet)


class Search:
    """A search through the graph in one direction. `graph` gets what it finds."""

    def __init__(self, request: Request, graph: Graph, *, is_down: bool) -> None:
        self._request, self._graph, self.is_down = request, graph, is_down
        self._seen: set[tuple[str, int]] = set()

    async def run(self, artifacts: Sequence[Node], depth: int) -> None:
        """Searches from these artifacts, which the graph has already, through at most `depth` steps or runs."""
        self._unseen(ARTIFACT, artifacts)
        for left in range(depth, -1, -1):
            if not artifacts:
                return
            linked = await self._attributions(artifacts) if left or self.is_down else {}
            if self.is_down:
                await self._to_versions(artifacts, linked)
            if not left:
                return
            further = await asyncio.gather(self._through_steps(artifacts), self._through_runs(artifacts, linked))
            artifacts = self._unseen(ARTIFACT, [node for nodes in further for node in nodes])

    async def deployments(self, versions: Sequence[Node]) -> None:
        """Adds the inference services that these versions are deployed by, now or by one of their serves."""
        ids = tuple(node.id for node in self._unseen(kind_word(ModelVersion.words), versions))
        if not ids:
            return
        services, serves = await asyncio.gather(
            *(self._referring(entity, ids) for entity in (InferenceService, ServeModel))
        )
        deployed = [(version, service.id) for service, version in services]
        deployed += [(version, owner) for serve, version in serves if (owner := owner_of(ServeModel, serve))]
        await self.add_contexts(InferenceService, {id_ for _, id_ in deployed})
        for version, id_ in deployed:
            self._graph.link(ref(kind_word(ModelVersion.words), version), ref(kind_word(InferenceService.words), id_))

    async def add_contexts(self, entity: type[Entity], ids: Collection[int]) -> list[Node]:
        """Adds those of the contexts that are of this entity and visible, as far as there is room; returns them."""
        kind = kind_word(entity.words)
        found = await self._nodes(Kind.CONTEXT, self._graph.first(ids, kind), (entity,))
        for node in found:
            parent = owner_of(entity, node)
            name = names.split(entity, node.name)[1]
            self._graph.add(kind, node, name=name, parentId=str(parent) if parent else None)
        return list(found)

    def add_artifacts(self, nodes: Sequence[Node]) -> None:
        """Adds artifacts."""
        for node in nodes:
            entity = self._request.entity_of(node)
            assert entity  # noqa: S101 (callers have only our artifacts)
            row = from_node(entity, node)
            self._graph.add(ARTIFACT, node, **{key: row.get(key) for key in ("name", "artifactType", "uri")})

    async def name_parents(self) -> None:
        """Adds the names of the parents of all contexts in the graph."""
        found = await self._nodes(Kind.CONTEXT, self._graph.parents(), None)
        self._graph.name_parents({node.id: node.name for node in found})

    async def artifacts_below(self, context: int, entities: Sequence[type[Entity]]) -> list[Node]:
        """Returns the artifacts of a context that are of these entities and visible, as far as there is room."""
        types = tuple(self._request.type_id(entity) for entity in entities)
        found: list[Node] = []
        async for node in all_nodes(self._request.store, Listing(Kind.ARTIFACT, types=types, below=context)):
            if self._request.entity_of(node) in entities:
                found.append(node)
            if len(found) > self._graph.room:
                self._graph.is_truncated = True
                break
        return list(await self._request.access.visible(found))

    def _unseen(self, kind: str, nodes: Sequence[Node]) -> list[Node]:
        """Returns those of the nodes that this search meets for the first time."""
        new = {node.id: node for node in nodes if (kind, node.id) not in self._seen}
        self._seen.update((kind, id_) for id_ in new)
        return list(new.values())

    async def _nodes(self, kind: Kind, ids: Collection[int], entities: Sequence[type[Entity]] | None) -> Sequence[Node]:
        """Returns those of the nodes that are of these entities (`None` for any) and visible."""
        store = self._request.registry.store  # what is hidden is not noted: the user has not named it
        found = await asyncio.gather(*(store.get(kind, id_) for id_ in ids))
        ours = [node for node in found if node and (entities is None or self._request.entity_of(node) in entities)]
        return await self._request.access.visible(ours)

    async def _attributions(self, artifacts: Sequence[Node]) -> Mapping[int, Sequence[int]]:
        ids = [node.id for node in artifacts]
        parts = [ids[start : start + _MOST_LINKED] for start in range(0, len(ids), _MOST_LINKED)]
        found = await asyncio.gather(*(self._request.store.attributions(part) for part in parts))
        return {id_: contexts for part in found for id_, contexts in part.items()}

    async def _to_versions(self, artifacts: Sequence[Node], linked: Mapping[int, Sequence[int]]) -> None:
        """Adds the versions that are made of artifacts, and what deploys them."""
        made_of = self._links(artifacts, linked, _OF_VERSIONS)
        versions = await self.add_contexts(ModelVersion, {context for _, context in made_of})
        for artifact, context in made_of:
            self._graph.link(ref(ARTIFACT, artifact), ref(kind_word(ModelVersion.words), context))
        await self.deployments(versions)

    def _links(
        self, artifacts: Sequence[Node], linked: Mapping[int, Sequence[int]], entities: Sequence[type[Entity]]
    ) -> list[tuple[int, int]]:
        """Returns artifact and context of each link of artifacts of these entities."""
        fitting = [node.id for node in artifacts if self._request.entity_of(node) in entities]
        return [(id_, context) for id_ in fitting for context in linked.get(id_, ())]

    async def _through_runs(self, artifacts: Sequence[Node], linked: Mapping[int, Sequence[int]]) -> list[Node]:
        """Adds the runs that took or made artifacts; returns the artifacts on the other side of these."""
        near, far = (DataSet, ModelArtifact) if self.is_down else (ModelArtifact, DataSet)
        kind = kind_word(ExperimentRun.words)
        links = self._links(artifacts, linked, (near,))
        runs = await self.add_contexts(ExperimentRun, {context for _, context in links})
        for artifact, context in links:
            self._link(ref(ARTIFACT, artifact), ref(kind, context))
        new = self._unseen(kind, runs)
        beyond = await asyncio.gather(*(self.artifacts_below(run.id, (far,)) for run in new))
        for run, found in zip(new, beyond, strict=True):
            self.add_artifacts(found)
            for node in found:
                self._link(ref(kind, run.id), ref(ARTIFACT, node.id))
        return [node for found in beyond for node in found]

    async def _through_steps(self, artifacts: Sequence[Node]) -> list[Node]:
        """Adds the steps that took or made artifacts; returns the artifacts on the other side of these."""
        store = self._request.registry.store
        near = [
            use
            for use in await store.uses(Kind.ARTIFACT, [node.id for node in artifacts])
            if use.is_input == self.is_down
        ]
        ids = self._graph.first({use.execution for use in near}, STEP)
        new = [id_ for id_ in ids if (STEP, id_) not in self._seen]
        self._seen.update((STEP, id_) for id_ in new)
        far = await self._add_steps(new)
        for use in near:
            self._link(ref(ARTIFACT, use.artifact), ref(STEP, use.execution))
        wanted = self._graph.first({use.artifact for use in far}, ARTIFACT)
        found = await self._nodes(Kind.ARTIFACT, wanted, LISTED_ARTIFACTS)
        self.add_artifacts(found)
        for use in far:
            self._link(ref(STEP, use.execution), ref(ARTIFACT, use.artifact))
        return list(found)

    async def _add_steps(self, ids: Sequence[int]) -> list[Use]:
        """Adds the steps of these ids that the user may see; returns their uses on the other side."""
        store = self._request.registry.store
        if not ids:
            return []
        uses, found = await asyncio.gather(
            store.uses(Kind.EXECUTION, ids), asyncio.gather(*(store.get(Kind.EXECUTION, id_) for id_ in ids))
        )
        hidden = await self._hidden(uses)
        if any(node and node.type == Step.stored_as for node in found):  # another process may have recorded them
            await self._request.registry.finds_types(LINEAGE)
        for node in found:
            if node and node.id not in hidden:
                self._graph.add(STEP, node, **self._facts(node))
        return [use for use in uses if use.is_input != self.is_down and use.execution not in hidden]

    async def _hidden(self, uses: Sequence[Use]) -> set[int]:
        """Returns the executions that took or made an artifact which the user may not see."""
        if self._request.access.sees_all:
            return set()
        of: dict[int, set[int]] = {}
        for use in uses:
            of.setdefault(use.execution, set()).add(use.artifact)
        hidden = {id_ for id_, artifacts in of.items() if len(artifacts) > _MOST_CHECKED}
        asked = set().union(*(artifacts for id_, artifacts in of.items() if id_ not in hidden))
        seen = {node.id for node in await self._nodes(Kind.ARTIFACT, asked, None)}
        return hidden | {id_ for id_, artifacts in of.items() if not artifacts <= seen}

    def _facts(self, node: Node) -> dict[str, str | None]:
        """Returns the facts of a step. One of another program has the name of its type as its kind."""
        if self._request.entity_of(node) is not Step:
            return {"name": node.name or None, "stepKind": node.type}
        row = from_node(Step, node)
        return {"name": row.get("name"), "stepKind": row.get("kind")}

    def _link(self, near: str, far: str) -> None:
        """Adds an edge that this search follows from `near` to `far`."""
        self._graph.link(*((near, far) if self.is_down else (far, near)))

    async def _referring(self, entity: type[Entity], versions: tuple[int, ...]) -> list[tuple[Node, int]]:
        """Returns the nodes of an entity that refer to one of these versions, each with the id of that version."""
        stored = next(field.stored for field in entity.fields.values() if field.references is ModelVersion)
        criteria = (NumberIn(stored, versions),)
        listing = Listing(entity.kind, types=(self._request.type_id(entity),), criteria=criteria)
        found: list[Node] = []
        async for node in all_nodes(self._request.store, listing):
            if listing.takes(node):
                found.append(node)
            if len(found) > self._graph.room:
                self._graph.is_truncated = True
                break
        seen = await self._request.access.visible(found)
        return [(node, node.properties[stored].int_value) for node in seen]
