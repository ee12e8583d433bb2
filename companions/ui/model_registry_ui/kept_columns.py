"""The columns that a user has chosen for each list, kept in a cookie. The columns in an address come before them."""

from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import Response

COOKIE = "mr_ui_columns"
LARGEST = 3000
"""Bytes of the cookie: browsers keep about 4,000. The lists that were chosen first are forgotten first."""
_SECONDS = 365 * 24 * 3600
KeptColumns = dict[str, tuple[str, ...]]
"""The columns by the name of the list; the list that was chosen last is last."""


def of(request: Request) -> KeptColumns:
    """Returns the columns that the browser keeps; a cookie that cannot be read keeps none."""
    kept: KeptColumns = {}
    for name, column in parse_qsl(request.cookies.get(COOKIE, "")):
        kept[name] = (*kept.get(name, ()), column)
    return kept


def changed(kept: KeptColumns, name: str, columns: tuple[str, ...]) -> KeptColumns:
    """Returns what is kept with other columns of one list; without columns the list is forgotten."""
    others = {one: chosen for one, chosen in kept.items() if one != name}
    return {**others, name: columns} if columns else others


def remember(response: Response, kept: KeptColumns, path: str, *, is_secure: bool) -> None:
    """Stores the columns for a year, as many lists as fit."""
    names = list(kept)
    while len(written := _written({name: kept[name] for name in names})) > LARGEST:
        del names[0]
    response.set_cookie(COOKIE, written, _SECONDS, path=path, secure=is_secure, httponly=True, samesite="lax")


def _written(kept: KeptColumns) -> str:
    return urlencode([(name, column) for name, columns in kept.items() for column in columns])
