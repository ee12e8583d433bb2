"""What jobs register: once, also when they are tried again, and nothing when they fail before they begin."""

import json
import uuid
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from model_registry_upload_job.destinations.oci_destination import OciDestination
from model_registry_upload_job.destinations.uploaded import Uploaded
from model_registry_upload_job.model_files import ModelFile
from model_registry_upload_job.problems import Stopped
from model_registry_upload_job.reporting import Reporting

from tests.integration.upload_job.conftest import Runner
from tests.support.patience import PATIENCE_SECONDS
from tests.support.processes import wait_for
from tests.support.storage_servers import Web


@pytest.fixture
def image(registry_of_images: str, jobs: Runner) -> str:
    """The image that jobs of the test upload to; their source is one file."""
    name = f"{registry_of_images}/models/m{uuid.uuid4().hex}:1"
    (jobs.folder / "model.onnx").write_bytes(b"onnx")
    jobs.settings = {
        "source-type": "uri", "source-uri": str(jobs.folder / "model.onnx"), "destination-oci-uri": name, "job-id": name,
        "registry-author": "ann",
    }  # fmt: skip
    return name


def found(jobs: Runner, name: str) -> tuple[dict, list]:  # type: ignore[type-arg]
    """A model, and its versions with their artifacts."""
    model = jobs.call("GET", f"/registered_model?name={name}")
    versions = jobs.call("GET", f"/registered_models/{model['id']}/versions")["items"]
    return model, [(each, jobs.call("GET", f"/model_versions/{each['id']}/artifacts")["items"]) for each in versions]


