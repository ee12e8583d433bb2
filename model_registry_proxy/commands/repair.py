"""`model-registry repair`: finds what interrupted writes or other programs have left in the store, and repairs what it can.

A child without its link is linked to the parent that its name contains. Everything else is reported, since only a person knows
what was meant. Marks of `Idempotency-Key` that no longer count are removed without a report. The proxy may serve at the same time.
"""

import json
import logging
import time
from asyncio import sleep
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, dataclass

from rich.console import Console
from rich.table import Table

from converters import names
from converters._generated.metadata_store_pb2 import Context
from converters.entities import ENTITIES, ExperimentRun
from converters.entity import Entity, Kind
from converters.kinds import Node
from converters.nodes import from_node, stale_places
from model_registry_proxy.commands.lookalikes import Lookalikes
from model_registry_proxy.commands.old_keys import remove_old_keys
from model_registry_proxy.configuration.settings import Settings
from model_registry_proxy.configuration.tls import mlmd_tls
from model_registry_proxy.mlmd.listing import Listing
from model_registry_proxy.mlmd.port import AlreadyExists, all_nodes
from model_registry_proxy.mlmd.store import MetadataStore
from model_registry_proxy.registry.registry import Registry
from model_registry_proxy.registry.request import Request
from model_registry_proxy.registry.rows import owner_of
from model_registry_proxy.serving.channels import channel_to, mlmd_target
from model_registry_proxy.verbs.metric_history import list_history

_IN_PROGRESS_MS = 35_000
"""A younger child context may belong to a request that still runs (it takes less than this): that request makes the link."""
_DRY_RUN_MS = 1000
"""The same for a dry run, which changes nothing."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault. `mended` says whether the command has repaired it; a dry run repairs nothing."""

    entity: str
    id: int
    name: str
    problem: str
    mended: bool = False


async def repair(registry: Registry, *, is_dry: bool) -> AsyncIterator[Finding]:
    """Reads the whole store and yields what it finds, repaired if that is possible and not `is_dry`.

    A dry run also reports which names would clash on MySQL with a collation that ignores case and accents.
    A node without its link whose request may still run is checked again at the end.
    """
    making: list[tuple[type[Entity], Node, int]] = []
    lookalikes = Lookalikes()
    for entity in sorted(ENTITIES, key=lambda entity: entity.history is not None):  # what has a history comes after it
        async for node in _nodes(registry, entity):
            async for problem in _problems(registry, entity, node):
                yield _finding(entity, node, problem)
            for problem in lookalikes.of(entity, node) if is_dry else ():
                yield _finding(entity, node, problem)
            owner = await _lacking_link_to(registry, entity, node)
            if owner and _seconds_young(node):
                making.append((entity, node, owner))
            elif owner:
                yield await _linked(registry, entity, node, owner, is_dry=is_dry)
            if not is_dry:
                await remove_old_keys(registry, node)
    if making:
        await _wait_for_requests([node for _, node, _ in making], is_dry=is_dry)
    for entity, node, owner in making:
        if await _lacking_link_to(registry, entity, node):
            yield await _linked(registry, entity, node, owner, is_dry=is_dry)


def _seconds_young(node: Node) -> float:
    """For how many seconds its request may still run. Artifacts and executions may be linked twice, so they need no wait."""
    young_ms = node.create_time_since_epoch + _IN_PROGRESS_MS - time.time_ns() // 1_000_000
    return max(0, min(young_ms, _IN_PROGRESS_MS)) / 1000 if isinstance(node, Context) else 0.0


async def _wait_for_requests(making: Sequence[Node], *, is_dry: bool) -> None:
    seconds = max(_seconds_young(node) for node in making)
    if is_dry:
        seconds = min(seconds, _DRY_RUN_MS / 1000)
    _log.warning(
        "%d without a link to their parents may still be in creation; looking again in %.0f s.", len(making), seconds
    )
    await sleep(seconds)


async def _nodes(registry: Registry, entity: type[Entity]) -> AsyncIterator[Node]:
    async for node in all_nodes(registry.store, Listing(entity.kind, types=(registry.type_id(entity),))):
        yield node


