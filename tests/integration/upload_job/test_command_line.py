"""`mr upload`."""

import json
import uuid
from pathlib import Path

import pytest
from model_registry_cli import catalogue

from tests.integration.upload_job.conftest import Runner
from tests.support import commands
from tests.support.storage_servers import S3, image_files


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """The folder of a model."""
    folder = tmp_path / "model"
    (folder / "onnx").mkdir(parents=True)
    (folder / "config.json").write_bytes(b"{}")
    (folder / "onnx" / "model.onnx").write_bytes(b"onnx" * 1000)
    return folder


def test_mr_upload_registers_a_model_and_then_a_version(
    jobs: Runner, registry_of_images: str, storage: S3, model: Path, tmp_path: Path
) -> None:
    name, bucket = f"m{uuid.uuid4().hex}", f"b{uuid.uuid4().hex}"
    storage.fill(bucket, {})
    keys = {"AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s", "TMPDIR": str(tmp_path)}
    environment = {**commands.environment(tmp_path, jobs.proxy.url), **keys}
    image = f"{registry_of_images}/models/{name}:1"
    to_oci = ["upload", str(model), "--to", f"oci://{image}", "--model", name, "--version", "1", "--format", "onnx"]
    first = commands.run([*to_oci, "-P", "accuracy:=0.5"], environment)
    assert (first.code, first.out) == (0, f"uploaded {name}/1 to oci://{image}\n"), first.err
    assert image_files(image)["models/onnx/model.onnx"] == b"onnx" * 1000
    again = commands.run(to_oci, environment)
    assert again.code == 4
    assert f"the model '{name}' has a version '1' already" in again.err
    to_s3 = [
        "upload",
        str(model),
        "--to",
        f"s3://{bucket}/{name}?endpoint={storage.url}",
        "-m",
        name,
        "-v",
        "2",
        "-o",
        "json",
    ]
    second = commands.run(to_s3, environment)
    assert second.code == 0, second.err
    assert json.loads(second.out)["state"] == "LIVE"
    assert set(storage.read(bucket)) == {f"{name}/config.json", f"{name}/onnx/model.onnx"}


def test_the_command_is_only_there_where_the_upload_job_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "upload" in [each.name for each in catalogue.commands()]
    monkeypatch.setattr(catalogue.importlib.util, "find_spec", lambda _: None)
    assert "upload" not in [each.name for each in catalogue.commands()]
