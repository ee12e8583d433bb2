"""The connection: kubeconfigs in their usual forms, the service account of a pod, and files that cannot be used."""

import base64
from pathlib import Path
from typing import Any

import pytest
import trustme
import yaml
from model_registry_controller.kubernetes.connection import ConfigurationError, connect


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def written(folder: Path, cluster: dict[str, Any], user: dict[str, Any]) -> str:
    """The path of a kubeconfig with two contexts; the second one is current."""
    config = {
        "clusters": [{"name": "other", "cluster": {"server": "https://other"}}, {"name": "c", "cluster": cluster}],
        "users": [{"name": "u", "user": user}],
        "contexts": [
            {"name": "o", "context": {"cluster": "other", "user": "u"}},
            {"name": "x", "context": {"cluster": "c", "user": "u", "namespace": "team"}},
        ],
        "current-context": "x",
    }
    path = folder / "kubeconfig"
    path.write_text(yaml.safe_dump(config))
    return str(path)


def test_a_kubeconfig_names_server_token_and_namespace(tmp_path: Path, authority: trustme.CA) -> None:
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    (tmp_path / "token").write_text("from a file\n")
    cluster = {"server": "https://api:6443/", "certificate-authority": "ca.pem"}
    found = connect(written(tmp_path, cluster, {"tokenFile": "token"}), {})
    assert (found.server, found.token.current(), found.namespace) == ("https://api:6443", "from a file", "team")


def test_certificates_may_stand_in_the_file(tmp_path: Path, authority: trustme.CA) -> None:
    issued = authority.issue_cert("me")
    pem = base64.b64encode(authority.cert_pem.bytes()).decode()
    user = {
        "client-certificate-data": base64.b64encode(issued.cert_chain_pems[0].bytes()).decode(),
        "client-key-data": base64.b64encode(issued.private_key_pem.bytes()).decode(),
    }
    path = written(tmp_path, {"server": "https://api", "certificate-authority-data": pem}, user)
    found = connect("", {"KUBECONFIG": f"{path}:/another"})
    assert found.token.current() is None
    assert not isinstance(found.tls, bool)


def test_a_pod_uses_its_service_account(tmp_path: Path, authority: trustme.CA) -> None:
    authority.cert_pem.write_to_path(tmp_path / "ca.crt")
    (tmp_path / "token").write_text("mine")
    (tmp_path / "namespace").write_text("kubeflow\n")
    found = connect("", {"KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "443"}, tmp_path)
    assert (found.server, found.token.current(), found.namespace) == ("https://[fd00::1]:443", "mine", "kubeflow")


@pytest.mark.parametrize(
    ("cluster", "user", "message"),
    [
        ({}, {}, "needs a current context with cluster and user"),
        ({"server": "https://a", "certificate-authority": "missing.pem"}, {}, "cannot be used"),
        ({"server": "http://a"}, {"exec": {"command": "aws"}}, "use a token or a client certificate"),
    ],
)
def test_a_kubeconfig_that_cannot_be_used_is_named(
    tmp_path: Path, cluster: dict[str, Any], user: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigurationError, match=message):
        connect(written(tmp_path, cluster, user), {})


def test_without_a_cluster_the_message_says_what_to_set() -> None:
    with pytest.raises(ConfigurationError, match="set --kubeconfig or KUBECONFIG"):
        connect("", {}, Path("/nowhere"))
