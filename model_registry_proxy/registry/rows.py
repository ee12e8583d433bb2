"""Nodes as REST entities, with the facts that other nodes hold: the run of an artifact, the parent of a renamed context."""

from collections.abc import Mapping, Sequence

from converters import names
from converters._generated.metadata_store_pb2 import Artifact
from converters.entities import ExperimentRun
from converters.entity import Entity, Kind, Stored
from converters.kinds import JsonObject, Node
from converters.nodes import from_node
from model_registry_proxy.registry.request import Request

NOWHERE = 0
"""In the place of a context's id: the artifacts are known to be attributed to no context."""


async def row(request: Request, node: Node, below: int | None = None) -> JsonObject:
    """Returns the REST entity of a node; see `rows`."""
    return (await rows(request, [node], below))[0]


async def rows(request: Request, nodes: Sequence[Node], below: int | None = None) -> list[JsonObject]:
    """Returns the REST entities of nodes of one kind; artifacts of a run get its id and that of its experiment.

    `below` is the context that the artifacts are known to be attributed to, or `NOWHERE`. Without it their names say it, or
    else the store's attributions: the first run, if there are several.
    """
    attributed = await _attributed(request, nodes) if below is None else {}
    found = []
    for node in nodes:
        entity = request.entity_of(node)
        assert entity  # noqa: S101 (callers pass rows of entities only)
        answer = from_node(entity, node)
        if entity.parent_id and entity.parent_id not in answer:
            answer.update(await parent_by_link(request, entity, node.id))
        if entity.kind is Kind.ARTIFACT:
            owner = below or owner_of(entity, node)
            for context in [owner] if owner else sorted(attributed.get(node.id, ())):
                answer = {**await _run_of(request, context), **answer}
        found.append(answer)
    return found


async def with_runs(request: Request, nodes: Sequence[Node], answers: Sequence[JsonObject]) -> list[JsonObject]:
    """Returns artifact rows with all runs that they are attributed to, and their experiments, as lists of ids."""
    contexts = await request.store.attributions([node.id for node in nodes])
    completed = []
    for node, answer in zip(nodes, answers, strict=True):
        runs = [await _run_of(request, context) for context in contexts.get(node.id, ())]
        facts = {key: [run[key] for run in runs if key in run] for key in ("experimentRunId", "experimentId")}
        completed.append({**answer, **{key: ids for key, ids in facts.items() if ids}})
    return completed


async def with_parent(
    request: Request, entity: type[Entity], parent: int, answers: Sequence[JsonObject]
) -> list[JsonObject]:
    """Returns rows with the facts that their parent holds: its own id, and what it refers to."""
    held = await entity_by_id(request, parent)
    fields = [field.rest for field in entity.fields.values() if field.place is Stored.OF_PARENT]
    facts = {field: held.get(field, str(parent)) for field in fields}
    return [{**answer, **facts} for answer in answers]


async def entity_by_id(request: Request, context: int) -> JsonObject:
    """Returns a context of any of our types as a REST entity; empty where there is none."""
    node = await request.store.get(Kind.CONTEXT, context)
    entity = request.entity_of(node) if node else None
    return from_node(entity, node) if entity else {}


async def parent_by_link(request: Request, entity: type[Entity], id_: int) -> JsonObject:
    """Returns the REST field with the parent's id, for a context whose name a gRPC client changed, so that it lacks that id."""
    parents = await request.store.parents(id_)
    ids = [str(parent.id) for parent in parents if request.entity_of(parent) is entity.parent]
    return {entity.parent_id: ids[0]} if entity.parent_id and ids else {}


def owner_of(entity: type[Entity], node: Node) -> int | None:
    """Returns the id in an owned node's name; `None` for the UUID of a node that was created standalone."""
    prefix, _ = names.split(entity, node.name)
    return int(prefix) if names.is_id(prefix) else None


async def _attributed(request: Request, nodes: Sequence[Node]) -> Mapping[int, Sequence[int]]:
    """Returns the contexts of those artifacts among `nodes` whose names hold no id."""
    if not nodes or not isinstance(nodes[0], Artifact):
        return {}
    entities = [request.entity_of(node) for node in nodes]
    unnamed = [
        node.id
        for node, entity in zip(nodes, entities, strict=True)
        if entity is not None and owner_of(entity, node) is None
    ]
    return await request.store.attributions(unnamed)


async def _run_of(request: Request, context_id: int) -> JsonObject:
    """Returns the REST fields with a run and its experiment; empty for any other context."""
    known = await request.registry.store.context(context_id)  # every user who sees the artifact sees its run
    if known is None or request.entity_of_type(known.type_id) is not ExperimentRun:
        return {}
    experiment, _ = names.split(ExperimentRun, known.name)
    found = {"experimentId": experiment} if names.is_id(experiment) else None
    return {"experimentRunId": str(context_id), **(found or await parent_by_link(request, ExperimentRun, context_id))}
