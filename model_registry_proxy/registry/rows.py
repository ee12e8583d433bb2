"""Nodes as REST entities, with the facts that other nodes hold: the run of an artifact, the parent of a renamed context."""

from collections.abc import Mapping, Sequence

from converters import names
from converters._generated.metadata_store_pb2 import Artifact
from converters.entity import Entity, Kind, Stored
from converters.kinds import JsonObject, Node
from converters.nodes import from_node
from model_registry_proxy.mlmd.port import KnownContext
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
                answer = {**await _fields_of(request, entity, context), **answer}
        found.append(answer)
    return found


async def with_attributions(request: Request, nodes: Sequence[Node], answers: Sequence[JsonObject]) -> list[JsonObject]:
    """Returns artifact rows with the fields of all contexts that they are attributed to, as lists: all their runs."""
    contexts = await request.store.attributions([node.id for node in nodes])
    completed = []
    for node, answer in zip(nodes, answers, strict=True):
        entity = request.entity_of(node)
        assert entity  # noqa: S101 (callers pass rows of entities only)
        held = [await _fields_of(request, entity, context) for context in contexts.get(node.id, ())]
        facts = {
            key: [fields[key] for fields in held if key in fields] for key in {key for each in held for key in each}
        }
        completed.append({**answer, **facts})
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


async def _fields_of(request: Request, entity: type[Entity], context_id: int) -> JsonObject:
    """Returns the REST fields that an artifact has from a context that it is attributed to: the ids of a run and its experiment.

    Every user who sees the artifact sees them.
    """
    known = await request.registry.store.context(context_id)
    owner = request.entity_of_type(known.type_id) if known else None
    if known is None or owner is None or entity not in owner.attributed:
        return {}
    found: JsonObject = {}
    for field in entity.fields.values():
        source = field.attributed_to
        if source and source.entity is owner:
            value = str(known.id) if source.stored == "id" else await parent_of(request, owner, known)
            found |= {field.rest: value} if value else {}
    return found


async def parent_of(request: Request, entity: type[Entity], known: KnownContext) -> str | None:
    """Returns the id of a context's parent, from its name or else from its link."""
    prefix, _ = names.split(entity, known.name)
    if names.is_id(prefix):
        return prefix
    return (await parent_by_link(request, entity, known.id)).get(entity.parent_id or "")
