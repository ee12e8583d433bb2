"""Steps of lineage over MLMD: an execution with its events, in one call, and what events connect."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from converters._generated import metadata_store_pb2 as mlmd
from converters._generated import metadata_store_service_pb2 as service
from converters.entity import Kind
from converters.kinds import Node
from model_registry_proxy.mlmd.calls import MlmdCalls
from model_registry_proxy.mlmd.exact_calls import Ask
from model_registry_proxy.mlmd.port import Use

_MOST_AT_A_TIME = 1000
_METHODS = {
    Kind.ARTIFACT: ("GetEventsByArtifactIDs", "artifact_ids"),
    Kind.EXECUTION: ("GetEventsByExecutionIDs", "execution_ids"),
}
_IS_INPUT = {
    mlmd.Event.INPUT: True,
    mlmd.Event.DECLARED_INPUT: True,
    mlmd.Event.INTERNAL_INPUT: True,
    mlmd.Event.OUTPUT: False,
    mlmd.Event.DECLARED_OUTPUT: False,
    mlmd.Event.INTERNAL_OUTPUT: False,
}
"""What the types of events mean. Others, such as that of an output to come, connect nothing yet."""


def step_put(calls: MlmdCalls, inputs: Sequence[int], outputs: Sequence[int]) -> Callable[[Node], Awaitable[int]]:
    """Returns what puts an execution with its events. Artifacts are given by id only, so that they stay as they are."""

    async def put(step: Any) -> int:
        request = service.PutExecutionRequest(execution=step)
        for ids, type_ in ((inputs, mlmd.Event.INPUT), (outputs, mlmd.Event.OUTPUT)):
            for id_ in ids:
                request.artifact_event_pairs.add(event=mlmd.Event(artifact_id=id_, type=type_))
        answer = await calls.write("PutExecution", request)
        return answer.execution_id  # type: ignore[no-any-return]

    return put


async def uses_of(ask: Ask, kind: Kind, ids: Sequence[int]) -> list[Use]:
    """Returns the events of artifacts or executions."""
    method, name = _METHODS[kind]
    found = []
    for start in range(0, len(ids), _MOST_AT_A_TIME):
        answer = await ask(method, **{name: ids[start : start + _MOST_AT_A_TIME]})
        found += [
            Use(event.artifact_id, event.execution_id, _IS_INPUT[event.type])
            for event in answer.events
            if event.type in _IS_INPUT
        ]
    return found
