"""The file of contexts: named servers with their addresses and credentials."""

import os
import stat
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import platformdirs

from model_registry_cli.exits import Exit, Problem, say

FILE_VARIABLE = "MODEL_REGISTRY_CONFIG"


@dataclass(frozen=True)
class Context:
    """A server and its credentials.

    Attributes:
        server: The address.
        token: The Bearer token.
        token_file: A file with the token, instead of `token`.
        ca: A file with PEM certificates to trust.
        insecure: Whether the server's certificate is not checked.
    """

    server: str
    token: str | None = None
    token_file: str | None = None
    ca: str | None = None
    insecure: bool = False

    def set_fields(self) -> dict[str, Any]:
        """Returns the fields that are set, by name."""
        return {name: value for name, value in asdict(self).items() if value not in (None, False)}


@dataclass(frozen=True)
class Contexts:
    """All contexts by name, and the name of the current one."""

    current: str | None = None
    known: Mapping[str, Context] = field(default_factory=dict)

    def named(self, name: str) -> Context:
        """Returns the context of this name. Raises `Problem` if there is none."""
        if name in self.known:
            return self.known[name]
        names = ", ".join(self.known) or "none yet"
        hint = f"There are: {names}. mr context set {name} --server URL makes it."
        raise Problem(f"There is no context {name!r} in {path()}.", hint, Exit.NOT_FOUND)


def path() -> Path:
    """Returns the path of the file: `MODEL_REGISTRY_CONFIG`, else a file in the user's configuration folder (`XDG_CONFIG_HOME`)."""
    chosen = os.environ.get(FILE_VARIABLE)
    return Path(chosen) if chosen else platformdirs.user_config_path("model-registry") / "config.yaml"


def load() -> Contexts:
    """Reads the file. Without a file there are no contexts. Raises `Problem` if it cannot be read or parsed."""
    file = path()
    try:
        text = file.read_text()
    except FileNotFoundError:
        return Contexts()
    except OSError as error:
        raise Problem(f"{file} cannot be read: {error.strerror}.") from error
    import yaml  # noqa: PLC0415 (most commands do not need it)

    try:
        found = _read(yaml.safe_load(text) or {})
    except (yaml.YAMLError, TypeError, AttributeError, ValueError) as error:
        hint = f"Repair it, or move it: mv {file} {file}.old"
        raise Problem(f"{file} is no file of contexts: {_what_is_wrong(error)}", hint) from None
    if any(context.token for context in found.known.values()) and file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        say(f"mr: warning: {file} holds a token and other users may read it: chmod 600 {file}")
    return found


def _what_is_wrong(error: Exception) -> str:
    """Returns the reason without any text of the file, since that may contain a token."""
    mark = getattr(error, "problem_mark", None)
    return f"{getattr(error, 'problem', '')}, at line {mark.line + 1}" if mark else "it does not contain contexts"


def _read(content: Any) -> Contexts:
    known = {name: _context(name, fields_) for name, fields_ in (content.get("contexts") or {}).items()}
    return Contexts(content.get("current"), known)


def _context(name: str, fields_: Mapping[str, Any]) -> Context:
    names = {each.name for each in fields(Context)}
    if unknown := sorted(set(fields_) - names):
        raise ValueError(f"the context {name!r} has {unknown[0]!r}; known are {', '.join(sorted(names))}.")
    return Context(**fields_)


def save(contexts: Contexts) -> None:
    """Replaces the file, with mode 0600. Raises `Problem` if it cannot be written."""
    import yaml  # noqa: PLC0415 (most commands do not need it)

    file = path()
    content = {
        "current": contexts.current,
        "contexts": {name: each.set_fields() for name, each in contexts.known.items()},
    }
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.NamedTemporaryFile("w", dir=file.parent, prefix=".config-", delete=False) as draft:  # mode 0600
            yaml.safe_dump(content, draft, sort_keys=False, allow_unicode=True)
        Path(draft.name).replace(file)
    except OSError as error:
        raise Problem(f"{file} cannot be written: {error.strerror}.") from error
