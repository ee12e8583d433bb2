"""Finds the registered models that a node of the store belongs to, so that the rules for their names apply to it.

The entity table decides: a version belongs to its model, an entity that refers to a model or version belongs to that, and an
artifact belongs to the models of all versions that it is attributed to. For a node of no model the general roles apply.
"""

import asyncio
from collections.abc import Iterable, Sequence

from converters import names
from converters.entities import ENTITIES, RegisteredModel
from converters.entity import Entity, Field, Kind, Stored
from converters.extension_entities import EXTENSION_ENTITIES
from converters.kinds import Node
from model_registry_proxy.registry.registry import Registry

ROOT = RegisteredModel
"""The entity that the rules of a policy name."""
_MOST_AT_A_TIME = 100
_Reference = tuple[int, type[Entity] | None]
"""The id of a context, and the entity that it must be to count; `None` for any entity of `LEADING`."""


def _leads_on(entity: type[Entity] | None) -> bool:
    if entity is None or entity is ROOT:
        return entity is ROOT
    return _leads_on(entity.parent) or any(_leads_on(field.references) for field in entity.fields.values())


LEADING: frozenset[type[Entity]] = frozenset(entity for entity in ENTITIES if _leads_on(entity))
"""The entities that lead to a registered model: by reference, or from parent to parent."""
_FIELDS: dict[type[Entity], tuple[Field, ...]] = {
    entity: tuple(field for field in entity.fields.values() if field.references in LEADING)
    for entity in (*ENTITIES, *EXTENSION_ENTITIES)
}


def names_its_models(entity: type[Entity]) -> bool:
    """Whether an entity refers to its models by its own fields, whatever its parent is."""
    return bool(_FIELDS[entity])


async def models_of(registry: Registry, nodes: Sequence[Node]) -> list[frozenset[str]]:
    """For each node the names of the registered models that it belongs to, as the store has them now.

    A node without an id is about to be created. The number of calls does not grow with the number of nodes: attributions of
    artifacts, then their contexts, then the models.
    """
    references = await _references(registry, nodes)
    reached = sorted({id_ for found in references for id_, _ in found})
    contexts = await asyncio.gather(*(registry.store.get(Kind.CONTEXT, id_) for id_ in reached))
    entities = {node.id: registry.entity_of(node) for node in contexts if node is not None}
    # Only of the wanted type: a client of gRPC may have written that a service refers to itself.
    counted = [{id_ for id_, wanted in found if _counts(entities.get(id_), wanted)} for found in references]
    leading = [node for node in contexts if node is not None and node.id in set().union(*counted)]
    further = (
        dict(zip((node.id for node in leading), await models_of(registry, leading), strict=True)) if leading else {}
    )
    return [
        frozenset({node.name} if registry.entity_of(node) is ROOT else ()).union(*(further[id_] for id_ in ids))
        for node, ids in zip(nodes, counted, strict=True)
    ]


def _counts(entity: type[Entity] | None, wanted: type[Entity] | None) -> bool:
    return entity is wanted if wanted else entity in LEADING


async def _references(registry: Registry, nodes: Sequence[Node]) -> list[set[_Reference]]:
    """The contexts that each node refers to."""
    entities = [registry.entity_of(node) for node in nodes]
    found = [
        set(_own_references(entity, node)) if entity else set() for entity, node in zip(entities, nodes, strict=True)
    ]
    artifacts = [
        node.id
        for node, entity in zip(nodes, entities, strict=True)
        if entity and entity.kind is Kind.ARTIFACT and node.id
    ]
    attributed: dict[int, Sequence[int]] = {}
    for start in range(0, len(artifacts), _MOST_AT_A_TIME):
        attributed.update(await registry.store.attributions(artifacts[start : start + _MOST_AT_A_TIME]))
    for node, entity, references in zip(nodes, entities, found, strict=True):
        if entity and entity.kind is Kind.ARTIFACT:
            references.update((id_, None) for id_ in attributed.get(node.id, ()))
        elif entity and entity.kind is Kind.CONTEXT and entity.parent in LEADING and not references and node.id:
            # A client of gRPC has renamed it: the link still shows the parent.
            references.update((parent.id, entity.parent) for parent in await registry.store.parents(node.id))
    return found


def _own_references(entity: type[Entity], node: Node) -> Iterable[_Reference]:
    """The references in the node itself: its properties, and the id before the colon of its name."""
    for field in _FIELDS[entity]:
        if field.place is not Stored.IN_NAME and field.stored in node.properties:
            yield node.properties[field.stored].int_value, field.references
    prefix, _ = names.split(entity, node.name)
    if names.is_id(prefix) and (entity.kind is Kind.ARTIFACT or entity.parent in LEADING):
        yield int(prefix), entity.parent
