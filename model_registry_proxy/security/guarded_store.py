"""The store and the access of one user, by the policy: the same verbs find and change only what the policy allows.

Everything that verbs ask of the store goes through `GuardedStore`, which implements the whole port: a new method of the port fails
the type check here until its rights are decided. Rows of lists are filtered by the verb, through `Rights.visible`.
"""

from collections.abc import Hashable, Mapping, Sequence

from converters._generated import metadata_store_pb2 as mlmd
from converters.entity import Entity, Kind
from converters.kinds import Node, kind_of
from model_registry_proxy.mlmd.listing import Listing, Page
from model_registry_proxy.mlmd.port import KnownContext, NotFound, Use
from model_registry_proxy.registry.access import Identity, Level
from model_registry_proxy.registry.registry import Registry
from model_registry_proxy.registry.request import Request
from model_registry_proxy.security.governance import LEADING, models_of, names_its_models
from model_registry_proxy.security.policy import Access as PolicyAccess


class Rights:
    """The access of one user (see `registry.access.Access`).

    `hidden` counts the nodes that were asked for by id or name and not shown.
    """

    sees_all = False

    def __init__(self, registry: Registry, access: PolicyAccess) -> None:
        self.access = access
        self.hidden = 0
        self._registry = registry
        self._known: dict[tuple[Kind, int], tuple[frozenset[str], Level]] = {}

    @property
    def identity(self) -> Identity:
        """See `Access.identity`."""
        return self.access.principal

    @property
    def general(self) -> Level:
        """See `Access.general`."""
        return self.access.general

    @property
    def most(self) -> Level:
        """See `Access.most`."""
        return self.access.most

    @property
    def key(self) -> Hashable:
        """See `Access.key`: users of equal rights share answers."""
        return self.access

    async def levels(self, nodes: Sequence[Node]) -> Sequence[Level]:
        """See `Access.levels`."""
        await self._learn(nodes)
        return [self._known[kind_of(node), node.id][1] for node in nodes]

    async def visible(self, nodes: Sequence[Node]) -> Sequence[Node]:
        """See `Access.visible`."""
        levels = await self.levels(nodes)
        return [node for node, level in zip(nodes, levels, strict=True) if level >= Level.READER]

    async def check_parent(self, entity: type[Entity], id_: int, child: type[Entity]) -> None:
        """See `Access.check_parent`. A child that names its models itself may be created below a parent that leads to none."""
        if entity in LEADING or not names_its_models(child):
            await self.check_node(entity.kind, id_)

    async def check_change(self, entity: type[Entity], id_: int) -> None:
        """See `Access.check_change`. The caller finds out that a node is missing or hidden."""
        node = await self._registry.store.get(entity.kind, id_)
        if await self.visible_one(node):
            await self.check_node(entity.kind, id_)

    def check_mover(self, alias: str) -> None:
        """See `Access.check_mover`."""
        self.access.movers.check(alias)

    def has_movers(self, alias: str) -> bool:
        """See `Access.has_movers`."""
        return self.access.movers.has_rule(alias)

    async def visible_one(self, node: Node | None) -> Node | None:
        """Returns the node, if the user may see it."""
        if node is None or await self.visible([node]):
            return node
        self.hidden += 1
        return None

    async def check_node(self, kind: Kind, id_: int) -> None:
        """Raises `Forbidden` where the user sees but may not change the node of this id, `NotFound` where they do not see it."""
        node = await self._registry.store.get(kind, id_)
        if node is None:
            return
        if await self.visible_one(node) is None:
            raise NotFound("hidden by the policy")
        models, level = self._known[kind, id_]
        self.access.require(Level.WRITER, models, level)

    async def check_put(self, node: Node) -> None:
        """Does the same for a node that is to be created, or that is to change a stored one: before and after the change."""
        future = node
        kind = kind_of(node)
        if node.id:
            await self.check_node(kind, node.id)
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
    """The store port with the rights of one user. Each method does what the port says; its own sentence says what it checks."""

    def __init__(self, registry: Registry, rights: Rights) -> None:
        self._registry, self._store, self._rights = registry, registry.store, rights

    async def ensure_types(self) -> Mapping[type[Entity], int]:
        """Checks nothing: types are the same for all users."""
        return await self._store.ensure_types()

    async def find_types(self, entities: Sequence[type[Entity]]) -> Mapping[type[Entity], int] | None:
        """Checks nothing: types are the same for all users."""
        return await self._store.find_types(entities)

    async def make_types(self, entities: Sequence[type[Entity]]) -> Mapping[type[Entity], int]:
        """Checks nothing: types are the same for all users."""
        return await self._store.make_types(entities)

    async def get(self, kind: Kind, id_: int) -> Node | None:
        """Returns `None` for a hidden node."""
        return await self._rights.visible_one(await self._store.get(kind, id_))

    async def context(self, id_: int) -> KnownContext | None:
        """Returns `None` for a hidden context. One that leads to a model is read each time, since its name may have changed."""
        known = await self._store.context(id_)
        if known is None:
            return None
        if self._registry.entity_of_type(known.type_id) in LEADING:
            node = await self.get(Kind.CONTEXT, id_)
            return KnownContext(node.id, node.type_id, node.name) if node else None
        if self._rights.access.general < Level.READER:
            self._rights.hidden += 1
            return None
        return known

    async def find_by_name(self, kind: Kind, type_name: str, name: str) -> Node | None:
        """Returns `None` for a hidden node."""
        return await self._rights.visible_one(await self._store.find_by_name(kind, type_name, name))

    async def find_by_external_id(self, kind: Kind, external_id: str) -> list[Node]:
        """Leaves out hidden nodes."""
        found = await self._store.find_by_external_id(kind, external_id)
        return [node for node in found if await self._rights.visible_one(node)]

    async def list_nodes(self, listing: Listing) -> Page:
        """Checks nothing: the verb filters the rows."""
        return await self._store.list_nodes(listing)

    async def parents(self, context: int) -> list[mlmd.Context]:
        """Checks nothing: verbs ask only for the parents of contexts that they have seen."""
        return await self._store.parents(context)

    async def owners(self, kind: Kind, id_: int) -> list[int]:
        """Checks nothing: verbs show these ids to no client."""
        return await self._store.owners(kind, id_)

    async def attributions(self, artifacts: Sequence[int]) -> Mapping[int, Sequence[int]]:
        """Checks nothing: verbs ask only for artifacts that they have seen."""
        return await self._store.attributions(artifacts)

    async def newest(self, kind: Kind, type_id: int, contexts: Sequence[int]) -> Mapping[int, Node]:
        """Checks nothing: the verb filters the nodes."""
        return await self._store.newest(kind, type_id, contexts)

    async def oldest(self, kind: Kind, type_id: int, contexts: Sequence[int]) -> Mapping[int, Node]:
        """Checks nothing: the verb filters the nodes."""
        return await self._store.oldest(kind, type_id, contexts)

    async def uses(self, kind: Kind, ids: Sequence[int]) -> Sequence[Use]:
        """Checks nothing: the verb shows only artifacts that the user may see."""
        return await self._store.uses(kind, ids)

    async def put(self, node: Node) -> int:
        """Raises `Forbidden`."""
        await self._rights.check_put(node)
        return await self._store.put(node)

    async def change(self, node: Node, mask: Sequence[str], *, seen: Node | None = None) -> None:
        """Raises `Forbidden`."""
        await self._rights.check_put(node)
        await self._store.change(node, mask, seen=seen)

    async def put_below(self, parent: KnownContext, nodes: Sequence[Node]) -> Sequence[int]:
        """Raises `Forbidden`. The names of the nodes say what they are put below."""
        for node in nodes:
            await self._rights.check_put(node)
        return await self._store.put_below(parent, nodes)

    async def put_recorded(self, context: mlmd.Context, record: mlmd.Execution, links: Sequence[KnownContext]) -> int:
        """Raises `Forbidden`. Both nodes say which models they belong to; verbs link records only to what they have seen."""
        await self._rights.check_put(context)
        await self._rights.check_put(record)
        return await self._store.put_recorded(context, record, links)

    async def put_step(self, step: mlmd.Execution, inputs: Sequence[int], outputs: Sequence[int]) -> int:
        """Raises `Forbidden` unless the user may change all that was made, or all that was taken if nothing was made."""
        for id_ in outputs or inputs:
            await self._rights.check_node(Kind.ARTIFACT, id_)
        return await self._store.put_step(step, inputs, outputs)

    async def link(self, child: int, parent: int) -> None:
        """Checks nothing: the child has just been put, which was checked."""
        await self._store.link(child, parent)

    async def attach(self, kind: Kind, id_: int, context: int) -> None:
        """Raises `Forbidden` unless both ends may be changed."""
        await self._rights.check_node(kind, id_)
        await self._rights.check_node(Kind.CONTEXT, context)
        await self._store.attach(kind, id_, context)


def guarded_request(registry: Registry, rights: Rights) -> Request:
    """Returns a request to the registry with the rights of one user."""
    return Request(registry, GuardedStore(registry, rights), rights)
