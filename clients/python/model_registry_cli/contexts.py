"""Named servers in a file: where they are and how to be let in."""

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
    """A server. `token` or `token_file`: to be let in. `ca`: certificates to trust. `insecure`: check none."""

    server: str
    token: str | None = None
    token_file: str | None = None
    ca: str | None = None
    insecure: bool = False

    def told(self) -> dict[str, Any]:
        """What is set."""
        return {name: value for name, value in asdict(self).items() if value not in (None, False)}


@dataclass(frozen=True)
class Contexts:
    """All of them, and which one is in use."""

    current: str | None = None
    known: Mapping[str, Context] = field(default_factory=dict)

    def named(self, name: str) -> Context:
        """The one of this name. Raises `Problem`."""
        if name in self.known:
            return self.known[name]
        there = ", ".join(self.known) or "none yet"
        hint = f"There are: {there}. mr context set {name} --server URL makes it."
        raise Problem(f"There is no context {name!r} in {path()}.", hint, Exit.NOT_FOUND)


def path() -> Path:
    """The file: `MODEL_REGISTRY_CONFIG`, else below the user's configuration folder (XDG_CONFIG_HOME)."""
    chosen = os.environ.get(FILE_VARIABLE)
    return Path(chosen) if chosen else platformdirs.user_config_path("model-registry") / "config.yaml"


def load() -> Contexts:
    """What the file has; nothing where there is none. Raises `Problem` for what cannot be read."""
    file = path()
    try:
        text = file.read_text()
    except FileNotFoundError:
        return Contexts()
    except OSError as error:
        raise Problem(f"{file} cannot be read: {error.strerror}.") from error
    import yaml  # noqa: PLC0415 (most commands need none)

    try:
        found = _read(yaml.safe_load(text) or {})
    except (yaml.YAMLError, TypeError, AttributeError, ValueError) as error:
        hint = f"Mend it, or move it away: mv {file} {file}.old"
        raise Problem(f"{file} is no file of contexts: {_what_is_wrong(error)}", hint) from None
    if any(context.token for context in found.known.values()) and file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        say(f"mr: warning: {file} holds a token and others may read it: chmod 600 {file}")
    return found


def _what_is_wrong(error: Exception) -> str:
    """Without the text of the file, which may hold a token."""
    mark = getattr(error, "problem_mark", None)
    return f"{getattr(error, 'problem', '')}, at line {mark.line + 1}" if mark else "it is not made of contexts"


def _read(content: Any) -> Contexts:
    known = {name: _context(name, told) for name, told in (content.get("contexts") or {}).items()}
    return Contexts(content.get("current"), known)


def _context(name: str, told: Mapping[str, Any]) -> Context:
    names = {each.name for each in fields(Context)}
    if unknown := sorted(set(told) - names):
        raise ValueError(f"the context {name!r} has {unknown[0]!r}; known are {', '.join(sorted(names))}.")
    return Context(**told)


def save(contexts: Contexts) -> None:
    """Writes the file as a whole, for its owner only. Raises `Problem`."""
    import yaml  # noqa: PLC0415 (see above)

    file = path()
    content = {"current": contexts.current, "contexts": {name: each.told() for name, each in contexts.known.items()}}
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.NamedTemporaryFile("w", dir=file.parent, prefix=".config-", delete=False) as draft:  # mode 0600
            yaml.safe_dump(content, draft, sort_keys=False, allow_unicode=True)
        Path(draft.name).replace(file)
    except OSError as error:
        raise Problem(f"{file} cannot be written: {error.strerror}.") from error
