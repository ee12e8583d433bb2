"""Bugs that a run can plant in a proxy, to show that the checker finds them. A developer might make each of these mistakes."""

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from types import ModuleType
from typing import Any

from converters.entity import Kind
from converters.kinds import kind_of
from model_registry_proxy.commands import repair
from model_registry_proxy.errors import StoreUnavailable
from model_registry_proxy.mlmd import retries
from model_registry_proxy.mlmd.calls import MlmdCalls
from model_registry_proxy.mlmd.store import MetadataStore
from model_registry_proxy.verbs import create
from model_registry_proxy.verbs import list as list_verb

_EVERY = 10


def _replace(module: ModuleType, name: str, bug: object) -> None:
    getattr(module, name)  # fails if the function that the bug replaces no longer exists
    setattr(module, name, bug)


def no_completion() -> None:
    """A child without its link stays without it when a client creates the same name again."""

    async def left_unlinked(*_: Any) -> int:
        return 0

    _replace(create, "_left_unlinked", left_unlinked)


def no_repair() -> None:
    """The command `repair` finds no missing links."""

    async def nothing(*_: Any) -> None:
        return None

    _replace(repair, "_lacking_link_to", nothing)


def no_look_up() -> None:
    """After an outage, a write is sent again without a check whether the first attempt took effect."""

    async def nothing() -> None:
        return None

    write = retries.RetryPolicy.write

    async def blind(self: retries.RetryPolicy, call: Callable[[], Awaitable[Any]], _: Any) -> Any:
        return await write(self, call, nothing)

    retries.RetryPolicy.write = blind  # type: ignore[method-assign]


def no_mask() -> None:
    """PATCH overwrites the whole node with the content of the body."""
    _replace_put(merge=False)


def merged_instead_of_masked() -> None:
    """PATCH reads the node, merges the body into it and writes the whole node: correct only without other clients."""
    _replace_put(merge=True)


def _replace_put(*, merge: bool) -> None:
    masked = MetadataStore.change

    async def change(self: MetadataStore, node: Any, mask: Any, *, seen: Any = None) -> None:
        stored = await self.get(kind_of(node), node.id)
        if stored is None:
            await masked(self, node, mask, seen=seen)
            return
        whole = type(stored)()
        whole.CopyFrom(stored)
        if not merge:
            whole.ClearField("properties")
            whole.ClearField("custom_properties")
        for path in mask:
            place, _, name = path.partition(".")
            if name:
                target, source = getattr(whole, place), getattr(node, place)
                target.pop(name, None)
                if name in source:
                    target[name].CopyFrom(source[name])
            elif place in ("properties", "custom_properties"):
                whole.ClearField(place)
                for key, value in getattr(node, place).items():
                    getattr(whole, place)[key].CopyFrom(value)
            else:
                setattr(whole, place, getattr(node, place))
        await self.put(whole)

    MetadataStore.change = change  # type: ignore[method-assign]


def dropped_history() -> None:
    """Some writes of a metric omit the row of its history."""
    put_below, calls = MetadataStore.put_below, iter(range(10**9))

    async def put(self: MetadataStore, parent: Any, nodes: Any) -> Any:
        is_metric = len(nodes) > 1
        ids = await put_below(self, parent, nodes[:1] if is_metric and next(calls) % _EVERY == 0 else nodes)
        return [ids[0], ids[-1]] if is_metric else ids

    MetadataStore.put_below = put  # type: ignore[method-assign]


def doubled_create() -> None:
    """Some entities with a generated name are stored twice."""
    put_once, calls = MetadataStore.put, iter(range(10**9))

    async def put(self: MetadataStore, node: Any) -> int:
        id_ = await put_once(self, node)
        if kind_of(node) is Kind.ARTIFACT and not node.id and next(calls) % _EVERY == 0:
            again = type(node)()
            again.CopyFrom(node)
            again.ClearField("external_id")
            again.name = f"{uuid.uuid4()}:{node.name.partition(':')[2]}"
            await put_once(self, again)
        return id_

    MetadataStore.put = put  # type: ignore[method-assign]


def stale_reads() -> None:
    """A row that was read is cached for half a second."""
    get = MetadataStore.get
    kept: dict[Any, tuple[float, Any]] = {}

    async def cached(self: MetadataStore, kind: Kind, id_: int) -> Any:
        since, node = kept.get((kind, id_), (0.0, None))
        if node is None or time.monotonic() - since > 0.5:
            node = await get(self, kind, id_)
            kept[kind, id_] = time.monotonic(), node
        return node

    MetadataStore.get = cached  # type: ignore[method-assign]


def short_lists() -> None:
    """Some pages lack their last row."""
    collect, calls = list_verb.collect, iter(range(10**9))

    async def short(*arguments: Any) -> Any:
        rows, rest = await collect(*arguments)
        return (rows[:-1] if next(calls) % _EVERY == 0 else rows), rest

    list_verb.collect = short


def forgotten_links() -> None:
    """Some creates of a child succeed without its link."""
    link, calls = MetadataStore.link, iter(range(10**9))

    async def forgetful(self: MetadataStore, child: int, parent: int) -> None:
        if next(calls) % _EVERY:
            await link(self, child, parent)

    MetadataStore.link = forgetful  # type: ignore[method-assign]


def late_writes() -> None:
    """A change is answered before it is written."""
    masked = MetadataStore.change
    kept: set[Any] = set()

    async def change(self: MetadataStore, node: Any, mask: Any, *, seen: Any = None) -> None:
        async def later() -> None:
            await asyncio.sleep(0.05)
            await masked(self, node, mask, seen=seen)

        kept.add(asyncio.ensure_future(later()))

    MetadataStore.change = change  # type: ignore[method-assign]


def halved_patches() -> None:
    """A change of several fields omits the last field."""
    masked = MetadataStore.change

    async def change(self: MetadataStore, node: Any, mask: Any, *, seen: Any = None) -> None:
        await masked(self, node, mask[:-1] if len(mask) > 1 else mask, seen=seen)

    MetadataStore.change = change  # type: ignore[method-assign]


def out_for_good() -> None:
    """After the first outage, all writes fail."""
    write = MlmdCalls.write
    outage: list[StoreUnavailable] = []

    async def broken(self: MlmdCalls, method: str, request: Any) -> Any:
        if outage and method != "PutTypes":  # the proxy does not start without this call
            raise outage[0]
        try:
            return await write(self, method, request)
        except StoreUnavailable as error:
            outage.append(error)
            raise

    MlmdCalls.write = broken  # type: ignore[method-assign]


BUGS: Mapping[str, Callable[[], None]] = {
    bug.__name__: bug
    for bug in (
        no_completion,
        no_repair,
        no_look_up,
        no_mask,
        merged_instead_of_masked,
        dropped_history,
        doubled_create,
        stale_reads,
        short_lists,
        forgotten_links,
        late_writes,
        halved_patches,
        out_for_good,
    )
}
"""All bugs by name."""
