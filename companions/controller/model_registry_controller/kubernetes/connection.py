"""Where the API server is and what the program proves its identity with: from a kubeconfig, or from the pod's service account."""

import base64
import os
import ssl
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import yaml
from model_registry_client.credentials import Token

ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")


class ConfigurationError(Exception):
    """The program cannot start with these settings; the message says which one, and what would work."""


@dataclass(frozen=True)
class Connection:
    """How to reach an API server.

    Attributes:
        server: Its address, such as `https://10.0.0.1:443`.
        tls: The certificates to trust, and the client's own one.
        token: The token to send; a file is read again every minute.
        namespace: The namespace of the program, if it is known.
    """

    server: str
    tls: ssl.SSLContext | bool
    token: Token
    namespace: str = ""


def connect(kubeconfig: str, environment: Mapping[str, str], account: Path = ACCOUNT) -> Connection:
    """Finds the connection.

    Args:
        kubeconfig: The path of a kubeconfig; empty for `KUBECONFIG`, else the service account of the pod.
        environment: The environment variables.
        account: The folder of the service account.

    Raises:
        ConfigurationError: There is neither, or the file cannot be used.
    """
    if path := kubeconfig or environment.get("KUBECONFIG", "").partition(os.pathsep)[0]:
        return _of_file(Path(path))
    host, port = environment.get("KUBERNETES_SERVICE_HOST"), environment.get("KUBERNETES_SERVICE_PORT", "443")
    if not host or not (account / "token").exists():
        raise ConfigurationError(
            "There is no API server to connect to: outside a pod, set --kubeconfig or KUBECONFIG to a kubeconfig."
        )
    namespace = account / "namespace"
    return Connection(
        f"https://{f'[{host}]' if ':' in host else host}:{port}",
        ssl.create_default_context(cafile=str(account / "ca.crt")),
        Token(None, account / "token"),
        namespace.read_text().strip() if namespace.exists() else "",
    )


def _of_file(path: Path) -> Connection:
    try:
        config = yaml.safe_load(path.read_text("utf-8"))
        context = _named(config, "contexts", "context", config["current-context"])
        cluster = _named(config, "clusters", "cluster", context["cluster"])
        user = _named(config, "users", "user", context["user"])
        return Connection(
            cluster["server"].rstrip("/"),
            _tls(path.parent, cluster, user),
            _token(path.parent, user),
            context.get("namespace", ""),
        )
    except OSError as error:
        raise ConfigurationError(f"The kubeconfig {path} cannot be used: {error}.") from error
    except (KeyError, TypeError, AttributeError, yaml.YAMLError) as error:
        raise ConfigurationError(
            f"The kubeconfig {path} cannot be used: it needs a current context with cluster and user ({error!r})."
        ) from error


def _named(config: Mapping[str, Any], group: str, kind: str, name: str) -> dict[str, Any]:
    found: list[dict[str, Any]] = [each[kind] for each in config[group] if each["name"] == name]
    if not found:
        raise KeyError(f"{kind} {name}")
    return found[0]


def _token(folder: Path, user: Mapping[str, Any]) -> Token:
    if user.get("exec") or user.get("auth-provider"):
        raise ConfigurationError(
            "A kubeconfig whose user runs a program for its token cannot be used: use a token or a client certificate."
        )
    if file := user.get("tokenFile"):
        return Token(None, folder / file)
    return Token(user.get("token"))


def _tls(folder: Path, cluster: Mapping[str, Any], user: Mapping[str, Any]) -> ssl.SSLContext | bool:
    if cluster["server"].startswith("http://"):
        return False
    if data := cluster.get("certificate-authority-data"):
        context = ssl.create_default_context(cadata=base64.b64decode(data).decode())
    elif file := cluster.get("certificate-authority"):
        context = ssl.create_default_context(cafile=str(folder / file))
    else:
        context = httpx.create_ssl_context()
    if cluster.get("insecure-skip-tls-verify"):
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    _load_own(context, folder, user)
    return context


def _load_own(context: ssl.SSLContext, folder: Path, user: Mapping[str, Any]) -> None:
    """Loads the client certificate of a user. OpenSSL reads it from files only."""
    if file := user.get("client-certificate"):
        context.load_cert_chain(folder / file, folder / user["client-key"])
    elif data := user.get("client-certificate-data"):
        with tempfile.TemporaryDirectory() as made:
            certificate, key = Path(made, "certificate"), Path(made, "key")
            certificate.write_bytes(base64.b64decode(data))
            key.touch(0o600)
            key.write_bytes(base64.b64decode(user["client-key-data"]))
            context.load_cert_chain(certificate, key)
