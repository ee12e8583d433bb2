"""Carries over an entity without the parts that the target refuses: one refused value must not cost all the others."""

from collections.abc import Iterable
from functools import partial

from converters.entities import Artifact, Parameter
from converters.entity import Entity
from model_registry_proxy.transfer.contents import HISTORY, STATES, own_fields
from model_registry_proxy.transfer.rest import Json, RefusedError, Rest

_CUSTOM = "customProperties"
_NAMED = ("name", "artifactType")
_AFTER_A_PATH = (" ", ".")
_PARAMETER = Parameter.fields.keys() - Artifact.fields.keys()
Part = tuple[str, Json]
"""How a message names a part of a body, and the piece of the body that it is."""


def split(entity: type[Entity], body: Json) -> tuple[Json, list[Part]]:
    """What an entity cannot be made without, and its other parts: each field and each custom property."""
    fields = own_fields(entity)
    needed = {key: value for key, value in body.items() if key in _NAMED or _is_needed(entity, fields, key)}
    parts = [(key, {key: value}) for key, value in body.items() if key not in needed and key != _CUSTOM]
    custom = body.get(_CUSTOM) or {}
    if not isinstance(custom, dict):
        return needed, [*parts, (_CUSTOM, {_CUSTOM: custom})]
    return needed, parts + [(f"{_CUSTOM}.{name}", {_CUSTOM: {name: value}}) for name, value in custom.items()]


def named_in(message: str, entity: type[Entity], body: Json) -> str | None:
    """Which part of `body` the target's message is about; `None` where it names none. Messages begin with the field's path."""
    _, parts = split(entity, body)
    names = [name for name, _ in parts if message.startswith(name) and message[len(name) :][:1] in _AFTER_A_PATH]
    return max(names, key=len, default=None)


def without(entity: type[Entity], body: Json, name: str) -> Json:
    """`body` without the part of this name."""
    needed, parts = split(entity, body)
    return {**needed, **_merged([part for part in parts if part[0] != name])}


def _is_needed(entity: type[Entity], fields: Iterable[str], key: str) -> bool:
    """References, states and values: without one of them the entity would say something else."""
    if key not in fields:
        return False
    is_value = issubclass(entity, Artifact) and (key in HISTORY or entity is Parameter) and key != _CUSTOM
    is_reference = entity.fields[key].references is not None
    return is_value or is_reference or key.lower().endswith(STATES)


async def add(rest: Rest, path: str, entity: type[Entity], body: Json, parts: list[Part]) -> list[str]:
    """Gives the entity at `path` those of the parts that the target takes; answers a phrase for each that it refuses.

    `body` is what was needed to make the entity. Of it go along what says which entity it is, and what the Go server would reset.
    """
    again = {key: value for key, value in body.items() if _is_sent_again(entity, key)}
    taken: list[Part] = []
    refused: list[str] = []
    waiting = [parts] if parts else []
    while waiting:
        some = waiting.pop()
        change = {**again, **_merged([*taken, *some])}
        try:
            await rest.patiently(partial(rest.write, "PATCH", path, change))
        except RefusedError as error:
            half = len(some) // 2
            if half:
                waiting += [some[half:], some[:half]]
            else:
                refused.append(f"{some[0][0]}: {error}")
        else:
            taken += some
    return refused


def _is_sent_again(entity: type[Entity], key: str) -> bool:
    return key == "artifactType" or key.lower().endswith(STATES) or (entity is Parameter and key in _PARAMETER)


def _merged(parts: list[Part]) -> Json:
    body: Json = {}
    for _, piece in parts:
        custom = piece.get(_CUSTOM)
        body |= {_CUSTOM: {**body.get(_CUSTOM, {}), **custom}} if isinstance(custom, dict) else piece
    return body
