"""Names and passwords for OCI registries, from the configuration of docker that KServe mounts."""

import base64
import binascii
import contextlib
import json
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from model_registry_storage_initializer.environment import Environment
from model_registry_storage_initializer.errors import Failure

KSERVE_PATH = Path("/mnt/oci-fetch-auth/config.json")
_HELPER_SECONDS = 30
_INSTEAD = "Give the pod a secret of type kubernetes.io/dockerconfigjson, which holds the login itself."
_DOCKER_HUB = ("https://index.docker.io/v1/", "index.docker.io", "docker.io", "registry-1.docker.io")


@dataclass(frozen=True)
class Login:
    """A name and a password; or an identity token, with an empty name."""

    name: str
    password: str


def login(host: str, environment: Environment) -> Login | None:
    """Returns the login for a registry such as `quay.io` or `localhost:5000`; `None` if there is none.

    Raises:
        Failure: The configuration says that a program keeps it, and that is not installed.
    """
    for path in _paths(environment):
        try:
            config = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError):
            continue
        if isinstance(config, dict) and (found := _in(config, host)):
            return found
    return None


def _paths(environment: Environment) -> Iterable[Path]:
    text = environment.text
    for named in (
        text("KSERVE_OCI_DOCKER_CONFIG"),
        text("DOCKER_CONFIG"),
        text("REGISTRY_AUTH_FILE"),
        str(KSERVE_PATH),
    ):
        if named:
            yield Path(named)
            yield Path(named, "config.json")
            yield Path(named, ".dockerconfigjson")
    yield Path(text("HOME", default="/"), ".docker", "config.json")


def _in(config: dict[str, Any], host: str) -> Login | None:
    """Looks for a host as docker does: as it is, with a scheme, and with a path; for docker's own hub also its old names."""
    auths = config.get("auths") or config
    names = _DOCKER_HUB if host in _DOCKER_HUB else (host,)
    for key, entry in auths.items() if isinstance(auths, dict) else ():
        bare = str(key).removeprefix("https://").removeprefix("http://")
        if (key in names or bare.partition("/")[0] in names) and isinstance(entry, dict) and (found := _of(entry)):
            return found
    helper = (config.get("credHelpers") or {}).get(host) or config.get("credsStore")
    return _from_helper(str(helper), host) if helper else None


def _of(entry: dict[str, Any]) -> Login | None:
    if entry.get("identitytoken"):
        return Login("", str(entry["identitytoken"]))
    if entry.get("username"):
        return Login(str(entry["username"]), str(entry.get("password", "")))
    text = str(entry.get("auth", ""))
    with contextlib.suppress(binascii.Error, UnicodeDecodeError):  # some write it as plain text
        text = base64.b64decode(text, validate=True).decode()
    name, found, password = text.partition(":")
    return Login(name, password) if found else None


def _from_helper(helper: str, host: str) -> Login | None:
    name = f"docker-credential-{helper}"
    program = shutil.which(name)
    if not program:
        raise Failure(f"The login for {host} is kept by a program, and {name} is not installed in this image", _INSTEAD)
    try:
        ended = subprocess.run(  # noqa: S603 (the operator names it)
            [program, "get"], input=host, capture_output=True, text=True, check=True, timeout=_HELPER_SECONDS
        )
        answer = json.loads(ended.stdout)
        user, secret = str(answer["Username"]), str(answer["Secret"])
    except (subprocess.SubprocessError, OSError, ValueError, KeyError, TypeError):
        return None
    return Login("" if user == "<token>" else user, secret)
