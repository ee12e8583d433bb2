"""Static tokens: random texts whose SHA-256 stands in a file, with the user and the groups that each speaks for.

A plain SHA-256 is enough, since a token is 256 random bits: there is nothing to guess, so nothing that a slow hash would slow
down; and it costs a microsecond where scrypt costs a request its budget a thousand times over. The file gives no token away.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter

from model_registry_proxy.configuration.settings import SettingsError
from model_registry_proxy.configuration.watched_files import Watched
from model_registry_proxy.configuration.yaml_files import read_yaml
from model_registry_proxy.errors import Unauthorized
from model_registry_proxy.security.principals import Principal

PREFIX = "mrp_"
"""Begins every token of ours, so that scanners of published secrets can know one, and so that none is taken for a JWT."""
_BYTES = 32
_NO_TOKEN = bytes(32)

Name = Annotated[str, Field(min_length=1)]


class Entry(BaseModel):
    """One token as the file has it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    user: Name
    groups: tuple[Name, ...] = ()
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    expires: AwareDatetime | None = None


_FILE = TypeAdapter(list[Entry] | None)


class Tokens:
    """The tokens in a file, which is read again when it changes. Raises `SettingsError` where it cannot be used."""

    def __init__(self, path: Path) -> None:
        self._entries = Watched([path], lambda: _read(path))

    async def principal(self, token: str) -> Principal:
        """Whom a token speaks for; raises `Unauthorized`."""
        digest = hashlib.sha256(token.encode()).digest()
        # What the time of this look-up may tell is about the hash of a guess, from which no better guess follows.
        entry = self._entries.current.get(digest)
        known = bytes.fromhex(entry.sha256) if entry else _NO_TOKEN
        if not hmac.compare_digest(known, digest) or entry is None:
            raise Unauthorized("The token is not known.", is_bad=True)
        if entry.expires and entry.expires <= datetime.now(UTC):
            raise Unauthorized("The token has expired.", is_bad=True)
        return Principal(entry.user, frozenset(entry.groups), "tokens")


def _read(path: Path) -> Mapping[bytes, Entry]:
    entries: dict[bytes, Entry] = {}
    for entry in read_yaml(path, "auth-tokens", _FILE) or ():
        digest = bytes.fromhex(entry.sha256)
        if digest in entries:
            raise SettingsError(f"--auth-tokens {path}: the token of {entry.user} with {entry.sha256} is there twice.")
        entries[digest] = entry
    return entries


def new_token(user: str, groups: tuple[str, ...], expires: datetime | None = None) -> tuple[str, str]:
    """A fresh token, and the line for the file that lets it in."""
    token = PREFIX + secrets.token_urlsafe(_BYTES)
    entry = {"user": user, "groups": list(groups), "sha256": hashlib.sha256(token.encode()).hexdigest()}
    if expires:
        entry["expires"] = expires.isoformat(timespec="seconds")
    return token, f"- {json.dumps(entry, ensure_ascii=False)}"  # JSON is YAML
