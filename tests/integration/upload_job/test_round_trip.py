"""What the upload job sends, the storage initializer fetches: the same bytes."""

import os
import subprocess
import sys
import uuid
from pathlib import Path

import pytest
from model_registry_client import Registry
from model_registry_upload_job.uploading import Upload

from tests.integration.upload_job.conftest import Runner
from tests.support.storage_servers import S3

FILES = {
    "config.json": b"{}",
    "onnx/deep/model a%20ü.onnx": b"onnx" * 50_000,
    "模型/🤗 +&=#?.bin": b"unicode",
    "model..v2.bin": b"2",
    "empty": b"",
    ".hidden/empty too": b"",
}


@pytest.mark.parametrize("kind", ["oci", "s3"])
def test_a_folder_comes_back_as_it_was(
    jobs: Runner, registry_of_images: str, storage: S3, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    name, source, target = f"m{uuid.uuid4().hex}", tmp_path / "model", tmp_path / "out"
    for path, data in FILES.items():
        (source / path).parent.mkdir(parents=True, exist_ok=True)
        (source / path).write_bytes(data)
    (source / "a folder without files").mkdir()  # is left out
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "k")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s")
    storage.fill(name, {})
    to = {"oci": f"oci://{registry_of_images}/m/{name}:1", "s3": f"s3://{name}/churn?endpoint={storage.url}"}[kind]
    with Registry(jobs.proxy.url) as registry:
        Upload(str(source), to, {"name": name}, {"name": "1"}, {"name": name}, storage=tmp_path / "s").run(registry)
    fetched = subprocess.run(
        [sys.executable, "-m", "model_registry_storage_initializer", f"model-registry://{name}/1", target],
        env={
            **os.environ,
            "MODEL_REGISTRY_BASE_URL": jobs.proxy.url.removeprefix("http://"),
            "KSERVE_OCI_INSECURE_REGISTRY": "true",
        },
        check=False,
        capture_output=True,
        text=True,
    )
    assert fetched.returncode == 0, fetched.stderr
    found = {path.relative_to(target).as_posix(): path.read_bytes() for path in target.rglob("*") if path.is_file()}
    assert {path: data for path, data in found.items() if not path.startswith(".model-registry")} == FILES
