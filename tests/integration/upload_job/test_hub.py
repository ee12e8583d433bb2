"""Models of a Hugging Face Hub."""

import hashlib
import uuid
from collections.abc import Iterator

import pytest

from tests.integration.upload_job.conftest import Runner
from tests.support.small_hub import COMMIT, Hub, small_hub
from tests.support.storage_servers import image_files

FILES = {"config.json": b"{}", "weights/model.safetensors": b"\0" * 300_000}


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A Hub that is used instead of Hugging Face's."""
    with small_hub(dict(FILES)) as served:
        monkeypatch.setenv("HF_ENDPOINT", served.url)
        monkeypatch.setenv("HF_TOKEN", "hf_secret")
        served.token = "hf_secret"
        yield served


@pytest.fixture
def image(registry_of_images: str, jobs: Runner) -> str:
    """The image that jobs of the test upload to."""
    name = f"{registry_of_images}/models/m{uuid.uuid4().hex}:1"
    jobs.settings = {"source-type": "uri", "destination-oci-uri": name, "model-artifact-id": jobs.artifact()}
    return name


def test_a_model_of_the_hub_keeps_its_folders_and_a_cut_file_is_continued(jobs: Runner, image: str, hub: Hub) -> None:
    hub.cut = {"weights/model.safetensors"}
    hub.digests = {"weights/model.safetensors": hashlib.sha256(FILES["weights/model.safetensors"]).hexdigest()}
    assert jobs.run(source_uri="hf://owner/model:main")[0] == 0
    assert image_files(image).items() >= {f"models/{name}": data for name, data in FILES.items()}.items()
    assert f"/owner/model/resolve/{COMMIT}/weights/model.safetensors bytes=100000-" in hub.requests


def test_a_file_that_differs_from_its_digest_is_refused(jobs: Runner, image: str, hub: Hub) -> None:
    hub.digests = {"config.json": "0" * 64}
    status, message = jobs.run(source_uri="hf://owner/model")
    assert status == 1
    assert "has the SHA-256" in message


@pytest.mark.parametrize("uri", ["hf://owner/none", "hf://owner", "hf://owner/model/x"])
def test_what_is_no_model_is_refused_before_anything_changes(jobs: Runner, image: str, hub: Hub, uri: str) -> None:
    artifact = jobs.settings["model-artifact-id"]
    before = jobs.read(artifact)
    status, message = jobs.run(source_uri=uri)
    assert status == 1
    assert "hf://" in message
    assert jobs.read(artifact) == before
