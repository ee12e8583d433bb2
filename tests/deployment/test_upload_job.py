"""The manifest of the upload job: valid, without privileges, and with settings that the job has."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from model_registry_upload_job.metadata import read
from model_registry_upload_job.settings.options import OPTIONS

from tests.deployment.conftest import Tool
from tests.support.kubernetes_schemas import LOCATION, write_schemas

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "manifests" / "upload-job"


@pytest.fixture
def job() -> dict[str, Any]:
    """The Job."""
    found: dict[str, Any] = yaml.safe_load((FOLDER / "job.yaml").read_text("utf-8"))
    return found


def test_its_variables_are_options_of_the_job(job: dict[str, Any]) -> None:
    [container] = job["spec"]["template"]["spec"]["containers"]
    assert {each["name"] for each in container["env"]} <= {option.variable for option in OPTIONS}
    mounts = {each["mountPath"] for each in container["volumeMounts"]}
    paths = [each["value"] for each in container["env"] if each["name"].endswith("_PATH")]
    assert all(path in mounts or str(Path(path).parent) in mounts for path in paths)


def test_it_runs_without_root_and_without_privileges(job: dict[str, Any]) -> None:
    pod = job["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"]
    assert not pod["automountServiceAccountToken"]
    security = pod["containers"][0]["securityContext"]
    assert security["readOnlyRootFilesystem"]
    assert not security["allowPrivilegeEscalation"]
    assert security["capabilities"] == {"drop": ["ALL"]}


def test_its_metadata_can_be_registered(tmp_path: Path) -> None:
    [made] = yaml.safe_load((FOLDER / "kustomization.yaml").read_text("utf-8"))["configMapGenerator"]
    for literal in made["literals"]:
        name, _, text = literal.partition("=")
        (tmp_path / name).write_text(text)
    found = read(str(tmp_path))
    assert (found.model["name"], found.version["custom_properties"]) == ("churn", {"accuracy": 0.93})


def test_it_fits_the_schemas(tool: Tool, tmp_path: Path) -> None:
    rendered = tool("kustomize", "build", FOLDER)
    assert rendered.returncode == 0, rendered.stderr
    objects = [each for each in yaml.safe_load_all(rendered.stdout) if each]
    assert sorted(each["kind"] for each in objects) == ["ConfigMap", "Job"]
    write_schemas(tmp_path, "1.32.0", ROOT / ".tools/istio.yaml", {"ConfigMap", "Job"})
    options = ["-strict", "-kubernetes-version", "1.32.0", "-schema-location", f"{tmp_path}/{LOCATION}"]
    done = tool("kubeconform", *options, text=rendered.stdout)
    assert done.returncode == 0, done.stdout
