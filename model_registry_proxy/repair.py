"""`model-registry repair`: finds what an interrupted write or a foreign hand has left in the store, and mends what can be.

A child without its link is linked to the parent that its name tells; everything else is reported, since only a person knows
what was meant. The proxy may go on serving meanwhile.
"""

import json
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, dataclass

from rich.console import Console
from rich.table import Table

from converters import names
from converters.entities import ENTITIES, Entity, ExperimentRun
from converters.fields import Kind
from converters.nodes import Node, from_node, stale_doubles
from model_registry_proxy.channels import channel_to, mlmd_target
from model_registry_proxy.errors import AlreadyExists
from model_registry_proxy.listings import Listing
from model_registry_proxy.metadata_store import MetadataStore
from model_registry_proxy.registry import Registry, owner_of
from model_registry_proxy.security.tls import mlmd_tls
from model_registry_proxy.settings import Settings
from model_registry_proxy.verbs.metric_history import list_history

_SETTLED_MS = 60_000
"""A child younger than this may be in the making: its link is left to who makes it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be. `mended` tells whether it is by now; a dry run mends nothing."""

    entity: str
    id: int
    name: str
    problem: str
    mended: bool = False


async def repair(registry: Registry, *, is_dry: bool, now_ms: int) -> AsyncIterator[Finding]:
    """Walks the whole store and yields what it finds, mended where it can be unless `is_dry`.

    `now_ms` is the time in ms since the epoch: what is younger than a minute may be in the making and is passed over.
    """
    for entity in ENTITIES:
        async for nodes in _pages(registry, entity):
            settled = [node for node in nodes if node.create_time_since_epoch < now_ms - _SETTLED_MS]
            async for finding in _check(registry, entity, settled, is_dry=is_dry):
                yield finding


async def _pages(registry: Registry, entity: type[Entity]) -> AsyncIterator[Sequence[Node]]:
    of_type = (f"type_id = {registry.type_id(entity)}",)
    after, is_more = None, True
    while is_more:
        nodes, is_more = await registry.store.list_nodes(Listing(entity.kind, conditions=of_type, after_id=after))
        if nodes:
            after = nodes[-1].id
            yield nodes


async def _check(
    registry: Registry, entity: type[Entity], nodes: Sequence[Node], *, is_dry: bool
) -> AsyncIterator[Finding]:
    for node in nodes:
        for place in stale_doubles(entity, node):
            problem = f"{place} was changed by somebody else; its exact companion no longer counts"
            yield _finding(entity, node, problem)
        async for problem in _dangling(registry, entity, node):
            yield _finding(entity, node, problem)
        if entity.is_owned():
            async for finding in _check_link(registry, entity, node, is_dry=is_dry):
                yield finding
        if entity.history and await _lacks_history(registry, entity.history, node):
            yield _finding(entity, node, "no value of it is in the history of its run")


async def _dangling(registry: Registry, entity: type[Entity], node: Node) -> AsyncIterator[str]:
    """What a node refers to by id and what is not there, or of another type."""
    row = from_node(entity, node)
    for field in entity.fields.values():
        if field.references and (said := row.get(field.rest)):
            known = await registry.contexts.get(int(said))
            if known is None or registry.entity_of_type(known.type_id) is not field.references:
                yield f"{field.rest} says {said}, which is no {field.references.words}"


async def _check_link(registry: Registry, entity: type[Entity], node: Node, *, is_dry: bool) -> AsyncIterator[Finding]:
    """The name's prefix must tell a parent of the right type, and the link to it must be there."""
    owner = owner_of(entity, node)
    if owner is None:
        if entity.kind is Kind.CONTEXT or entity.parent:
            yield _finding(entity, node, "its name has no parent's id before the colon")
        return
    parent = await registry.contexts.get(owner)
    wanted = [entity.parent] if entity.parent else [e for e in ENTITIES if e.kind is Kind.CONTEXT]
    if parent is None or registry.entity_of_type(parent.type_id) not in wanted:
        yield _finding(entity, node, f"its name says that it is below {owner}, which is no such thing")
        return
    if await registry.store.is_linked(entity.kind, node.id, owner):
        return
    if not is_dry:
        await _link(registry, entity, node.id, owner)
    yield _finding(entity, node, f"the link to its parent {owner} was missing", mended=not is_dry)


async def _link(registry: Registry, entity: type[Entity], id_: int, parent: int) -> None:
    if entity.kind is not Kind.CONTEXT:
        await registry.store.tie(entity.kind, id_, parent)
        return
    try:
        await registry.store.link(id_, parent)
    except AlreadyExists:  # somebody was quicker
        return


async def _lacks_history(registry: Registry, history: type[Entity], node: Node) -> bool:
    """Whether a metric below a run has no row in the run's history."""
    owner = owner_of(history, node)
    parent = await registry.contexts.get(owner) if owner else None
    if parent is None or registry.entity_of_type(parent.type_id) is not ExperimentRun:
        return False
    question = {"name": names.split(history, node.name)[1], "pageSize": 1}
    return not (await list_history(registry, history, question, (ExperimentRun, parent.id)))["items"]


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
            async for finding in repair(registry, is_dry=is_dry, now_ms=time.time_ns() // 1_000_000):
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
