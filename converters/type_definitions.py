"""The MLMD types of entities, as one `PutTypes` request: the 13 of the logical model, or those of an extension."""

from collections.abc import Sequence
from typing import Any

from converters._generated.metadata_store_service_pb2 import PutTypesRequest
from converters.entities import ENTITIES
from converters.entity import Entity, Kind
from converters.values import rule_of

LOGICAL_MODEL = ENTITIES
"""The entities whose types every store has."""
_TYPES_OF = {Kind.CONTEXT: "context_types", Kind.ARTIFACT: "artifact_types", Kind.EXECUTION: "execution_types"}


def put_types_request(entities: Sequence[type[Entity]] = LOGICAL_MODEL) -> PutTypesRequest:
    """Returns the request that creates the types of these entities where the store lacks them.

    It changes nothing in a store that has them, also where a type there has more properties than ours, or fewer.
    """
    request = PutTypesRequest(can_add_fields=True, can_omit_fields=True)
    for entity in entities:
        type_: Any = getattr(request, _TYPES_OF[entity.kind]).add(name=entity.stored_as)
        for field in entity.properties():
            type_.properties[field.stored] = rule_of(field).property_type
    return request


def type_ids(response: Any, entities: Sequence[type[Entity]] = LOGICAL_MODEL) -> dict[type[Entity], int]:
    """Returns the id of each entity's type. `response` is MLMD's answer to `put_types_request(entities)`."""
    ids = {kind: iter(getattr(response, f"{kind}_type_ids")) for kind in Kind}
    return {entity: next(ids[entity.kind]) for entity in entities}
