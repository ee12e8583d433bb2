"""Logins for OCI registries: `.dockerconfigjson` of Kubernetes, `config.json` of Docker, and its credential helpers."""

import base64
import binascii
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from model_registry_upload_job.problems import UploadError

_DOCKER_HUB = ("docker.io", "index.docker.io", "registry-1.docker.io")
_HELPER_SECONDS = 30


@dataclass(frozen=True)
class Login:
    """User and password."""

    user: str
    password: str


@dataclass(frozen=True)
class DockerConfig:
    """The contents of a configuration file of Docker."""

    contents: Mapping[str, Any]

    @classmethod
    def read(cls, file: Path) -> Self:
        """Reads a file, or the file `.dockerconfigjson` or `config.json` of a folder. Raises `UploadError`."""
        if file.is_dir():
            file = next((path for name in _NAMES if (path := file / name).is_file()), file / _NAMES[0])
        try:
            contents = json.loads(file.read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise UploadError(f"The credentials of the registry cannot be read from {file}: {error}.") from error
        if not isinstance(contents, dict):
            raise UploadError(f"The credentials in {file} must be a JSON object.")
        return cls(contents)

    @classmethod
    def of_user(cls) -> Self:
        """Reads the user's own file; an empty one if there is none."""
        folder = Path(os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker")
        return cls.read(folder / "config.json") if (folder / "config.json").is_file() else cls({})

    def login(self, registry: str) -> Login | None:
        """Returns the login for a registry (`host` or `host:port`); `None` if the file has none. Raises `UploadError`."""
        for name in _spellings(registry):
            entry = (self.contents.get("auths") or {}).get(name)
            if isinstance(entry, dict) and (found := _of_entry(name, entry)):
                return found
        for name in _spellings(registry):
            helper = (self.contents.get("credHelpers") or {}).get(name) or self.contents.get("credsStore")
            if helper and (found := _of_helper(str(helper), name)):
                return found
        return None


_NAMES = (".dockerconfigjson", "config.json")


def _spellings(registry: str) -> Iterator[str]:
    """The ways in which files name a registry."""
    hosts = [registry, registry.partition(":")[0]]
    if hosts[1] in _DOCKER_HUB:
        hosts += _DOCKER_HUB
    for host in dict.fromkeys(hosts):
        for path in ("", "/", "/v1/", "/v2/"):
            yield from (f"{scheme}{host}{path}" for scheme in ("", "https://", "http://"))


def _of_entry(name: str, entry: Mapping[str, Any]) -> Login | None:
    if entry.get("username") and entry.get("password"):
        return Login(str(entry["username"]), str(entry["password"]))
    text = str(entry.get("auth") or "").strip()
    if not text:
        return None
    try:
        decoded = base64.b64decode(text, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        decoded = text  # some tools write it as plain text
    user, colon, password = decoded.strip().partition(":")
    if not colon:
        raise UploadError(f"The credentials for {name} must be the base64 of USER:PASSWORD.")
    return Login(user, password)


def _of_helper(helper: str, name: str) -> Login | None:
    program = shutil.which(f"docker-credential-{helper}")
    if not program:
        return None
    try:
        done = subprocess.run(  # noqa: S603 (the program that the user's own file names)
            [program, "get"], input=name, capture_output=True, text=True, check=False, timeout=_HELPER_SECONDS
        )
        found = json.loads(done.stdout) if done.returncode == 0 else {}
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    return Login(found["Username"], found["Secret"]) if found.get("Username") and found.get("Secret") else None
