"""lineage: records a step, which took artifacts and made others."""

import asyncio
from collections import Counter
from collections.abc import Collection, Sequence

from converters._generated import metadata_store_pb2 as mlmd
from converters.entities import Artifact
from converters.entity import Entity, Kind
from converters.extension_entities import LINEAGE
from converters.kinds import JsonObject, Node
from converters.nodes import from_node
from converters.whole_numbers import whole_number
from model_registry_proxy.errors import BadRequest, StoreError
from model_registry_proxy.mlmd.port import AlreadyExists, NotUnique
from model_registry_proxy.registry.request import Request
from model_registry_proxy.verbs.create import new_node
from model_registry_proxy.verbs.failed_writes import explain
from model_registry_proxy.verbs.replays import is_replay, is_too_old

_INPUTS, _OUTPUTS = "inputArtifactIds", "outputArtifactIds"
_MOST_GENERATIONS = 100
"""How far up a cycle is looked for."""


async def record(request: Request, entity: type[Entity], body: JsonObject) -> JsonObject:
    """Creates the step in `body`; returns it. Raises `NotFound`, `BadRequest`, `Forbidden`, `KeyReused`."""
    inputs, outputs = _ids(body, _INPUTS), _ids(body, _OUTPUTS)
    if not inputs and not outputs:
        raise BadRequest(f"A step needs artifacts: give {_INPUTS}, {_OUTPUTS} or both.")
    if both := sorted(set(inputs) & set(outputs)):
        raise BadRequest(
            f"{_INPUTS} and {_OUTPUTS} have both the artifact {both[0]}; a step makes other artifacts than it takes."
        )
    uses, _, _ = await asyncio.gather(
        request.registry.store.uses(Kind.ARTIFACT, outputs),
        request.registry.make_types(LINEAGE),
        asyncio.gather(*(request.node(Artifact, id_) for id_ in sorted({*inputs, *outputs}))),
    )
    await _check_cycle(request, inputs, {use.artifact for use in uses if use.is_input})
    facts = {key: value for key, value in body.items() if key not in (_INPUTS, _OUTPUTS)}
    stored = await _put(request, entity, facts, inputs, outputs)
    shown = {field: [str(id_) for id_ in ids] for field, ids in ((_INPUTS, inputs), (_OUTPUTS, outputs))}
    return {**from_node(entity, stored), **shown}


async def _put(
    request: Request, entity: type[Entity], body: JsonObject, inputs: Sequence[int], outputs: Sequence[int]
) -> Node:
    """Puts a step; returns it as the store has it, or the one that an earlier request with the same key has put."""
    node = new_node(request, entity, dict(body), None)
    assert isinstance(node, mlmd.Execution)  # noqa: S101 (the table says so)
    node.last_known_state = mlmd.Execution.COMPLETE
    store = request.registry.store
    try:
        id_ = await request.store.put_step(node, inputs, outputs)
    except StoreError as error:
        is_taken = isinstance(error, AlreadyExists | NotUnique) and request.attempt is not None
        former = await store.find_by_name(Kind.EXECUTION, entity.stored_as, node.name) if is_taken else None
        if former and is_replay(request, entity, former):
            return former
        if former and request.attempt and is_too_old(request, former):
            request.attempt = request.attempt.after(former.id)
            return await _put(request, entity, body, inputs, outputs)
        raise await explain(request, entity, node, body, error) from None
    stored = await store.get(Kind.EXECUTION, id_)
    assert stored  # noqa: S101 (MLMD deletes nothing)
    return stored


def _ids(body: JsonObject, field: str) -> list[int]:
    ids = [whole_number(text, field) for text in body.get(field) or ()]
    if twice := [id_ for id_, count in Counter(ids).items() if count > 1]:
        raise BadRequest(f"{field} has the artifact {twice[0]} more than once.")
    return ids


async def _check_cycle(request: Request, inputs: Sequence[int], taken: Collection[int]) -> None:
    """Raises `BadRequest` if an input was made from an output: nothing is made from itself.

    `taken` are the outputs that another step has taken before. No other one can be such an output.
    """
    store = request.registry.store
    made, seen = set(inputs) if taken else set(), set(inputs)
    for _ in range(_MOST_GENERATIONS):
        if not made:
            return
        makers = {use.execution for use in await store.uses(Kind.ARTIFACT, sorted(made)) if not use.is_input}
        made = {use.artifact for use in await store.uses(Kind.EXECUTION, sorted(makers)) if use.is_input} - seen
        seen |= made
        if found := sorted(made.intersection(taken)):
            raise BadRequest(f"{_OUTPUTS} has the artifact {found[0]}, which an input of this step was made from.")
