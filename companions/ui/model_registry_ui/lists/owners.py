"""Filters by what rows belong to, such as an environment: typed as a name or as an id, asked for by the id, shown by the name."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from model_registry_client.entities import RegisteredModel, ServingEnvironment
from model_registry_client.entity import Entity

from model_registry_ui.api import Api, ApiError
from model_registry_ui.filters import Filters
from model_registry_ui.lists.declaration import Field

KINDS: Mapping[str, type[Entity]] = {"environment": ServingEnvironment, "model": RegisteredModel}
"""The filters that take names, and the class of what they name."""
_ID = re.compile(r"[0-9]{1,19}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Resolved:
    """Filters with ids in place of names.

    Attributes:
        filters: The filters.
        names: What the fields show, by the name of the filter.
        problems: What is wrong, by the name of the filter.
    """

    filters: Filters
    names: Mapping[str, str] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)


async def resolved(api: Api, fields: Sequence[Field], filters: Filters) -> Resolved:
    """Returns filters whose names are looked up, each in one call.

    Raises:
        ApiError: The API refuses.
        Unreachable: The registry does not answer.
    """
    typed = {one.name: str(getattr(filters, one.name)) for one in fields if one.name in KINDS}
    typed = {name: value for name, value in typed.items() if value}
    found = dict(zip(typed, await asyncio.gather(*(_found(api, KINDS[one], typed[one]) for one in typed)), strict=True))
    names, problems = {}, {}
    for name, entity in found.items():
        if entity is not None:
            filters = filters.changed(name, entity.id)
            if not _ID.fullmatch(entity.name):  # the field would be read as an id the next time
                names[name] = entity.name
        elif not _ID.fullmatch(typed[name]):
            problems[name] = f'"{typed[name][:100]}" does not exist'
    return Resolved(filters, names, problems)


async def _found(api: Api, kind: type[Any], typed: str) -> Any | None:
    """The entity with an id, or else with a name."""
    if _ID.fullmatch(typed) and (by_id := await api.named(kind, [typed])):
        return by_id.get(typed)
    try:
        return (await api.find(kind, name=typed)).entity
    except ApiError as error:
        if not error.is_missing:
            raise
        return None
