"""Where the aliases of a model point now."""

from dataclasses import dataclass
from typing import Any, Self

from converters._generated import metadata_store_pb2 as mlmd
from converters.entities import RegisteredModel
from converters.entity import Kind
from converters.extension_entities import ALIASES, Alias
from converters.kinds import JsonObject
from converters.nodes import from_node, to_node
from model_registry_proxy.errors import NotFound
from model_registry_proxy.mlmd.listing import Listing, NameBegins
from model_registry_proxy.mlmd.port import all_nodes
from model_registry_proxy.registry.request import Request
from model_registry_proxy.verbs.aliases.names import folded, is_allowed


@dataclass(frozen=True, slots=True)
class AliasState:
    """An alias of a model at one time.

    `alias`: the name as it was written last. `version`: the id of a version, 0 for nowhere. `serial`: the number of moves so far.
    `top`: the serial of the move that put the present version there. `id`: that of the stored node, 0 before the first move.
    `moved`: the time of the last move in ms since the epoch.
    """

    model: int
    alias: str
    version: int = 0
    serial: int = 0
    top: int = 0
    is_protected: bool = False
    id: int = 0
    moved: int = 0

    @classmethod
    def of(cls, node: Any) -> Self:
        """Reads a stored alias."""
        row = from_node(Alias, node)
        return cls(
            model=int(row["registeredModelId"]),
            alias=row.get("alias") or row["name"],
            version=int(row.get("versionId", 0)),
            serial=row.get("serial", 0),
            top=row.get("top", 0),
            is_protected=row.get("protected", False),
            id=node.id,
            moved=node.last_update_time_since_epoch,
        )

    @property
    def stored_name(self) -> str:
        """The name in MLMD."""
        return f"{self.model}:{folded(self.alias)}"

    def node(self, type_id: int) -> mlmd.Context:
        """Returns the node to store."""
        body = {
            "versionId": str(self.version),
            "serial": self.serial,
            "top": self.top,
            "protected": self.is_protected,
            "alias": self.alias,
        }
        node: Any = to_node(Alias, body, type_id=type_id, name=self.stored_name, own_name=self.alias)
        if self.id:
            node.id = self.id
        return node  # type: ignore[no-any-return]

    def shown(self) -> JsonObject:
        """Returns the alias as REST answers it. An alias that points nowhere is never shown."""
        return {
            "alias": self.alias,
            "modelVersionId": str(self.version),
            "serial": self.serial,
            "protected": self.is_protected,
            "lastMoveTimeSinceEpoch": str(self.moved),
        }


async def aliases_of(request: Request, model_id: int) -> list[AliasState]:
    """Returns the aliases of a model that point to a version, by name; raises `NotFound` for an unknown model."""
    await request.context(RegisteredModel, model_id)
    if not await request.registry.finds_types(ALIASES):
        return []
    criteria = (NameBegins(f"{model_id}:"),)
    listing = Listing(Kind.CONTEXT, types=(request.type_id(Alias),), criteria=criteria)
    nodes = [node async for node in all_nodes(request.store, listing) if listing.takes(node)]
    found = [state for state in map(AliasState.of, nodes) if state.version]
    return sorted(found, key=lambda state: folded(state.alias))


async def alias_of(request: Request, model_id: int, alias: str) -> AliasState:
    """Returns one alias, in any case of letters; raises `NotFound` for an unknown model, and where it points nowhere."""
    await request.context(RegisteredModel, model_id)
    found = await stored(request, model_id, alias)
    if found is None or not found.version:
        raise no_such_alias(model_id, alias)
    return found


async def stored(request: Request, model_id: int, alias: str) -> AliasState | None:
    """Returns an alias as it is stored, also one that points nowhere now. The caller has checked the model."""
    if not is_allowed(alias) or not await request.registry.finds_types(ALIASES):
        return None
    node = await request.store.find_by_name(Kind.CONTEXT, Alias.stored_as, f"{model_id}:{folded(alias)}")
    return AliasState.of(node) if node else None


def no_such_alias(model_id: int, alias: str) -> NotFound:
    """Returns the error for an alias that points nowhere."""
    return NotFound(f"The {RegisteredModel.words} {model_id} has no alias {alias[:120]}.")
