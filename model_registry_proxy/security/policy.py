"""The policy: which role a user has, and for which registered models by their names.

A role is given to users and groups for everything, and by rules for registered models whose names fit a pattern. The first rule
that fits a model decides about it alone; admins are bound by no rule.
"""

import enum
import fnmatch
import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from model_registry_proxy.configuration.watched_files import Watched
from model_registry_proxy.configuration.yaml_files import read_yaml
from model_registry_proxy.errors import Forbidden
from model_registry_proxy.security.principals import Principal

EVERYBODY = "*"
"""As a user: whoever has shown who they are."""
_MOST_REMEMBERED = 4096
_CLOSED = ConfigDict(extra="forbid", frozen=True)

Name = Annotated[str, Field(min_length=1)]


class Level(enum.IntEnum):
    """The roles, each with the rights of those before it."""

    NONE = 0
    READER = 1
    WRITER = 2
    ADMIN = 3

    def __str__(self) -> str:
        return self.name.lower()


class Who(BaseModel):
    """Users and groups."""

    model_config = _CLOSED

    users: frozenset[Name] = frozenset()
    groups: frozenset[Name] = frozenset()

    def includes(self, principal: Principal) -> bool:
        """Whether somebody is among them."""
        return EVERYBODY in self.users or principal.user in self.users or bool(self.groups & principal.groups)


class Roles(BaseModel):
    """Who has which role for everything that no rule is about."""

    model_config = _CLOSED

    admin: Who = Who()
    writer: Who = Who()
    reader: Who = Who()


class Rule(BaseModel):
    """Who has which role for the registered models whose names fit one of the patterns."""

    model_config = _CLOSED

    models: Annotated[tuple[Name, ...], Field(min_length=1)]
    writer: Who = Who()
    reader: Who = Who()

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Fits the names; `*`, `?` and `[...]` as in file names, upper and lower case told apart."""
        return re.compile("|".join(fnmatch.translate(pattern) for pattern in self.models))


class Document(BaseModel):
    """The policy file."""

    model_config = _CLOSED

    roles: Roles = Roles()
    rules: tuple[Rule, ...] = ()


_FILE = TypeAdapter(Document)


def level_in(roles: Roles | Rule, principal: Principal) -> Level:
    """The highest role that somebody is given."""
    given = (level for level in reversed(Level) if level and getattr(roles, str(level), Who()).includes(principal))
    return next(given, Level.NONE)


@dataclass(frozen=True, eq=False, slots=True)
class Access:
    """What one principal may do: `general` is the role for all that no rule is about, `rules` are those for models."""

    principal: Principal
    general: Level
    rules: tuple[tuple[re.Pattern[str], Level], ...] = ()

    @property
    def most(self) -> Level:
        """The highest role that they have for anything."""
        return max(self.general, *(level for _, level in self.rules), Level.NONE)

    @property
    def is_uniform(self) -> bool:
        """Whether they have the same role for everything, so that nothing need be looked at."""
        return all(level == self.general for _, level in self.rules)

    def level(self, models: Collection[str]) -> Level:
        """The role for something that belongs to registered models of these names: what they have for all of them."""
        return min((self._level(name) for name in models), default=self.general)

    def _level(self, model: str) -> Level:
        return next((level for pattern, level in self.rules if pattern.match(model)), self.general)

    def require(self, level: Level, models: Collection[str], have: Level) -> None:
        """Raises `Forbidden`, which says what is missing, where `have` is less than `level`."""
        if have >= level:
            return
        lacking = sorted(name for name in models if self._level(name) < level)
        about = (
            f"the registered model {', '.join(map(repr, lacking))}"
            if lacking
            else "what belongs to no registered model"
        )
        raise Forbidden(f"This needs the role {level} for {about}; {self.principal.user} has the role {have} there.")

    def require_somewhere(self, level: Level) -> None:
        """Raises `Forbidden` for somebody who can do nothing of this sort anywhere."""
        if self.most < level:
            raise Forbidden(
                f"This needs the role {level}; {self.principal.user} has the role {self.most} at most, by user and groups."
            )


class Policy:
    """The policy in a file, which is read again when it changes; without a file everybody who is known is a writer.

    Raises `SettingsError` where the file cannot be used.
    """

    def __init__(self, path: Path | None) -> None:
        self._document = Watched([path], lambda: read_yaml(path, "policy", _FILE)) if path else None
        self._of: Document | None = None
        self._remembered: dict[Principal, Access] = {}

    def access(self, principal: Principal) -> Access:
        """What somebody may do, by the newest policy; the same object as long as that stays the same."""
        document = self._document.current if self._document else _WITHOUT_FILE
        if document is not self._of or len(self._remembered) > _MOST_REMEMBERED:
            self._remembered.clear()
            self._of = document
        known = self._remembered.get(principal)
        return known or self._remembered.setdefault(principal, _access(document, principal))


def _access(document: Document, principal: Principal) -> Access:
    general = level_in(document.roles, principal)
    if general is Level.ADMIN:
        return Access(principal, general)
    return Access(principal, general, tuple((rule.pattern, level_in(rule, principal)) for rule in document.rules))


_WITHOUT_FILE = Document(roles=Roles(writer=Who(users=frozenset({EVERYBODY}))))
