"""The names of aliases: which are allowed, and the form that the store compares."""

import re

from model_registry_proxy.errors import BadRequest

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")
_WHOLE_NUMBER = re.compile(r"[vV]?[0-9]+")
_LATEST = "latest"


def folded(alias: str) -> str:
    """Returns a name as it is stored: databases differ in whether case counts, so for aliases it never does."""
    return alias.lower()


def is_same(one: str, other: str) -> bool:
    """Returns whether two names mean the same alias."""
    return folded(one) == folded(other)


def is_allowed(alias: str) -> bool:
    """Returns whether an alias may have this name."""
    return _why_not(alias) is None


def check(alias: str) -> None:
    """Raises `BadRequest` for a name that no alias may have."""
    if why_not := _why_not(alias):
        raise BadRequest(f"{alias[:120]!r} cannot be an alias: {why_not}")


def _why_not(alias: str) -> str | None:
    if not _NAME.fullmatch(alias):
        return "it must have 1 to 100 letters of ASCII, digits, underscores, dots or hyphens, and begin with none of the last two."
    if folded(alias) == _LATEST:
        return "clients read latest as the newest version. Choose another name, such as newest."
    if _WHOLE_NUMBER.fullmatch(alias):
        return "clients read a whole number, with or without v, as a version. Choose a name with more letters."
    return None