def failing(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(OciDestination, "put", fail)


def new_model(jobs: Runner, **more: object) -> str:
    name = f"m{uuid.uuid4().hex}"
    jobs.settings |= {
        "model-upload-intent": "create_model",
        "metadata-configmap-path": jobs.metadata(
            RegisteredModel__name=name, RegisteredModel__owner="risk", ModelVersion__customProperties={"n": 3},
            ModelArtifact__model_format_name="onnx", **more,
        ),
    }  # fmt: skip
    return name


def test_create_model_makes_all_three_and_a_second_try_finds_them(jobs: Runner, image: str) -> None:
    name = new_model(jobs)
    status, message = jobs.run()
    model, [(version, [artifact])] = found(jobs, name)
    assert (status, json.loads(message)) == (
        0,
        {
            "intent": "create_model",
            "RegisteredModel": {"id": model["id"]},
            "ModelVersion": {"id": version["id"]},
            "ModelArtifact": {"id": artifact["id"]},
        },
    )
    assert (model["owner"], version["name"], version["author"]) == ("risk", "1.0.0", "ann")
    assert (artifact["name"], artifact["state"], artifact["uri"]) == (name, "LIVE", f"oci://{image}")
    assert artifact["modelFormatName"] == "onnx"
    assert jobs.run() == (0, message)
    status, message = jobs.run(job_id="another")
    assert (status, message) == (
        1,
        f"The registered model '{name}' already exists. Use 'create_version' to add a version to it, or choose another name.",
    )


def test_a_second_try_finishes_what_a_killed_job_began(
    jobs: Runner, image: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = new_model(jobs)
    with monkeypatch.context() as broken:
        failing(broken, SystemExit())
        broken.setattr("model_registry_upload_job.registering.creating.Create.fail", lambda *_: None)
        with pytest.raises(SystemExit):
            jobs.run()
    assert found(jobs, name)[1][0][1][0]["state"] == "PENDING"
    assert jobs.run(job_id="another")[0] == 1
    assert jobs.run()[0] == 0
    _, [(_, [artifact])] = found(jobs, name)
    assert artifact["state"] == "LIVE"


def test_what_a_failed_job_left_behind_is_used_by_a_corrected_one(
    jobs: Runner, image: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = new_model(jobs)
    with monkeypatch.context() as broken:
        failing(broken, OSError("the disk is full"))
        assert jobs.run() == (1, "the disk is full")
    _, [(_, [artifact])] = found(jobs, name)
    assert (artifact["state"], artifact["customProperties"]["upload_error"]["string_value"]) == (
        "ABANDONED",
        "the disk is full",
    )
    assert jobs.run(job_id="corrected")[0] == 0
    _, [(_, [artifact])] = found(jobs, name)
    assert (artifact["state"], artifact["externalId"]) == ("LIVE", "corrected")
    assert "upload_error" not in artifact["customProperties"]


def test_create_version_needs_its_model_and_a_name_that_is_free(jobs: Runner, image: str) -> None:
    name = new_model(jobs)
    jobs.run()
    model, _ = found(jobs, name)
    jobs.settings |= {
        "model-upload-intent": "create_version",
        "metadata-configmap-path": jobs.metadata(ModelVersion__name="2.0"),
        "model-id": model["id"],
        "job-id": uuid.uuid4().hex,
    }
    assert jobs.run()[0] == 0
    assert [version["name"] for version, _ in found(jobs, name)[1]] == ["1.0.0", "2.0"]
    assert {artifact["name"] for _, [artifact] in found(jobs, name)[1]} == {name}
    assert jobs.run(job_id="another")[1].startswith(
        f"Cannot create version: the model '{name}' has a version '2.0' already."
    )
    assert jobs.run(model_id="999999999") == (1, "The registered model 999999999 was not found. Check --model-id.")


@pytest.mark.parametrize(("error", "status"), [(OSError("the disk is full"), 1), (Stopped(), 143)])
def test_a_failure_puts_the_state_back_and_says_why(
    jobs: Runner, image: str, monkeypatch: pytest.MonkeyPatch, error: BaseException, status: int
) -> None:
    artifact = jobs.artifact("REFERENCE")
    failing(monkeypatch, error)
    assert jobs.run(model_artifact_id=artifact)[0] == status
    read = jobs.read(artifact)
    assert (read["state"], read["uri"]) == ("REFERENCE", "s3://before")
    assert read["customProperties"]["upload_error"] in ("the disk is full", "The job was stopped.")
    assert "upload_state_before" not in read["customProperties"]


def test_the_state_before_a_killed_job_is_not_forgotten(
    jobs: Runner, image: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    artifact = jobs.artifact("REFERENCE")
    with monkeypatch.context() as broken:
        failing(broken, SystemExit())
        broken.setattr("model_registry_upload_job.registering.updating.UpdateArtifact.fail", lambda *_: None)
        with pytest.raises(SystemExit):
            jobs.run(model_artifact_id=artifact)
    assert jobs.read(artifact)["state"] == "PENDING"
    failing(monkeypatch, OSError("again"))
    assert jobs.run(model_artifact_id=artifact)[0] == 1
    assert jobs.read(artifact)["state"] == "REFERENCE"


def test_progress_stands_on_the_artifact_while_the_job_runs(
    jobs: Runner, image: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    artifact = jobs.artifact()
    real = OciDestination.put
    seen: list[str] = []

    def put(self: OciDestination, files: list[ModelFile], note: Callable[[int], None]) -> Uploaded:
        def is_reported() -> bool:
            seen.append(jobs.read(artifact)["customProperties"].get("upload_progress", ""))
            return seen[-1] != ""

        wait_for(is_reported, "the progress", PATIENCE_SECONDS)
        return real(self, files, note)

    monkeypatch.setattr(OciDestination, "put", put)
    monkeypatch.setattr("model_registry_upload_job.job.Reporting", partial(Reporting, seconds=0.01))
    assert jobs.run(model_artifact_id=artifact)[0] == 0
    assert seen[-1] == "sending: 0.0 of 0.0 MiB (0%)"
    assert "upload_progress" not in jobs.read(artifact)["customProperties"]


def test_nothing_changes_before_everything_is_checked(jobs: Runner, image: str, pages: Web, tmp_path: Path) -> None:
    pages.files["/model.zip"] = ("text/html", b"<html>sign in</html>")
    artifact = jobs.artifact()
    before = jobs.read(artifact)
    cases = [
        ({"source_uri": f"{pages.url}/model.zip"}, "answers with a web page instead of a file."),
        ({"source_uri": f"{pages.url}/none"}, "answers 404 Not Found."),
        ({"source_uri": str(tmp_path / "none")}, "There is no file or folder"),
        ({"source_uri": "ftp://x/y"}, "has an unknown scheme."),
        ({"destination_oci_uri": "127.0.0.1:1/m:1"}, "cannot be reached"),
        ({"destination_oci_base_image": image}, "There is no image"),
        ({"model_artifact_id": "999999999"}, "Artifact 999999999 not found."),
        ({"model_artifact_id": ""}, "--model-artifact-id is needed"),
        ({"model_upload_intent": "create_version"}, "--model-id is needed"),
        ({"model_upload_intent": "create_model"}, "RegisteredModel.name is needed"),
        ({"registry_server_address": ""}, "--registry-server-address is needed"),
        ({"destination_type": "s3"}, "--destination-aws-bucket is needed"),
    ]
    for settings, reason in cases:
        status, message = jobs.run(**{"model_artifact_id": artifact, **settings})
        assert status == 1
        assert reason in message
    assert jobs.read(artifact) == before
