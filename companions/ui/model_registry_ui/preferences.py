"""What a user prefers about the look, kept in one cookie: theme, density, rows of a page, and single keys."""

from dataclasses import asdict, dataclass, fields, replace
from typing import Self
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import Response

COOKIE = "mr_ui_look"
_SECONDS = 365 * 24 * 3600
CHOICES = {
    "theme": ("system", "light", "dark"),
    "density": ("comfortable", "compact"),
    "size": ("50", "25", "100", "200"),
    "keys": ("on", "off"),
}
"""The values of each preference; the first is the preset one."""


@dataclass(frozen=True, slots=True)
class Preferences:
    """The preferences of a browser."""

    theme: str = "system"
    density: str = "comfortable"
    size: str = "50"
    keys: str = "on"

    @classmethod
    def of(cls, request: Request) -> Self:
        """Reads them from the cookie; a value that is none of its choices counts as the preset one."""
        return cls().changed(dict(parse_qsl(request.cookies.get(COOKIE, ""))))

    def changed(self, given: dict[str, str]) -> Self:
        """Returns the preferences with other values, where they are valid."""
        return replace(self, **{name: value for name, value in given.items() if value in CHOICES.get(name, ())})

    def remember(self, response: Response, path: str, *, is_secure: bool) -> None:
        """Stores them for a year."""
        preset = type(self)()
        chosen = {
            field.name: getattr(self, field.name)
            for field in fields(self)
            if getattr(self, field.name) != getattr(preset, field.name)
        }
        response.set_cookie(
            COOKIE, urlencode(chosen), _SECONDS, path=path, secure=is_secure, httponly=True, samesite="lax"
        )

    def as_dict(self) -> dict[str, str]:
        """Returns them by name."""
        return asdict(self)
