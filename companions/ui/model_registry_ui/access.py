"""The user and what the user may change, as the server says it by its extension `whoami`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from model_registry_ui.api import Api, ApiError
from model_registry_ui.backend import Unreachable

WHOAMI = "/whoami"
NO_WAY = "none"
_UNAUTHORIZED = 401


@dataclass(frozen=True, slots=True)
class Access:
    """A user's access.

    Attributes:
        user: The name; empty for a client without an identity.
        groups: The groups of the user.
        way: How the user was authenticated; empty if not at all.
        role: The highest role of the user for anything.
        may_write: Whether the user may change anything at all. The API decides each change again.
        models: Whether the user may change a registered model and what belongs to it, by the ids that were asked for.
        sign_in: Why the user must sign in, as the server says it; empty if it does not ask for that.
        is_known: Whether the server has said all this. Without the extension, changes are offered to everybody.
    """

    user: str = ""
    groups: tuple[str, ...] = ()
    way: str = ""
    role: str = ""
    may_write: bool = True
    models: Mapping[str, bool] = field(default_factory=dict)
    sign_in: str = ""
    is_known: bool = False

    def may_change(self, model_id: str) -> bool:
        """Whether changes of a model may be offered. Where nothing is known about the model, what holds for the user counts."""
        return self.models.get(model_id, self.may_write)


UNKNOWN = Access()


async def ask(api: Api, model_id: str = "") -> Access:
    """Returns the access of the caller, also for a registered model if its id is given.

    A server that cannot be reached, or that refuses, says nothing about it.
    """
    try:
        answer = await api.extension(WHOAMI, model=model_id)
    except ApiError as error:
        return Access(sign_in=error.message) if error.status == _UNAUTHORIZED else UNKNOWN
    except Unreachable:
        return UNKNOWN
    return UNKNOWN if answer is None else read(answer)


def read(answer: Mapping[str, Any]) -> Access:
    """Returns the access in an answer of `whoami`."""
    way = str(answer.get("authentication") or "")
    return Access(
        user="" if way == NO_WAY else str(answer.get("user") or ""),
        groups=tuple(map(str, answer.get("groups") or ())),
        way=way,
        role=str(answer.get("highestRole") or ""),
        may_write=answer.get("mayWriteSomething") is not False,
        models={str(model.get("id")): model.get("mayWrite") is True for model in answer.get("models") or ()},
        is_known=True,
    )
