"""MLMD's exact calls, which need no filter: a node by type and name, nodes by id or external id, the contexts of a node."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from converters.entity import Entity, Kind
from converters.kinds import Node
from model_registry_proxy.mlmd.calls import PLURAL, nodes_in
from model_registry_proxy.mlmd.port import NotFound

Ask = Callable[..., Awaitable[Any]]
"""Sends a read to MLMD by method and fields; returns its answer."""


async def by_name(ask: Ask, kind: Kind, type_name: str, names: Sequence[str]) -> Mapping[str, Node]:
    """Returns those nodes of a type that have one of these stored names, by name; one call for each name.

    A database may take other texts for the same as a name: the node stands under the name that it has.
    """
    method = f"Get{PLURAL[kind][:-1]}ByTypeAndName"
    answers = await asyncio.gather(*(ask(method, **{"type_name": type_name, f"{kind}_name": name}) for name in names))
    nodes = [getattr(answer, kind) for answer in answers if answer.HasField(kind)]
    return {node.name: node for node in nodes}


async def by_ids(ask: Ask, kind: Kind, ids: Sequence[int]) -> Sequence[Node]:
    """Returns the nodes that have one of these ids."""
    return nodes_in(kind, await ask(f"Get{PLURAL[kind]}ByID", **{f"{kind}_ids": ids}))


async def by_external_ids(ask: Ask, kind: Kind, external_ids: Sequence[str]) -> Sequence[Node]:
    """Returns the nodes, of any type, that have one of these external ids, or one that the database takes for the same."""
    try:
        answer = await ask(f"Get{PLURAL[kind]}ByExternalIds", external_ids=sorted(set(external_ids)))
    except NotFound:  # MLMD's answer where no node has one
        return []
    return nodes_in(kind, answer)


async def owners(ask: Ask, kind: Kind, id_: int) -> list[int]:
    """Returns the ids of the contexts that a node is a child of, or that an artifact or execution is linked to."""
    if kind is Kind.CONTEXT:
        return [parent.id for parent in (await ask("GetParentContextsByContext", context_id=id_)).contexts]
    try:
        answer = await ask(f"GetContextsBy{kind.title()}", **{f"{kind}_id": id_})
    except NotFound:  # MLMD's answer for a node without any context
        return []
    return [context.id for context in answer.contexts]


async def types_by_name(ask: Ask, entities: Sequence[type[Entity]]) -> Mapping[type[Entity], int] | None:
    """Returns the ids of the types of entities; `None` if MLMD lacks one of them."""
    try:
        answers = await asyncio.gather(
            *(ask(f"Get{entity.kind.title()}Type", type_name=entity.stored_as) for entity in entities)
        )
    except NotFound:
        return None
    return {entity: getattr(answer, f"{entity.kind}_type").id for entity, answer in zip(entities, answers, strict=True)}
