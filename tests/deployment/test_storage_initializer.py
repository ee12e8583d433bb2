"""What KServe gets of the storage initializer: the manifest, and the page that describes its variables."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deployment.conftest import Tool

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "manifests" / "storage-initializer"
PACKAGE = ROOT / "companions" / "storage-initializer" / "model_registry_storage_initializer"


def variables() -> set[str]:
    """The variables of the program that are not KServe's."""
    return {
        name
        for path in PACKAGE.rglob("*.py")
        for name in re.findall(r'"(MODEL_REGISTRY_[A-Z_]+)"', path.read_text("utf-8"))
    }


@pytest.fixture
def storage_container() -> dict[str, Any]:
    """The ClusterStorageContainer."""
    found: dict[str, Any] = yaml.safe_load((FOLDER / "cluster-storage-container.yaml").read_text("utf-8"))
    return found


def test_kserve_finds_the_container_for_model_registry_uris(storage_container: dict[str, Any]) -> None:
    spec = storage_container["spec"]
    assert (storage_container["apiVersion"], storage_container["kind"]) == (
        "serving.kserve.io/v1alpha1",
        "ClusterStorageContainer",
    )
    assert spec["supportedUriFormats"] == [{"prefix": "model-registry://"}]
    assert spec["container"]["name"] == "storage-initializer"
    assert spec["container"]["image"].endswith("-storage-initializer")
    assert {each["name"] for each in spec["container"]["env"]} <= variables()


def test_it_runs_without_root_and_without_privileges(storage_container: dict[str, Any]) -> None:
    security = storage_container["spec"]["container"]["securityContext"]
    assert security["runAsNonRoot"]
    assert security["readOnlyRootFilesystem"]
    assert not security["allowPrivilegeEscalation"]
    assert security["capabilities"] == {"drop": ["ALL"]}


def test_kustomize_builds_it(tool: Tool) -> None:
    rendered = tool("kustomize", "build", FOLDER)
    assert (rendered.returncode, "ClusterStorageContainer" in rendered.stdout) == (0, True), rendered.stderr


def test_the_page_describes_every_variable() -> None:
    page = (ROOT / "docs" / "storage-initializer.md").read_text("utf-8")
    assert [name for name in sorted(variables()) if f"`{name}`" not in page] == []
