"""Whom a request comes from."""

from dataclasses import dataclass

from starlette.types import Scope

_KEY = "principal"


@dataclass(frozen=True, slots=True)
class Principal:
    """A user with groups, and the way by which the request has shown that: `tokens`, `jwt` or `gateway`."""

    user: str
    groups: frozenset[str]
    way: str

    def __str__(self) -> str:
        groups = f" ({', '.join(sorted(self.groups))})" if self.groups else ""
        return f"{self.user}{groups}"


def principal_of(scope: Scope) -> Principal | None:
    """Whom an ASGI scope's request comes from; `None` where nobody has asked or it could not be shown."""
    found: Principal | None = scope.get("state", {}).get(_KEY)
    return found


def note_principal(scope: Scope, principal: Principal) -> None:
    """Puts it where `principal_of` finds it."""
    scope.setdefault("state", {})[_KEY] = principal
