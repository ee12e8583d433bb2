"""The parts of an entity, each field and each custom property: a part that the target refuses must not cost all the others."""

from model_registry_client.entities import Artifact, Parameter
from model_registry_client.entity import Entity
from model_registry_client.transfer.contents import HISTORY, STATES
from model_registry_client.transfer.rest import Json, RefusedError, Rest
from model_registry_client.transfer.tables import own_fields

_CUSTOM = "customProperties"
_NAMED = ("name", "artifactType")
_AFTER_A_PATH = (" ", ".")
PARAMETER = own_fields(Parameter).keys() - own_fields(Artifact).keys()
"""value and parameterType. The Go proxy wants them in each change of a parameter."""
Part = tuple[str, Json]
"""What a message calls a part of a body, and that piece of the body."""


def split(entity: type[Entity], body: Json) -> tuple[Json, list[Part]]:
    """The piece of a body that an entity cannot be created without, and its other parts."""
    needed = {key: value for key, value in body.items() if key in _NAMED or _is_needed(entity, key)}
    parts = [(key, {key: value}) for key, value in body.items() if key not in needed and key != _CUSTOM]
    custom = body.get(_CUSTOM) or {}
    if not isinstance(custom, dict):
        return needed, [*parts, (_CUSTOM, {_CUSTOM: custom})]
    return needed, parts + [(f"{_CUSTOM}.{name}", {_CUSTOM: {name: value}}) for name, value in custom.items()]


def named_in(message: str, entity: type[Entity], body: Json) -> str | None:
    """The part of `body` that a message of the target begins with; `None` where it names none."""
    _, parts = split(entity, body)
    names = [name for name, _ in parts if message.startswith(name) and message[len(name) :][:1] in _AFTER_A_PATH]
    return max(names, key=len, default=None)


def without(entity: type[Entity], body: Json, name: str) -> Json:
    """`body` without the part of this name."""
    needed, parts = split(entity, body)
    return {**needed, **_merged([part for part in parts if part[0] != name])}


def _is_needed(entity: type[Entity], key: str) -> bool:
    """Whether it is a reference, a state or a value: without one of them the entity would mean something else."""
    fields = own_fields(entity)
    if key not in fields:
        return False
    is_value = issubclass(entity, Artifact) and (key in HISTORY or entity is Parameter)
    return is_value or fields[key] is not None or key.lower().endswith(STATES)


async def add(rest: Rest, path: str, entity: type[Entity], body: Json, parts: list[Part]) -> list[str]:
    """Adds to the entity at `path` each part that the target accepts.

    `body` is what the entity was created with. Of it each change repeats what says which entity it is, and what the Go server
    would reset. Returns a phrase for each part that is refused. Many parts are sent at once, and by halves after a refusal.
    """
    repeated = {key: value for key, value in body.items() if _is_sent_again(entity, key)}
    accepted: list[Part] = []
    refused: list[str] = []
    waiting = [parts] if parts else []
    while waiting:
        some = waiting.pop()
        try:
            await rest.change(path, {**repeated, **_merged([*accepted, *some])})
        except RefusedError as error:
            half = len(some) // 2
            if half:
                waiting += [some[half:], some[:half]]
            else:
                refused.append(f"{some[0][0]}: {error}")
        else:
            accepted += some
    return refused


def _is_sent_again(entity: type[Entity], key: str) -> bool:
    return key == "artifactType" or key.lower().endswith(STATES) or (entity is Parameter and key in PARAMETER)


def _merged(parts: list[Part]) -> Json:
    body: Json = {}
    for _, piece in parts:
        custom = piece.get(_CUSTOM)
        body |= {_CUSTOM: {**body.get(_CUSTOM, {}), **custom}} if isinstance(custom, dict) else piece
    return body
