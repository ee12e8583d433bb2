"""OCI registries that ask for a login, and uploads that another process continues."""

import base64
import json
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from model_registry_upload_job.oci import blobs
from model_registry_upload_job.oci.blobs import Blob, Meter, Sender
from model_registry_upload_job.oci.client import Registry
from model_registry_upload_job.settings.docker_config import DockerConfig

from tests.integration.upload_job.conftest import Runner
from tests.support.storage_servers import Web, image_files, oci_registry
from tests.support.token_server import TokenServer, token_server

HTPASSWD = "user:$2b$04$X1ayjLAgA23LQaFxf/.Zo.wNtxBL70In0IJP5b93IWILUQwm.V1eO\n"
"""The password is `secret`."""


@pytest.fixture
def source(jobs: Runner) -> Path:
    """The file that jobs of the test upload."""
    file = jobs.folder / "model.bin"
    file.write_bytes(bytes(range(256)) * 100)
    jobs.settings = {"source-type": "uri", "source-uri": str(file), "model-artifact-id": jobs.artifact()}
    return file


@pytest.fixture(scope="module")
def guarded_by_passwords(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A registry with basic authentication: `host:port`."""
    folder = tmp_path_factory.mktemp("passwords")
    (folder / "htpasswd").write_text(HTPASSWD)
    with oci_registry(folder, f"auth:\n  htpasswd:\n    realm: tests\n    path: {folder / 'htpasswd'}\n") as address:
        yield address


@pytest.fixture(scope="module")
def guarded_by_tokens(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, TokenServer]]:
    """A registry that takes tokens, and the server that gives them out."""
    folder = tmp_path_factory.mktemp("tokens")
    with token_server(folder, "user", "secret") as tokens, oci_registry(folder, tokens.settings) as address:
        yield address, tokens


def test_a_registry_with_passwords_takes_the_login_of_a_docker_config(
    jobs: Runner, source: Path, guarded_by_passwords: str
) -> None:
    file = jobs.folder / ".dockerconfigjson"
    login = base64.b64encode(b"user:secret\n").decode()
    file.write_text(json.dumps({"auths": {f"https://{guarded_by_passwords}/v1/": {"auth": login}}}))
    image = f"{guarded_by_passwords}/m/x:1"
    assert jobs.run(destination_oci_uri=image, destination_oci_credentials_path=str(file))[0] == 0
    status, message = jobs.run(destination_oci_uri=image, job_id="other")
    assert status == 1
    assert "answers 401 Unauthorized" in message
    assert message.endswith("Check user and password of the registry.")


def test_a_registry_with_tokens_is_asked_for_the_right_ones(
    jobs: Runner, source: Path, guarded_by_tokens: tuple[str, TokenServer]
) -> None:
    address, tokens = guarded_by_tokens
    login = {"destination_oci_username": "user", "destination_oci_password": "secret"}
    assert jobs.run(destination_oci_uri=f"{address}/m/x:1", **login)[0] == 0
    assert "repository:m/x:pull,push" in tokens.scopes
    wrong = {"destination_oci_username": "user", "destination_oci_password": "wrong"}
    assert jobs.run(destination_oci_uri=f"{address}/m/x:1", **wrong, job_id="other")[0] == 1


def test_an_upload_that_was_killed_is_continued_by_the_next_process(
    jobs: Runner, source: Path, registry_of_images: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blobs, "PART", 12_000)
    source.write_bytes(bytes(range(256)) * 400)
    image, offsets = f"{registry_of_images}/m/{uuid.uuid4().hex}:1", []
    real = Sender._send_part

    def noting(self: Sender, blob: Blob, address: str, offset: int, meter: Meter) -> tuple[str, int]:
        offsets.append(offset)
        if len(offsets) == 4:
            raise SystemExit
        return real(self, blob, address, offset, meter)

    monkeypatch.setattr(Sender, "_send_part", noting)
    with pytest.raises(SystemExit):
        jobs.run(destination_oci_uri=image, job_id=image)
    assert jobs.run(destination_oci_uri=image, job_id=image)[0] == 0
    assert image_files(image)["models/model.bin"] == source.read_bytes()
    assert offsets == [0, 12_000, 24_000, 36_000, *range(36_000, 96_000, 12_000)]


def test_an_overloaded_registry_is_asked_again(
    jobs: Runner, source: Path, registry_of_images: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("model_registry_upload_job.retrying.pause_after", lambda _: 0.0)
    real, answers = Registry._once, iter([429, 503, 500, 502])

    def overloaded(self: Registry, method: str, url: str, *given: object, **named: object) -> object:
        response = real(self, method, url, *given, **named)  # type: ignore[arg-type]
        if method == "PUT" and (status := next(answers, None)):
            response.status_code = status
        return response

    monkeypatch.setattr(Registry, "_once", overloaded)
    image = f"{registry_of_images}/m/{uuid.uuid4().hex}:1"
    assert jobs.run(destination_oci_uri=image)[0] == 0
    assert image_files(image)["models/model.bin"] == source.read_bytes()


def test_a_server_that_fails_is_asked_again_and_then_given_up(
    jobs: Runner, source: Path, registry_of_images: str, pages: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("model_registry_upload_job.retrying.pause_after", lambda _: 0.0)
    pages.files["/model.bin"] = ("application/octet-stream", b"1")
    image = f"{registry_of_images}/m/{uuid.uuid4().hex}:1"
    pages.statuses["/model.bin"] = [500, 429, 503]
    assert jobs.run(source_uri=f"{pages.url}/model.bin", destination_oci_uri=image)[0] == 0
    pages.statuses["/model.bin"] = [503] * 6
    status, message = jobs.run(source_uri=f"{pages.url}/model.bin", destination_oci_uri=image, job_id="other")
    assert (status, message.endswith("answers 503 Service Unavailable, 6 times. Try again later.")) == (1, True)


def test_the_login_of_a_user_may_come_from_a_helper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    helper = tmp_path / "docker-credential-tests"
    helper.write_text('#!/bin/sh\nread host\necho "{\\"Username\\": \\"at\\", \\"Secret\\": \\"$host\\"}"\n')
    helper.chmod(0o755)
    (tmp_path / "config.json").write_text(json.dumps({"credHelpers": {"quay.io": "tests"}}))
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    login = DockerConfig.of_user().login("quay.io")
    assert login
    assert (login.user, login.password) == ("at", "quay.io")
    assert DockerConfig.of_user().login("ghcr.io") is None
