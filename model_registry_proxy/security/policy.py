"""The policy: the roles of users, for everything and for registered models by name.

The policy gives roles to users and groups: general ones for everything, and by rules for the registered models whose names match a
pattern. Only the first rule that matches a model counts for it. No rule limits admins.
"""

import fnmatch
import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from model_registry_proxy.configuration.settings import Settings, SettingsError
from model_registry_proxy.configuration.watched_files import Watched
from model_registry_proxy.configuration.yaml_files import read_yaml
from model_registry_proxy.errors import Forbidden
from model_registry_proxy.registry.access import Level
from model_registry_proxy.security.authentication import ways
from model_registry_proxy.security.principals import Principal

EVERY_USER = "*"
"""In place of a user: every user with a valid identity."""
_MOST_REMEMBERED = 4096
_CLOSED = ConfigDict(extra="forbid", frozen=True)

Name = Annotated[str, Field(min_length=1)]


class Members(BaseModel):
    """Users and groups."""

    model_config = _CLOSED

    users: frozenset[Name] = frozenset()
    groups: frozenset[Name] = frozenset()

    def includes(self, principal: Principal) -> bool:
        """Whether a principal is among them."""
        return EVERY_USER in self.users or principal.user in self.users or bool(self.groups & principal.groups)


class Roles(BaseModel):
    """The members of each role, for everything that no rule is about."""

    model_config = _CLOSED

    admin: Members = Members()
    writer: Members = Members()
    reader: Members = Members()


class Rule(BaseModel):
    """The members of each role, for the registered models whose names match one of the patterns."""

    model_config = _CLOSED

    models: Annotated[tuple[Name, ...], Field(min_length=1)]
    writer: Members = Members()
    reader: Members = Members()

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Matches the names. `*`, `?` and `[...]` mean the same as in file names; case counts."""
        return re.compile("|".join(fnmatch.translate(pattern) for pattern in self.models))


class AliasRule(BaseModel):
    """The members that may move the aliases whose names match one of the patterns. Admins may move all."""

    model_config = _CLOSED

    names: Annotated[tuple[Name, ...], Field(min_length=1)]
    mover: Members = Members()

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Matches the names in lower case: case does not count. The patterns are those of `Rule`."""
        return re.compile("|".join(fnmatch.translate(pattern.lower()) for pattern in self.names))


class Document(BaseModel):
    """The policy file."""

    model_config = _CLOSED

    roles: Roles = Roles()
    rules: tuple[Rule, ...] = ()
    aliases: tuple[AliasRule, ...] = ()


_FILE = TypeAdapter(Document)


def level_in(roles: Roles | Rule, principal: Principal) -> Level:
    """The highest role of a principal."""
    given = (level for level in reversed(Level) if level and getattr(roles, str(level), Members()).includes(principal))
    return next(given, Level.NONE)


@dataclass(frozen=True, eq=False, slots=True)
class Movers:
    """Which aliases one principal may move: for each rule its pattern, and whether the principal is among its movers."""

    principal: Principal
    rules: tuple[tuple[re.Pattern[str], bool], ...] = ()

    def has_rule(self, alias: str) -> bool:
        """Whether a rule is about aliases of this name."""
        return self._may(alias) is not None

    def check(self, alias: str) -> None:
        """Raises `Forbidden`, unless no rule is about this name, or the first one that is has the principal among its movers."""
        if self._may(alias) is False:
            raise Forbidden(
                f"This needs the role mover for the alias {alias!r}; {self.principal.user} has it neither as a user nor by groups."
            )

    def _may(self, alias: str) -> bool | None:
        return next((may for pattern, may in self.rules if pattern.match(alias.lower())), None)


@dataclass(frozen=True, eq=False, slots=True)
class Access:
    """What one principal may do. `general`: the role where no rule matches. `rules`: pattern and role of each rule.

    `movers`: which aliases the principal may move.
    """

    principal: Principal
    general: Level
    movers: Movers
    rules: tuple[tuple[re.Pattern[str], Level], ...] = ()

    @property
    def most(self) -> Level:
        """The highest role for anything."""
        return max(self.general, *(level for _, level in self.rules), Level.NONE)

    @property
    def is_uniform(self) -> bool:
        """Whether the role is the same for everything, so that no model needs to be looked up."""
        return all(level == self.general for _, level in self.rules)

    def level(self, models: Collection[str]) -> Level:
        """The role for a node of these registered models (names): the lowest of the roles for each of them."""
        return min((self._level(name) for name in models), default=self.general)

    def _level(self, model: str) -> Level:
        return next((level for pattern, level in self.rules if pattern.match(model)), self.general)

    def require(self, level: Level, models: Collection[str], have: Level) -> None:
        """Raises `Forbidden`, with the roles that are missing, if the role `have` is lower than `level`."""
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
        """Raises `Forbidden` if the principal has this role for nothing at all."""
        if self.most < level:
            raise Forbidden(
                f"This needs the role {level}; {self.principal.user} has the role {self.most} at most, by user and groups."
            )


class Policy:
    """The policy in a file, which is read again when it changes. Without a file every user with a valid identity is a writer.

    Raises `SettingsError` if the file cannot be used.
    """

    def __init__(self, path: Path | None) -> None:
        self._document = Watched([path], lambda: read_yaml(path, "policy", _FILE)) if path else None
        self._of: Document | None = None
        self._remembered: dict[Principal, Access] = {}

    def access(self, principal: Principal) -> Access:
        """The access of a principal by the newest policy. It returns the same object until the policy changes."""
        document = self._document.current if self._document else _WITHOUT_FILE
        if document is not self._of or len(self._remembered) > _MOST_REMEMBERED:
            self._remembered.clear()
            self._of = document
        known = self._remembered.get(principal)
        return known or self._remembered.setdefault(principal, _access(document, principal))


def _access(document: Document, principal: Principal) -> Access:
    general = level_in(document.roles, principal)
    is_admin = general is Level.ADMIN
    movers = Movers(
        principal, tuple((rule.pattern, is_admin or rule.mover.includes(principal)) for rule in document.aliases)
    )
    if is_admin:
        return Access(principal, general, movers)
    return Access(
        principal, general, movers, tuple((rule.pattern, level_in(rule, principal)) for rule in document.rules)
    )


_WITHOUT_FILE = Document(roles=Roles(writer=Members(users=frozenset({EVERY_USER}))))


def policy_of(settings: Settings) -> Policy:
    """The policy in the file that settings name; raises `SettingsError`."""
    if settings.policy and not ways(settings):
        raise SettingsError(
            "--policy needs --auth tokens, jwt or gateway too: a policy is about users, and without --auth no user is known."
        )
    return Policy(Path(settings.policy) if settings.policy else None)
