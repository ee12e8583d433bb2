"""One change of many entities: 4 at a time, each under the mark of what was just read, with a result for each."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from model_registry_client.errors import RegistryError

from model_registry_ui.api import Api, ApiError
from model_registry_ui.backend import Unreachable

MOST = 200
"""How many entities one change takes."""
AT_A_TIME = 4
_UNAUTHORIZED = 401


@dataclass(frozen=True, slots=True)
class Operation:
    """A change of many.

    Attributes:
        verb: What it does, for buttons and headings.
        done: What was done, after a number of things.
        reverse: The name of the operation that takes it back.
        needs_label: Whether it needs a label.
    """

    verb: str
    done: str
    reverse: str
    needs_label: bool = False


OPERATIONS: Mapping[str, Operation] = {
    "archive": Operation("Archive", "archived", "restore"),
    "restore": Operation("Restore", "restored", "archive"),
    "deploy": Operation("Deploy", "meant to run", "undeploy"),
    "undeploy": Operation("Undeploy", "not meant to run any more", "deploy"),
    "add-label": Operation("Add a label to", "got the label", "remove-label", needs_label=True),
    "remove-label": Operation("Remove a label from", "lost the label", "add-label", needs_label=True),
}
STATES: Mapping[str, tuple[str, str, str]] = {
    "archive": ("state", "ARCHIVED", "LIVE"),
    "restore": ("state", "LIVE", "LIVE"),
    "deploy": ("desiredState", "DEPLOYED", "DEPLOYED"),
    "undeploy": ("desiredState", "UNDEPLOYED", "DEPLOYED"),
}
"""The field that an operation sets, the value, and the value that a missing one means."""


@dataclass(frozen=True, slots=True)
class Result:
    """The result for one entity.

    Attributes:
        id: Its id.
        is_changed: Whether it was changed.
        problem: Why it was not; empty if there was nothing to do.
    """

    id: str
    is_changed: bool
    problem: str = ""


Apply = Callable[[str], Awaitable[bool]]
"""Changes the entity of an id; returns whether there was something to change."""


async def each(ids: Sequence[str], apply: Apply) -> list[Result]:
    """Applies a change to entities, 4 at a time.

    A refusal of one does not stop the others. Raises `ApiError` only if the user has to sign in, where all would fail.
    """
    free = asyncio.Semaphore(AT_A_TIME)

    async def one(id_: str) -> Result:
        async with free:
            try:
                return Result(id_, await apply(id_))
            except ApiError as error:
                if error.status == _UNAUTHORIZED:
                    raise
                return Result(id_, is_changed=False, problem=error.message)
            except (Unreachable, RegistryError) as error:
                return Result(id_, is_changed=False, problem=str(error))

    return list(await asyncio.gather(*(one(id_) for id_ in ids)))


async def set_state(api: Api, kind: type[Any], id_: str, do: str) -> bool:
    """Does an operation of `STATES` on an entity; returns whether it had another state."""
    found = await api.get(kind, id_)
    name, value, preset = STATES[do]
    if (found.wire.get(name) or preset) == value:
        return False
    await api.change(kind, id_, {name: value}, found.mark)
    return True
