"""The records of moves: one execution for each, whose name ends with its serial."""

import enum
from dataclasses import dataclass
from typing import Any, Self

from converters._generated import metadata_store_pb2 as mlmd
from converters.entity import Kind
from converters.extension_entities import AliasMove
from converters.kinds import JsonObject
from converters.nodes import from_node, to_node
from model_registry_proxy.registry.request import Request
from model_registry_proxy.verbs.aliases.names import folded
from model_registry_proxy.verbs.aliases.states import AliasState


class MoveKind(enum.StrEnum):
    """What a move was. The last two change only whether the alias is protected."""

    SET = enum.auto()
    DELETE = enum.auto()
    ROLLBACK = enum.auto()
    PROTECT = enum.auto()
    UNPROTECT = enum.auto()


@dataclass(frozen=True, slots=True)
class MoveRecord:
    """One move of an alias of a model. `to` and `former` are ids of versions, 0 for nowhere; `under`: see `AliasMove`.

    `time`: when it was stored, in ms since the epoch.
    """

    model: int
    alias: str
    serial: int
    kind: str
    to: int
    former: int
    under: int = 0
    actor: str = ""
    reason: str = ""
    request_id: str = ""
    time: int = 0

    @classmethod
    def of(cls, node: Any) -> Self:
        """Reads a stored move."""
        return cls.of_row(from_node(AliasMove, node))

    @classmethod
    def of_row(cls, row: JsonObject) -> Self:
        """Reads a move from the row that the entity's table makes of it."""
        return cls(
            model=int(row["registeredModelId"]),
            alias=row.get("alias") or row["name"].rpartition(":")[0],
            serial=row.get("serial", 0),
            kind=row.get("kind", MoveKind.SET),
            to=int(row.get("to", 0)),
            former=int(row.get("from", 0)),
            under=row.get("under", 0),
            actor=row.get("actor", ""),
            reason=row.get("reason", ""),
            request_id=row.get("requestId", ""),
            time=int(row["createTimeSinceEpoch"]),
        )

    def node(self, type_id: int) -> mlmd.Execution:
        """Returns the node to store."""
        body = {
            "to": str(self.to),
            "from": str(self.former),
            "serial": self.serial,
            "under": self.under,
            "alias": self.alias,
            "actor": self.actor,
            "reason": self.reason,
            "kind": self.kind,
            "requestId": self.request_id,
            "lastKnownState": "COMPLETE",
        }
        name = stored_name(self.model, self.alias, self.serial)
        node: Any = to_node(AliasMove, body, type_id=type_id, name=name, own_name=name)
        return node  # type: ignore[no-any-return]

    def shown(self) -> JsonObject:
        """Returns the move as REST answers it: an empty id stands for nowhere."""
        return {
            "alias": self.alias,
            "serial": self.serial,
            "kind": self.kind,
            "fromModelVersionId": str(self.former or ""),
            "toModelVersionId": str(self.to or ""),
            "actor": self.actor,
            "reason": self.reason,
            "requestId": self.request_id,
            "timeSinceEpoch": str(self.time),
        }


def stored_name(model: int, alias: str, serial: int) -> str:
    """Returns the name in MLMD of a move."""
    return f"{model}:{folded(alias)}:{serial}"


async def record_of(request: Request, state: AliasState, serial: int) -> MoveRecord | None:
    """Returns the record of one move of an alias."""
    name = stored_name(state.model, state.alias, serial)
    node = await request.store.find_by_name(Kind.EXECUTION, AliasMove.stored_as, name)
    return MoveRecord.of(node) if node else None
