"""The manifests of the controller: valid, without privileges, with no right that it does not use, and with flags that it has."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from model_registry_controller.kubernetes.lease import NAME
from model_registry_controller.settings.options import OPTIONS, VARIABLES
from model_registry_controller.settings.reading import read

from tests.deployment.conftest import Tool
from tests.support.kubernetes_schemas import LOCATION, write_schemas

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "manifests/kustomize/components/controller"
Object = dict[str, Any]


def objects() -> list[Object]:
    """All objects of the component."""
    return [
        each
        for path in sorted(FOLDER.glob("*.yaml"))
        if path.name != "kustomization.yaml"
        for each in yaml.safe_load_all(path.read_text("utf-8"))
    ]


def the(kind: str) -> Object:
    """The only object of a kind."""
    [found] = [each for each in objects() if each["kind"] == kind]
    return found


@pytest.fixture
def pod() -> Object:
    """The pod of the Deployment."""
    found: Object = the("Deployment")["spec"]["template"]["spec"]
    return found


def test_its_flags_and_variables_are_ones_that_it_has(pod: Object) -> None:
    [container] = pod["containers"]
    settings = read(container["args"], {"POD_NAMESPACE": "kubeflow"})
    assert settings.flag("leader-elect")
    assert settings.text("leader-election-namespace") == "kubeflow"
    known = set(VARIABLES) | {option.variable for option in OPTIONS}
    assert {each["name"] for each in container["env"]} <= known
    assert settings.text("metrics-bind-address") == ":8082"


def test_it_runs_without_root_and_with_the_two_tokens_that_it_needs(pod: Object) -> None:
    assert pod["securityContext"] == {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    [container] = pod["containers"]
    security = container["securityContext"]
    assert security["readOnlyRootFilesystem"]
    assert not security["allowPrivilegeEscalation"]
    assert security["capabilities"] == {"drop": ["ALL"]}
    assert container["resources"]["limits"]["memory"] == "128Mi"
    assert not pod["automountServiceAccountToken"]
    tokens = [source["serviceAccountToken"] for volume in pod["volumes"] for source in volume["projected"]["sources"]
              if "serviceAccountToken" in source]  # fmt: skip
    assert [token.get("audience") for token in tokens] == [None, "model-registry"]


def test_probes_ask_what_the_controller_answers(pod: Object) -> None:
    [container] = pod["containers"]
    paths = {kind: container[kind]["httpGet"]["path"] for kind in ("startupProbe", "livenessProbe", "readinessProbe")}
    assert paths == {"startupProbe": "/readyz", "livenessProbe": "/healthz", "readinessProbe": "/readyz"}


def test_it_has_no_right_that_it_does_not_use() -> None:
    rights = {
        (resource, verb)
        for kind in ("ClusterRole", "Role")
        for rule in the(kind)["rules"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }
    assert rights == {
        *(("inferenceservices", verb) for verb in ("get", "list", "watch", "patch")),
        *(("services", verb) for verb in ("get", "list", "watch")),
        *(("events", verb) for verb in ("create", "patch")),
        *(("leases", verb) for verb in ("create", "get", "update")),
    }
    named = [rule["resourceNames"] for rule in the("Role")["rules"] if "resourceNames" in rule]
    assert named == [[NAME]]


def test_it_fits_the_schemas_in_an_overlay(tool: Tool, tmp_path: Path, render_with: Callable[[str], str]) -> None:
    text = render_with("profile-ada")
    found = [each for each in yaml.safe_load_all(text) if each]
    [binding] = [each for each in found if each["kind"] == "ClusterRoleBinding"]
    assert binding["subjects"][0]["namespace"] == "profile-ada"
    assert "newName" not in text
    kinds = {each["kind"] for each in found}
    assert {"Deployment", "ClusterRole", "Role", "RoleBinding", "NetworkPolicy", "ServiceAccount"} <= kinds
    write_schemas(tmp_path, "1.37.0", ROOT / ".tools/istio.yaml", kinds)
    options = ["-strict", "-kubernetes-version", "1.37.0", "-schema-location", f"{tmp_path}/{LOCATION}"]
    done = tool("kubeconform", *options, text=text)
    assert done.returncode == 0, done.stdout


@pytest.fixture
def render_with(tool: Tool, tmp_path: Path) -> Callable[[str], str]:
    """A function that returns the component as kustomize renders it in a namespace."""

    def rendered(namespace: str) -> str:
        place = tmp_path / "component"
        place.mkdir()
        for path in FOLDER.glob("*.yaml"):
            (place / path.name).write_text(path.read_text("utf-8"))
        overlay = tmp_path / "overlay"
        overlay.mkdir()
        (overlay / "kustomization.yaml").write_text(
            yaml.safe_dump({"namespace": namespace, "components": ["../component"]})
        )
        done = tool("kustomize", "build", overlay)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    return rendered
