"""Records what was seen running: a serve for each revision whose state has changed, with the version of that revision."""

import logging

from model_registry_client import AsyncRegistry
from model_registry_client.bodies import below
from model_registry_client.entities import InferenceService, ModelVersion, ServeModel
from model_registry_client.errors import ApiError, Conflict, InvalidValue, NotFound
from model_registry_client.states import ExecutionState

from model_registry_controller.kserve.objects import KServeService
from model_registry_controller.kserve.status import FAILED, RUNNING, Seen
from model_registry_controller.problems import Problem, is_of_the_registry
from model_registry_controller.reconciling.memory import Memory, Recorded
from model_registry_controller.registries.pool import OneRegistry

log = logging.getLogger(__name__)
_MOST_READ = 100
_ENDED = ExecutionState.COMPLETE


async def record(
    registry: OneRegistry, client: AsyncRegistry, entry: InferenceService, item: KServeService, memory: Memory
) -> int:
    """Records what has changed since the last serve. Returns the number of serves that were created.

    Raises:
        Problem: The registry refuses a serve.
    """
    if not item.seen:
        return 0
    await _load(registry, client, entry, item, memory)
    made = 0
    for number, one in enumerate(item.seen, 1):
        version_id = await _version_of(client, entry, item, memory, one)
        if not version_id:
            log.info(
                "A revision of unknown version is not recorded",
                extra={"object": "/".join(item.key), "revision": one.revision},
            )
            continue
        new = Recorded(one.revision, version_id, one.state)
        is_known = memory.states.get(one.revision) == one.state and memory.versions.get(one.revision) == version_id
        is_headline = number == len(item.seen)
        if is_known and not (is_headline and memory.newest != new):
            continue
        await _create(registry, client, entry, item, one, version_id)
        memory.note(new)
        made += 1
    return made


async def end(client: AsyncRegistry, entry: InferenceService, item: KServeService, memory: Memory | None) -> None:
    """Records that a deleted object runs no more, if it was last recorded as running.

    Args:
        client: A client of the registry.
        entry: The entry of the object.
        item: The object.
        memory: What is remembered of it, if anything is.
    """
    memory = memory or Memory(item.uid)
    if not memory.are_serves_known:
        await _read(client, entry, memory, 1)
    newest = memory.newest
    if not newest or newest.state != RUNNING:
        return
    fields = {
        "name": f"{item.uid} deleted",
        "model_version_id": newest.version_id,
        "last_known_state": _ENDED,
        "custom_properties": {"revision": newest.revision} if newest.revision else {},
    }
    try:
        await client.create(ServeModel, fields, below(ServeModel, inference_service_id=entry.id))
    except Conflict:
        log.debug("The end is recorded already", extra={"object": "/".join(item.key)})


async def _load(
    registry: OneRegistry, client: AsyncRegistry, entry: InferenceService, item: KServeService, memory: Memory
) -> None:
    """Reads the serves of an entry, unless they are known. The newest one is enough if it is what is seen now."""
    if memory.are_serves_known:
        return
    if entry.id in registry.newest:
        newest = registry.newest.pop(entry.id)
        memory.load([newest] if newest else [])
        last = item.seen[-1]
        one = memory.newest
        if one is None or (len(item.seen) == 1 and (one.revision, one.state) == (last.revision, last.state)):
            return
    await _read(client, entry, memory, _MOST_READ)


async def _read(client: AsyncRegistry, entry: InferenceService, memory: Memory, most: int) -> None:
    under = below(ServeModel, inference_service_id=entry.id)
    found: list[ServeModel] = []
    async for serve in client.list(ServeModel, under, order_by="CREATE_TIME", descending=True, page_size=most):
        found.append(serve)
        if len(found) == most:
            break
    memory.newest, memory.versions, memory.states = None, {}, {}
    memory.load(found)


async def _version_of(
    client: AsyncRegistry, entry: InferenceService, item: KServeService, memory: Memory, one: Seen
) -> str:
    """The version that a revision runs; empty if it is not known.

    A revision never changes, so what was recorded of it stays true. The labels of the object are those of its newest revision.
    """
    if one.revision and (known := memory.versions.get(one.revision)):
        return known
    if not one.is_newest:
        return ""
    if item.version_id:
        return item.version_id
    if item.storage_version and entry.registered_model_id:
        found = await client.find(
            ModelVersion, item.storage_version, below(ModelVersion, registered_model_id=entry.registered_model_id)
        )
        if found:
            return found.id
    try:
        return (await client.get_deployed_version(entry.id)).id
    except NotFound:
        return ""


async def _create(
    registry: OneRegistry,
    client: AsyncRegistry,
    entry: InferenceService,
    item: KServeService,
    one: Seen,
    version_id: str,
) -> None:
    properties = {"revision": one.revision} if one.revision else {}
    if one.state == FAILED and one.why:
        properties["reason"] = one.why
    fields = {
        # The object's version makes the name unique, and the same again if this attempt is repeated.
        "name": " ".join(filter(None, (one.revision, one.state, item.uid[:8], item.version))),
        "model_version_id": version_id,
        "last_known_state": ExecutionState(one.state),
        "custom_properties": properties,
    }
    try:
        await client.create(ServeModel, fields, below(ServeModel, inference_service_id=entry.id))
    except Conflict:
        log.debug("This serve is recorded already", extra={"object": "/".join(item.key)})
    except (ApiError, InvalidValue) as error:
        if is_of_the_registry(error):
            raise
        raise Problem(
            "ServeNotRecorded", f"The model registry at {registry.url} does not record what runs: {error}", lasts=True
        ) from error
    else:
        log.info(
            "Seen %s", one.state, extra={"object": "/".join(item.key), "revision": one.revision, "version": version_id}
        )
