"""The references in a body: what they name must exist, fit, and belong to the owner that the body names too."""

import asyncio
from collections.abc import Collection, Mapping
from typing import Any

from converters.entities import ENTITIES
from converters.entity import Entity, Field, Stored
from converters.kinds import JsonObject
from converters.nodes import from_node
from converters.whole_numbers import whole_number
from model_registry_proxy.errors import BadRequest
from model_registry_proxy.mlmd.port import KnownContext
from model_registry_proxy.registry.request import Request
from model_registry_proxy.registry.rows import entity_by_id, parent_of

_REFERRING = {entity: [(f, f.references) for f in entity.fields.values() if f.references] for entity in ENTITIES}
_OF_PARENT: Mapping[type[Entity], Mapping[type[Entity] | None, str]] = {
    entity: {
        field.references: field.rest
        for field in (entity.parent.fields.values() if entity.parent else ())
        if field.references and field.rest in entity.fields and entity.fields[field.rest].place is Stored.OF_PARENT
    }
    for entity in ENTITIES
}
"""What the parent of an entity refers to in its place: the entity that is referred to, and the field."""


async def check_references(
    request: Request,
    entity: type[Entity],
    body: JsonObject,
    stored: JsonObject | None = None,
    under: KnownContext | None = None,
) -> None:
    """Checks that everything that `body` refers to exists, has its type, and belongs to the owner that is referred to as well.

    `stored` is the entity before a change, `under` the parent of a new one, which may refer to the owner in its place. Raises
    `NotFound`, `BadRequest`.
    """
    referring = [
        (field, target, whole_number(body[field.rest], field.rest))
        for field, target in _REFERRING[entity]
        if body.get(field.rest)
    ]
    if not referring:
        return
    looked_up = [request.context(target, id_) for _, target, id_ in referring]
    found = await asyncio.gather(*looked_up) if len(looked_up) > 1 else [await each for each in looked_up]
    fitness = [
        _check_fitness(request, field, target, known.id)
        for (field, target, _), known in zip(referring, found, strict=True)
        if field.refused
    ]
    wanted = {target.parent for _, target, _ in referring} & _OF_PARENT[entity].keys()
    of_parent, _ = await asyncio.gather(_of_parent(request, under, wanted, entity), asyncio.gather(*fitness))
    owners = {**_OF_PARENT[entity], **{target: field.rest for field, target in _REFERRING[entity]}}
    everything = {**(stored or {}), **of_parent, **body}
    for (field, target, _), known in zip(referring, found, strict=True):
        owner_field = owners.get(target.parent)
        named = everything.get(owner_field) if owner_field else None
        if named is None or target.parent is None:
            continue
        owner = await parent_of(request, target, known)
        if owner != str(whole_number(named, owner_field or "")):
            whose = f" of the {entity.parent.words}" if owner_field in of_parent and entity.parent else ""
            raise BadRequest(
                f"{field.rest} {known.id} belongs to {target.parent.words} {owner}, but {owner_field}{whose} says {named}."
            )


async def _of_parent(
    request: Request, parent: KnownContext | None, wanted: Collection[Any], child: type[Entity]
) -> JsonObject:
    """Returns what a parent refers to in the place of its new `child`; it is read only where that is wanted."""
    row = await entity_by_id(request, parent.id) if parent and wanted else {}
    return {field: row[field] for field in _OF_PARENT[child].values() if field in row}


async def _check_fitness(request: Request, field: Field, target: type[Entity], id_: int) -> None:
    """Checks that the target has no mark that makes it unfit. Marks may change, so they are read each time."""
    marks = from_node(target, await request.node(target, id_))["customProperties"]
    for unfit in field.refused:
        value = marks.get(unfit.name, {}).get("string_value")
        if value is not None and unfit.is_unfit(value):
            raise BadRequest(f"{field.rest} {id_} cannot be served: its {unfit.name} is {value!r}.")
