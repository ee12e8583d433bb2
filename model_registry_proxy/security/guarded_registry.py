"""The registry as one user may see and change it: the same verbs on it find only what the policy lets them find.

Everything that verbs ask of the store passes `GuardedStore`, which has no other methods than those that it guards: one that is
new in `MetadataStore` fails here until somebody has thought about it. Lists are sieved by the verb, row by row, as by a filter.
"""

from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from typing import Any

from converters._generated import metadata_store_pb2 as mlmd
from converters.entity import Entity, Kind
from converters.kinds import Node, kind_of
from model_registry_proxy.errors import Rejected
from model_registry_proxy.mlmd.listings import Listing
from model_registry_proxy.mlmd.outages import Patience
from model_registry_proxy.mlmd.store import MetadataStore, Put
from model_registry_proxy.registry.known_contexts import Known
from model_registry_proxy.registry.registry import Registry, no_such
from model_registry_proxy.security.governance import LEADING, is_told_by_itself, models_of
from model_registry_proxy.security.policy import Access, Level


class Rights:
    """What one user may do with nodes. `hidden` counts what was asked for by id or name and not shown."""

    def __init__(self, registry: Registry, access: Access) -> None:
        self.access = access
        self.hidden = 0
        self._registry = registry
        self._known: dict[tuple[Kind, int], tuple[frozenset[str], Level]] = {}

    async def shown(self, nodes: Sequence[Node]) -> list[Node]:
        """Those of the nodes that the user may see."""
        await self._learn(nodes)
        return [node for node in nodes if self._known[kind_of(node), node.id][1] >= Level.READER]

    async def shown_one(self, node: Node | None) -> Node | None:
        """The node, if the user may see it."""
        if node is None or await self.shown([node]):
            return node
        self.hidden += 1
        return None

    async def check_change(self, kind: Kind, id_: int) -> None:
        """Raises `Forbidden` where the user sees but may not change what has this id, `Rejected` where they do not see it."""
        node = await self._registry.store.get(kind, id_)
        if node is None:
            return
        if await self.shown_one(node) is None:
            raise Rejected("hidden by the policy")
        models, level = self._known[kind, id_]
        self.access.require(Level.WRITER, models, level)

    async def check_put(self, node: Node) -> None:
        """The same for a node that is to be made, or as which an existing one is to be put: both before and after."""
        future = node
        kind = kind_of(node)
        if node.id:
            await self.check_change(kind, node.id)
            stored = await self._registry.store.get(kind, node.id)
            if stored is None:
                return
            future = type(node)()
            future.CopyFrom(stored)  # type: ignore[arg-type]
            future.MergeFrom(node)  # type: ignore[arg-type]
        (models,) = await models_of(self._registry, [future])
        self.access.require(Level.WRITER, models, self.access.level(models))

    async def _learn(self, nodes: Sequence[Node]) -> None:
        new = [node for node in nodes if (kind_of(node), node.id) not in self._known]
        for node, models in zip(new, await models_of(self._registry, new) if new else (), strict=True):
            self._known[kind_of(node), node.id] = models, self.access.level(models)


