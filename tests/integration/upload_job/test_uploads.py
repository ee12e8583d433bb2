"""Uploads against real servers: each source, each destination, and what the registry knows in the end."""

import hashlib
import io
import json
import tarfile
import uuid
from pathlib import Path

import pytest

from tests.integration.upload_job.conftest import Runner
from tests.support.storage_servers import S3, Web, image_files

FILES = {
    "config.json": b'{"a": 1}\n',
    "model.bin": b"\0\1\2" * 70_000,
    "onnx/model with space.onnx": b"onnx",
    "empty": b"",
}


def packed(names: dict[str, bytes]) -> bytes:
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode="w:gz") as archive:
        for name, data in names.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return output.getvalue()


def write(folder: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def below_models(files: dict[str, bytes]) -> dict[str, bytes]:
    return {f"models/{name}": data for name, data in files.items()}


@pytest.fixture
def image(registry_of_images: str, jobs: Runner) -> str:
    """The image that jobs of the test upload to."""
    name = f"{registry_of_images}/models/m{uuid.uuid4().hex}:1"
    jobs.settings = {"source-type": "uri", "destination-oci-uri": name}
    return name


def test_a_folder_of_s3_becomes_an_image_and_its_neighbour_does_not(jobs: Runner, image: str, storage: S3) -> None:
    bucket = f"b{uuid.uuid4().hex}"
    odd = {**FILES, "a%20b#c?.bin": b"odd", "ü.bin": b"u"}
    storage.fill(
        bucket, {**{f"churn/1/{name}": data for name, data in odd.items()}, "churn/1-old/x": b"", "churn/1/onnx/": b""}
    )
    artifact = jobs.artifact()
    status, message = jobs.run(
        source_type="s3", source_aws_bucket=bucket, source_aws_key="churn/1", source_aws_endpoint=storage.url,
        source_aws_access_key_id="k", source_aws_secret_access_key="s", model_artifact_id=artifact,
    )  # fmt: skip
    assert (status, json.loads(message)) == (0, {"intent": "update_artifact", "ModelArtifact": {"id": artifact}})
    found = image_files(image)
    assert found.pop("modelcar")
    assert found == below_models(odd)
    read = jobs.read(artifact)
    assert (read["state"], read["uri"]) == ("LIVE", f"oci://{image}")
    digests = {f"sha256:{name}": hashlib.sha256(data).hexdigest() for name, data in odd.items()}
    size = str(sum(map(len, odd.values())))
    job = read["customProperties"]["upload_job"]
    assert read["customProperties"] == {"kept": "v", **digests, "upload_size": size, "upload_job": job}


def test_one_object_has_one_digest(jobs: Runner, image: str, storage: S3) -> None:
    bucket = f"b{uuid.uuid4().hex}"
    storage.fill(bucket, {"one/model.bin": b"1"})
    jobs.settings |= {"source-aws-access-key-id": "k", "source-aws-secret-access-key": "s"}
    artifact = jobs.artifact()
    uri = f"s3://{bucket}/one/model.bin?endpoint={storage.url}"
    assert jobs.run(source_uri=uri, model_artifact_id=artifact)[0] == 0
    assert image_files(image)["models/model.bin"] == b"1"
    assert jobs.read(artifact)["customProperties"]["sha256"] == hashlib.sha256(b"1").hexdigest()


def test_a_cut_transfer_is_continued_and_an_archive_is_unpacked(jobs: Runner, image: str, pages: Web) -> None:
    pages.files["/model.tar.gz"] = ("application/octet-stream", packed(FILES))
    pages.cut["/model.tar.gz"] = 2
    artifact = jobs.artifact()
    assert jobs.run(source_uri=f"{pages.url}/model.tar.gz", model_artifact_id=artifact)[0] == 0
    assert image_files(image).items() >= below_models(FILES).items()
    assert [each for each in pages.requests if "bytes=" in each]


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("model.tar", b"\0" * 10240, "is no archive, as its name says, or an empty one."),
        ("model.tar.gz", packed({}), "has no files."),
        ("model.zip", b"", "is no archive, as its name says, or an empty one."),
        ("model.zip", b"PK\5\6" + b"\0" * 18, "has no files."),
    ],
)
def test_an_archive_without_files_is_not_registered(
    jobs: Runner, image: str, pages: Web, name: str, data: bytes, reason: str
) -> None:
    pages.files[f"/{name}"] = ("application/octet-stream", data)
    artifact = jobs.artifact()
    status, message = jobs.run(source_uri=f"{pages.url}/{name}", model_artifact_id=artifact)
    assert (status, reason in message) == (1, True), message
    assert jobs.read(artifact)["state"] == "UNKNOWN"


