"""Static tokens: random texts. A file has the SHA-256 of each token, with its user and groups.

A plain SHA-256 is enough, because a token has 256 random bits: no guess can succeed, so a slow hash such as scrypt would protect
nothing. SHA-256 takes a microsecond, scrypt a thousand times the budget of a request. A token cannot be computed from the file.
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
"""Every token of ours starts with it, so that scanners for published secrets find one, and none is mistaken for a JWT."""
_BYTES = 32
_NO_TOKEN = bytes(32)

Name = Annotated[str, Field(min_length=1)]


class Entry(BaseModel):
    """One token in the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    user: Name
    groups: tuple[Name, ...] = ()
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    expires: AwareDatetime | None = None


_FILE = TypeAdapter(list[Entry] | None)


class Tokens:
    """The tokens in a file, which is read again when it changes. Raises `SettingsError` if the file cannot be used."""

    def __init__(self, path: Path) -> None:
        self._entries = Watched([path], lambda: _read(path))

    async def principal(self, token: str) -> Principal:
        """The principal that a token identifies; raises `Unauthorized`."""
        digest = hashlib.sha256(token.encode()).digest()
        # The time of this look-up depends on the hash of a guess only, which does not help to guess better.
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
    """A new token, and its line for the file."""
    token = PREFIX + secrets.token_urlsafe(_BYTES)
    entry = {"user": user, "groups": list(groups), "sha256": hashlib.sha256(token.encode()).hexdigest()}
    if expires:
        entry["expires"] = expires.isoformat(timespec="seconds")
    return token, f"- {json.dumps(entry, ensure_ascii=False)}"  # JSON is YAML
