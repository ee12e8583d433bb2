"""Models of many files, and names that are unusual."""

import hashlib
import uuid

import pytest
from model_registry_upload_job.oci import layers

from tests.integration.upload_job.conftest import Runner
from tests.support.storage_servers import S3, image_files
from tests.support.tiers import slow


@pytest.mark.parametrize(("number", "most_layers"), [(9, 6), *slow((1_005, 60))])
def test_every_file_arrives_whatever_their_number(
    jobs: Runner,
    registry_of_images: str,
    storage: S3,
    number: int,
    most_layers: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(layers, "MOST_OF_THEIR_OWN", most_layers)
    bucket = f"b{uuid.uuid4().hex}"
    files = {f"d{each % 7}/f {each:05} ü%20.bin": str(each).encode() * (each % 5) for each in range(number)}
    storage.fill(bucket, {f"in/{name}": data for name, data in files.items()})
    image, artifact = f"{registry_of_images}/m/{uuid.uuid4().hex}:1", jobs.artifact()
    keys = {"aws-endpoint": storage.url, "aws-access-key-id": "k", "aws-secret-access-key": "s"}
    jobs.settings = {
        **{f"source-{name}": value for name, value in keys.items()},
        **{f"destination-{name}": value for name, value in keys.items()},
        "model-artifact-id": artifact,
    }
    status, _ = jobs.run(
        source_type="s3", source_aws_bucket=bucket, source_aws_key="in", destination_oci_uri=image, job_id="a"
    )
    assert status == 0
    found = image_files(image)
    assert {name: found.get(f"models/{name}") for name in files} == files
    properties = jobs.read(artifact)["customProperties"]
    assert len([name for name in properties if name.startswith("sha256:")]) == number
    assert all(properties[f"sha256:{name}"] == hashlib.sha256(data).hexdigest() for name, data in files.items())
    status, _ = jobs.run(
        source_type="uri", source_uri=f"oci://{image}", destination_type="s3", destination_aws_bucket=bucket,
        destination_aws_key="out", job_id="b",
    )  # fmt: skip
    assert status == 0
    stored = {key.removeprefix("out/"): data for key, data in storage.read(bucket).items() if key.startswith("out/")}
    assert stored == files