class GuardedStore:
    """What `MetadataStore` offers to verbs, with the rights of one user."""

    def __init__(self, store: MetadataStore, rights: Rights) -> None:
        self._store, self._rights = store, rights

    @property
    def patience(self) -> Patience:
        """As the store's."""
        return self._store.patience

    async def get(self, kind: Kind, id_: int) -> Node | None:
        """As the store's; what must not be seen is not there."""
        return await self._rights.shown_one(await self._store.get(kind, id_))

    async def find_by_name(self, kind: Kind, type_name: str, name: str) -> Node | None:
        """Likewise."""
        return await self._rights.shown_one(await self._store.find_by_name(kind, type_name, name))

    async def find_by_external_id(self, kind: Kind, external_id: str) -> list[Node]:
        """Likewise."""
        found = await self._store.find_by_external_id(kind, external_id)
        return [node for node in found if await self._rights.shown_one(node)]

    async def put(self, kind: Kind, node: Node, mask: Sequence[str] = (), *, seen: Node | None = None) -> int:
        """As the store's; raises `Forbidden`."""
        await self._rights.check_put(node)
        return await self._store.put(kind, node, mask, seen=seen)

    async def put_under(self, parent: int, context: mlmd.Context, nodes: Sequence[Node]) -> Put:
        """As the store's; raises `Forbidden`. The names of the nodes tell what they are put under."""
        for node in nodes:
            await self._rights.check_put(node)
        return await self._store.put_under(parent, context, nodes)

    async def tie(self, kind: Kind, id_: int, context: int) -> None:
        """As the store's; raises `Forbidden` unless both ends may be changed."""
        await self._rights.check_change(kind, id_)
        await self._rights.check_change(Kind.CONTEXT, context)
        await self._store.tie(kind, id_, context)

    async def link(self, child: int, parent: int) -> None:
        """As the store's: what is linked has just been put, which was checked."""
        await self._store.link(child, parent)

    async def list_nodes(self, listing: Listing) -> tuple[list[Node], bool]:
        """As the store's; the rows are for `GuardedRegistry.shown` to sieve."""
        return await self._store.list_nodes(listing)

    async def children(self, context: int) -> list[Node]:
        """Likewise."""
        return await self._store.children(context)

    async def is_linked(self, kind: Kind, id_: int, parent: int) -> bool:
        """As the store's: ids are told to nobody."""
        return await self._store.is_linked(kind, id_, parent)

    async def parents(self, context: int) -> list[mlmd.Context]:
        """As the store's: whose parents are asked for has been seen."""
        return await self._store.parents(context)

    async def attributions(self, artifacts: Sequence[int]) -> Mapping[int, Sequence[int]]:
        """Likewise."""
        return await self._store.attributions(artifacts)


class GuardedRegistry(Registry):
    """A registry for one request of one user. It shares everything with the whole one but what it finds."""

    hides = True

    def __init__(self, whole: Registry, access: Access) -> None:
        self.__dict__.update(whole.__dict__)
        self.rights = Rights(whole, access)
        self.store = GuardedStore(whole.store, self.rights)  # type: ignore[assignment]
        self.shared = _SharedAmongEquals(whole, access)  # type: ignore[assignment]

    async def shown(self, nodes: Sequence[Node]) -> Sequence[Node]:
        """See `Registry.shown`."""
        return await self.rights.shown(nodes)

    async def context(self, entity: type[Entity], id_: int) -> Known:
        """See `Registry.context`. Of what leads to a model nothing remembered is believed, lest a name have changed."""
        if entity in LEADING:
            return self.contexts.remember(await self.node(entity, id_))  # type: ignore[arg-type]
        if self.rights.access.general < Level.READER:
            self.rights.hidden += 1
            raise no_such(entity, id_)
        return await super().context(entity, id_)

    async def home(self, entity: type[Entity], id_: int, child: type[Entity]) -> Known:
        """See `Registry.home`: its owner must let in; where that is nobody's and the child is told by itself, seeing it will do."""
        known = await self.context(entity, id_)
        if entity in LEADING or not is_told_by_itself(child):
            await self.rights.check_change(Kind.CONTEXT, id_)
        return known

    async def check_change(self, entity: type[Entity], id_: int) -> None:
        """See `Registry.check_change`. What is not there or not seen is for the caller to find out."""
        if await self.store.get(entity.kind, id_):
            await self.rights.check_change(entity.kind, id_)


class _SharedAmongEquals:
    """Equal questions of users with the same rights are asked once; others never share an answer."""

    def __init__(self, whole: Registry, access: Access) -> None:
        self._whole, self._access = whole, access

    async def __call__(self, key: Hashable, ask: Callable[[], Awaitable[Any]]) -> Any:
        return await self._whole.shared((self._access, key), ask)
