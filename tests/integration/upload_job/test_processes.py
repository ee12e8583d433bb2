"""Jobs as processes of their own: how they end, what they leave behind when they are killed, and how much memory they take."""

import os
import signal
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from tests.integration.upload_job.conftest import Runner
from tests.integration.upload_job.test_intents import found
from tests.support.patience import PATIENCE_SECONDS
from tests.support.small_image_registry import small_image_registry
from tests.support.storage_servers import S3, Web

COMMAND = [sys.executable, "-m", "model_registry_upload_job"]
MEASURED = """
import re
from pathlib import Path
from model_registry_upload_job.command import run
assert run([]) == 0
print(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
"""
"""A job that prints the most KiB that it had. What wait() says counts the memory of the process that forked, too."""


def test_sigterm_puts_the_state_back(jobs: Runner, registry_of_images: str, pages: Web) -> None:
    artifact = jobs.artifact()
    pages.files["/model.bin"] = ("application/octet-stream", b"x" * 1000)
    pages.cut["/model.bin"] = 1_000_000
    environment = jobs.environment(
        source_type="uri", source_uri=f"{pages.url}/model.bin", model_artifact_id=artifact,
        destination_oci_uri=f"{registry_of_images}/models/m{uuid.uuid4().hex}:1",
    )  # fmt: skip
    with subprocess.Popen(COMMAND, env={**os.environ, **environment}, stderr=subprocess.PIPE, text=True) as job:
        assert job.stderr
        for line in job.stderr:
            if "continuing" in line:
                job.send_signal(signal.SIGTERM)
                break
        job.stderr.read()
        assert job.wait() == 143
    read = jobs.read(artifact)
    assert (read["state"], read["customProperties"]["upload_error"]) == ("UNKNOWN", "The job was stopped.")
    assert Path(environment["TERMINATION_MESSAGE_PATH"]).read_text() == "The job was stopped."


@pytest.mark.slow
def test_a_job_that_is_killed_again_and_again_registers_one_whole_model(jobs: Runner) -> None:
    name, data = f"m{uuid.uuid4().hex}", bytes(range(256)) * 4000
    for each in range(4):
        (jobs.folder / "model" / f"d{each}").mkdir(parents=True)
        (jobs.folder / "model" / f"d{each}" / "model.bin").write_bytes(data + bytes([each]))
    with small_image_registry() as images:
        environment = jobs.environment(
            source_type="uri", source_uri=str(jobs.folder / "model"), destination_oci_uri=f"{images.address}/m/x:1",
            model_upload_intent="create_model", metadata_configmap_path=jobs.metadata(RegisteredModel__name=name),
            job_id=name,
        )  # fmt: skip
        for images.hold_after in (0, 2, 5, 9, 14):  # after how many requests to the registry of images it is killed
            images.requests.clear()
            images.is_held.clear()
            images.released.clear()
            with subprocess.Popen(COMMAND, env={**os.environ, **environment}) as job:
                assert images.is_held.wait(PATIENCE_SECONDS)
                job.kill()
            images.released.set()
        images.hold_after = None
        subprocess.run(COMMAND, env={**os.environ, **environment}, check=True)
        assert "1" in images.manifests
        blobs = list(images.blobs.values())
        assert all(any(data + bytes([each]) in blob for blob in blobs) for each in range(4))
    model, [(version, [artifact])] = found(jobs, name)
    assert [each["state"] for each in (model, version, artifact)] == ["LIVE"] * 3
    assert "upload_error" not in artifact["customProperties"]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the memory is read from /proc")
def test_a_job_takes_little_memory_whatever_the_files(jobs: Runner, storage: S3) -> None:
    bucket = f"b{uuid.uuid4().hex}"
    storage.fill(bucket, {})
    (jobs.folder / "model").mkdir()
    for each in range(12):
        with (jobs.folder / "model" / str(each)).open("wb") as file:
            file.truncate(15_000_000)
    environment = jobs.environment(
        source_type="uri", source_uri=str(jobs.folder / "model"), model_artifact_id=jobs.artifact(),
        destination_type="s3", destination_aws_bucket=bucket, destination_aws_endpoint=storage.url,
        destination_aws_access_key_id="k", destination_aws_secret_access_key="s",
    )  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", MEASURED], env={**os.environ, **environment}, check=True, capture_output=True, text=True
    )
    assert int(done.stdout) * 1024 < 150 * 2**20