async def _problems(registry: Registry, entity: type[Entity], node: Node) -> AsyncIterator[str]:
    """Yields faults that only a person can repair."""
    for place in stale_places(entity, node):
        yield f"{place} was changed by another program; its exact value in the companion no longer counts"
    async for problem in _dangling(registry, entity, node):
        yield problem
    if entity.is_owned():
        async for problem in _misplaced(registry, entity, node):
            yield problem
    if entity.history and await _lacks_history(registry, entity.history, node):
        yield "no value of it is in the history of its run"


async def _dangling(registry: Registry, entity: type[Entity], node: Node) -> AsyncIterator[str]:
    """Yields references to nodes that are missing or of another type."""
    row = from_node(entity, node)
    for field in entity.fields.values():
        if field.references and (said := row.get(field.rest)):
            known = await registry.store.context(int(said))
            if known is None or registry.entity_of_type(known.type_id) is not field.references:
                yield f"{field.rest} says {said}, which is no {field.references.words}"


async def _misplaced(registry: Registry, entity: type[Entity], node: Node) -> AsyncIterator[str]:
    """The name's prefix must be the id of a parent of the right type; an artifact may have further parents, others may not."""
    prefix, _ = names.split(entity, node.name)
    owner = owner_of(entity, node)
    if prefix is None or (owner is None and entity.parent):
        yield "its name has no parent's id before the colon"
    elif owner is not None and not await _is_parent(registry, entity, owner):
        yield f"its name says that it is below {owner}, which is no such thing"
    if entity.kind is not Kind.ARTIFACT:
        for other in await registry.store.owners(entity.kind, node.id):
            if other != owner:
                yield f"it is linked to {other} too, which its name does not show"


async def _is_parent(registry: Registry, entity: type[Entity], owner: int) -> bool:
    parent = await registry.store.context(owner)
    wanted = [entity.parent] if entity.parent else [e for e in ENTITIES if e.kind is Kind.CONTEXT]
    return parent is not None and registry.entity_of_type(parent.type_id) in wanted


async def _lacking_link_to(registry: Registry, entity: type[Entity], node: Node) -> int | None:
    """Returns the parent in a node's name, unless the link to it is there."""
    owner = owner_of(entity, node) if entity.is_owned() else None
    if owner is None or not await _is_parent(registry, entity, owner):
        return None
    return None if owner in await registry.store.owners(entity.kind, node.id) else owner


async def _linked(registry: Registry, entity: type[Entity], node: Node, owner: int, *, is_dry: bool) -> Finding:
    if not is_dry:
        await _link(registry, entity, node.id, owner)
    return _finding(entity, node, f"the link to its parent {owner} was missing", mended=not is_dry)


async def _link(registry: Registry, entity: type[Entity], id_: int, parent: int) -> None:
    if entity.kind is not Kind.CONTEXT:
        await registry.store.attach(entity.kind, id_, parent)
        return
    try:
        await registry.store.link(id_, parent)
    except AlreadyExists:  # another request was quicker
        return


async def _lacks_history(registry: Registry, history: type[Entity], node: Node) -> bool:
    """Whether a metric below a run has no row in the run's history."""
    owner = owner_of(history, node)
    parent = await registry.store.context(owner) if owner else None
    if parent is None or registry.entity_of_type(parent.type_id) is not ExperimentRun:
        return False
    question = {"name": names.split(history, node.name)[1], "pageSize": 1}
    return not (await list_history(Request(registry), history, question, (ExperimentRun, parent.id)))["items"]


def _finding(entity: type[Entity], node: Node, problem: str, *, mended: bool = False) -> Finding:
    return Finding(entity.words, node.id, names.split(entity, node.name)[1], problem, mended)


async def run(settings: Settings, *, is_dry: bool, as_json: bool) -> None:
    """Repairs the store that `settings` name, and prints what was found as a table or as JSON lines."""
    with mlmd_target(settings) as target:
        async with channel_to(target, settings.max_message_bytes, mlmd_tls(settings)) as channel:
            registry = Registry(MetadataStore(channel, timeout=settings.request_timeout))
            await registry.open()
            table = Table("entity", "id", "name", "problem", "mended", box=None)
            count = 0
            async for finding in repair(registry, is_dry=is_dry):
                count += 1
                if as_json:
                    print(json.dumps(asdict(finding)), flush=True)  # noqa: T201 (what was asked for)
                else:
                    mended = "yes" if finding.mended else "no"
                    table.add_row(finding.entity, str(finding.id), finding.name, finding.problem, mended)
    if not as_json:
        console = Console()
        if count:
            console.print(table)
        console.print(f"{count} found.", highlight=False)
