"""The MLMD types of entities in one store: their ids, and what makes them."""

from collections.abc import Mapping, Sequence

from converters.entity import Entity
from converters.type_definitions import LOGICAL_MODEL, put_types_request, type_ids
from model_registry_proxy.mlmd.calls import MlmdCalls
from model_registry_proxy.mlmd.exact_calls import Ask, types_by_name


class EntityTypes:
    """`names` and `entities` have what is known so far, by the ids of types. `ask` sends reads to MLMD, `calls` writes."""

    def __init__(self, ask: Ask, calls: MlmdCalls) -> None:
        self._ask, self._calls = ask, calls
        self.names: dict[int, str] = {}
        self.entities: dict[int, type[Entity]] = {}

    async def find(self, entities: Sequence[type[Entity]]) -> Mapping[type[Entity], int] | None:
        """See `Store.find_types`."""
        found = await types_by_name(self._ask, entities)
        return self._noted(found) if found else None

    async def make(self, entities: Sequence[type[Entity]] = LOGICAL_MODEL) -> Mapping[type[Entity], int]:
        """See `Store.make_types`."""
        answer = await self._calls.write("PutTypes", put_types_request(entities))
        return self._noted(type_ids(answer, entities))

    def _noted(self, ids: Mapping[type[Entity], int]) -> Mapping[type[Entity], int]:
        self.entities.update({id_: entity for entity, id_ in ids.items()})
        self.names.update({id_: entity.stored_as for entity, id_ in ids.items()})
        return ids