def test_the_files_of_an_image_go_to_s3_and_a_second_time_none_is_sent(
    jobs: Runner, image: str, storage: S3, caplog: pytest.LogCaptureFixture
) -> None:
    bucket = f"b{uuid.uuid4().hex}"
    storage.fill(bucket, {})
    artifact = jobs.artifact()
    assert jobs.run(source_uri=f"file://{write(jobs.folder / 'f', FILES)}", model_artifact_id=artifact)[0] == 0
    target = {
        "destination-type": "s3", "destination-aws-bucket": bucket, "destination-aws-key": "out/churn",
        "destination-aws-endpoint": storage.url, "destination-aws-access-key-id": "k",
        "destination-aws-secret-access-key": "s", "source-uri": f"oci://{image}", "model-artifact-id": artifact,
    }  # fmt: skip
    jobs.settings |= target
    assert jobs.run()[0] == 0
    assert storage.read(bucket) == {f"out/churn/{name}": data for name, data in FILES.items()}
    assert jobs.read(artifact)["uri"] == f"s3://{bucket}/out/churn?endpoint={storage.url}"
    caplog.set_level("INFO")
    assert jobs.run()[0] == 0
    assert "has all 4 files; 0 bytes were sent" in caplog.text


def test_files_of_another_model_in_the_same_folder_are_not_mixed_with_those_of_this_one(
    jobs: Runner, storage: S3
) -> None:
    bucket, artifact = f"b{uuid.uuid4().hex}", jobs.artifact()
    storage.fill(bucket, {"out/old.bin": b"old", "out/": b"", "out-old/x": b"neighbour"})
    jobs.settings = {
        "source-type": "uri", "source-uri": str(write(jobs.folder / "f", FILES)), "model-artifact-id": artifact,
        "destination-type": "s3", "destination-aws-bucket": bucket, "destination-aws-key": "out",
        "destination-aws-endpoint": storage.url, "destination-aws-access-key-id": "k",
        "destination-aws-secret-access-key": "s",
    }  # fmt: skip
    status, message = jobs.run()
    assert (status, "has 1 files that are no part of the model, such as out/old.bin." in message) == (1, True), message
    assert jobs.read(artifact)["state"] == "UNKNOWN"
    storage.client.delete_object(Bucket=bucket, Key="out/old.bin")
    assert jobs.run()[0] == 0


def test_a_second_upload_of_the_same_files_sends_nothing(
    jobs: Runner, image: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    source = f"file://{write(jobs.folder / 'f', FILES)}"
    first, second = jobs.artifact(), jobs.artifact()
    assert jobs.run(source_uri=source, model_artifact_id=first, destination_oci_pin_digest="yes")[0] == 0
    assert jobs.run(source_uri=source, model_artifact_id=second, destination_oci_pin_digest="yes")[0] == 0
    assert caplog.messages[-2].endswith("4 layers, 0 bytes sent, 8 blobs were there")
    assert jobs.read(first)["uri"] == jobs.read(second)["uri"]
    assert f"oci://{image}@sha256:" in jobs.read(first)["uri"]


def test_an_image_may_be_put_on_another_base_image(jobs: Runner, image: str) -> None:
    base = f"{image}-base"
    source = f"file://{write(jobs.folder / 'f', {'base.txt': b'base'})}"
    assert jobs.run(source_uri=source, model_artifact_id=jobs.artifact(), destination_oci_uri=base)[0] == 0
    more = write(jobs.folder / "g", {"model.bin": b"m"})
    artifact = jobs.artifact()
    assert jobs.run(source_uri=str(more), model_artifact_id=artifact, destination_oci_base_image=base)[0] == 0
    assert image_files(image).items() >= {"models/base.txt": b"base", "models/model.bin": b"m"}.items()
