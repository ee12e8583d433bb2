"""The principal of a request: the user that it comes from."""

from dataclasses import dataclass

from starlette.types import Scope

_KEY = "principal"


@dataclass(frozen=True, slots=True)
class Principal:
    """A user with groups. `way`: how the request was authenticated, `tokens`, `jwt` or `gateway`."""

    user: str
    groups: frozenset[str]
    way: str

    def __str__(self) -> str:
        groups = f" ({', '.join(sorted(self.groups))})" if self.groups else ""
        return f"{self.user}{groups}"


def principal_of(scope: Scope) -> Principal | None:
    """The principal of an ASGI scope; `None` if the request was not authenticated."""
    found: Principal | None = scope.get("state", {}).get(_KEY)
    return found


def note_principal(scope: Scope, principal: Principal) -> None:
    """Stores the principal in an ASGI scope, for `principal_of`."""
    scope.setdefault("state", {})[_KEY] = principal
