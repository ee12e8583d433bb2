"""Accepts names of members in upper or lower case, as Go's JSON parser does: `registeredModelID` means `registeredModelId`.

Only ASCII letters are folded, since all documented names are ASCII. Names in a map, such as those of custom properties, belong to
the user and stay unchanged.
"""

from collections.abc import Iterator
from typing import Any

from model_registry_proxy.contract.document import Contract, JsonObject
from model_registry_proxy.contract.explanations import Path, Spelled, place_of
from model_registry_proxy.errors import BadRequest


def folded(name: str) -> str:
    """A name in lower case if it is ASCII, else unchanged."""
    return name.lower() if name.isascii() else name


def member_named(body: JsonObject, name: str) -> Any:
    """The value of a member with this name, or else with this name in another case; `None` if there is none."""
    if body.get(name) is not None:
        return body[name]
    return next((value for key, value in body.items() if value is not None and folded(key) == folded(name)), None)


class Names:
    """The documented names of the members of one schema at every depth. `is_empty`: the schema has none."""

    def __init__(self, contract: Contract, schema: JsonObject) -> None:
        branches = list(_branches(contract, schema))
        members: dict[str, list[JsonObject]] = {}
        for branch in branches:
            for name, part in branch.get("properties", {}).items():
                members.setdefault(name, []).append(part)
        self._exact = members.keys()
        self._by_folded: dict[str, list[str]] = {}
        for name in members:
            self._by_folded.setdefault(folded(name), []).append(name)
        self._parts = {name: Names(contract, {"allOf": parts}) for name, parts in members.items()}
        each = [branch[word] for branch in branches for word in ("additionalProperties", "items") if word in branch]
        schemas = [part for part in each if isinstance(part, dict)]
        self._each = Names(contract, {"allOf": schemas}) if schemas else None
        self.is_empty: bool = not self._exact and (self._each is None or self._each.is_empty)

    def documented(self, value: Any, spelled: Spelled, path: Path = ()) -> Any:
        """A copy of a value with the documented names. `spelled` receives the sent name of each member that is renamed.

        A name that matches no documented name, or several, stays. Raises `BadRequest` for a member in two spellings.
        """
        if isinstance(value, list) and self._each:
            return [self._each.documented(item, spelled, (*path, index)) for index, item in enumerate(value)]
        if not isinstance(value, dict) or self.is_empty:
            return value
        found: JsonObject = {}
        sent: dict[str, str] = {}
        for key, item in value.items():
            name = self._documented_name(key)
            if name in sent:
                where = place_of(path, spelled) or "The body"
                raise BadRequest(f"{where} has the key {name!r} twice: as {sent[name]!r} and as {key!r}.")
            sent[name] = key
            if name != key:
                spelled[(*path, name)] = key
            part = self._parts.get(name, self._each)
            found[name] = part.documented(item, spelled, (*path, name)) if part else item
        return found

    def _documented_name(self, key: str) -> str:
        if key in self._exact:
            return key
        names = self._by_folded.get(folded(key), ())
        return names[0] if len(names) == 1 else key


def _branches(contract: Contract, schema: JsonObject) -> Iterator[JsonObject]:
    """A schema and all schemas that it includes, alternatives too."""
    for branch in contract.branches(schema):
        yield branch
        for word in ("oneOf", "anyOf"):
            for part in branch.get(word, ()):
                yield from _branches(contract, part)
