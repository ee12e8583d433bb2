"""Pushes that are cut, that registries refuse, and that they want to have later."""

from collections.abc import Callable, Iterator, Sequence

import pytest
from model_registry_upload_job import retrying
from model_registry_upload_job.destinations import oci_destination
from model_registry_upload_job.oci import blobs
from model_registry_upload_job.problems import Stopped, UploadError

from tests.integration.upload_job.conftest import Runner
from tests.support.small_image_registry import SmallImageRegistry, small_image_registry

DATA = bytes(range(256)) * 400


@pytest.fixture
def images() -> Iterator[SmallImageRegistry]:
    """A registry."""
    with small_image_registry() as registry:
        yield registry


@pytest.fixture
def artifact(jobs: Runner, images: SmallImageRegistry) -> str:
    """The artifact that jobs of the test upload to; their source is one file."""
    file = jobs.folder / "model.bin"
    file.write_bytes(DATA)
    artifact = jobs.artifact("REFERENCE")
    jobs.settings = {
        "source-type": "uri", "source-uri": str(file), "model-artifact-id": artifact,
        "destination-oci-uri": f"{images.address}/m/x:1", "job-id": "one",
    }  # fmt: skip
    return artifact


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses of the jobs, which are not waited for."""
    waited: list[float] = []
    monkeypatch.setattr(retrying.time, "sleep", waited.append)
    monkeypatch.setattr(retrying.retried, "__defaults__", (waited.append,))
    return waited


def is_whole(images: SmallImageRegistry) -> bool:
    return any(DATA in blob for blob in images.blobs.values()) and "1" in images.manifests


def test_a_cut_request_is_continued_after_the_bytes_that_the_registry_has(
    jobs: Runner, images: SmallImageRegistry, artifact: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blobs, "PART", 40_000)
    images.cut_after = 50_000
    assert jobs.run()[0] == 0
    assert is_whole(images)
    parts = [
        each.split()[-1] for each in images.requests if each.startswith(("PATCH", "PUT blobs")) and each[-1] != "-"
    ]
    assert parts == ["0-39999", "40000-79999", "50000-89999", "90000-104447"]


def test_another_process_asks_the_registry_how_much_of_a_cut_request_it_has(
    jobs: Runner, images: SmallImageRegistry, artifact: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blobs, "PART", 40_000)
    images.cut_after = 50_000
    with monkeypatch.context() as killed:
        killed.setattr(blobs.Sender, "_send_all", _without_retries)
        assert jobs.run()[0] == 1
    assert jobs.run()[0] == 0
    assert is_whole(images)
    assert [each for each in images.requests if each.startswith("PATCH") and each.endswith(" 50000-89999")]


def _without_retries(self: blobs.Sender, blob: blobs.Blob) -> None:
    address, offset = self._resumed(blob)
    while blob.size - offset > blobs.PART:
        address, offset = self._send_part(blob, address, offset, blobs.Meter(lambda _: None))
        self._sessions.put(blob.digest, address)
    self._finish(blob, address, offset, blobs.Meter(lambda _: None), is_last=True)


def test_a_stopped_job_deletes_the_upload_that_it_has_begun(
    jobs: Runner, images: SmallImageRegistry, artifact: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blobs, "PART", 40_000)
    real = oci_destination.run_all

    def stopped(actions: Sequence[Callable[[], object]], at_once: int, stop: Callable[[], None]) -> list[object]:
        images.refusals["PATCH blobs"] = [(403, {})] * 9
        with pytest.raises(UploadError):
            real(actions, at_once, stop)
        raise Stopped

    monkeypatch.setattr(oci_destination, "run_all", stopped)
    assert jobs.run() == (143, "The job was stopped.")
    begun = {
        path for each in images.requests if (path := each.split()[1]).startswith("blobs/uploads/") and path[-1] != "/"
    }
    finished = {each.split()[1] for each in images.requests if each.startswith(("DELETE", "PUT blobs"))}
    assert begun == finished
    assert not list((jobs.folder / "storage").rglob("uploads.json"))


@pytest.mark.parametrize(
    ("where", "status", "remedy"),
    [
        ("POST blobs", 403, "Allow this user to push to the repository."),
        ("PUT blobs", 403, "Allow this user to push to the repository."),
        ("PUT blobs", 413, "The registry, or a proxy before it, refuses uploads of this size."),
        ("PUT manifests", 404, "Check the name of the repository; some registries want it to be created first."),
        ("PUT manifests", 507, "The registry has no room left, or the quota of the repository is used up."),
    ],
)
def test_a_push_that_is_refused_says_why_and_puts_the_state_back(
    jobs: Runner, images: SmallImageRegistry, artifact: str, where: str, status: int, remedy: str
) -> None:
    images.refusals[where] = [(status, {})] * 9
    ended, message = jobs.run()
    assert ended == 1
    assert message.startswith(f"{images.address} answers {status} ")
    assert message.endswith(remedy)
    assert jobs.read(artifact)["state"] == "REFERENCE"
    assert jobs.read(artifact)["uri"] == "s3://before"


def test_an_overloaded_registry_gets_the_time_that_it_asks_for(
    jobs: Runner, images: SmallImageRegistry, artifact: str, pauses: list[float]
) -> None:
    images.refusals = {
        "POST blobs": [(429, {"Retry-After": "40"})],
        "PUT blobs": [(503, {"Retry-After": "41"})],
        "PUT manifests": [(500, {})],
    }
    assert jobs.run()[0] == 0
    assert is_whole(images)
    assert [pause for pause in pauses if pause > 30] == [40, 41]


def test_an_upload_that_the_registry_finds_wrong_is_begun_again(
    jobs: Runner, images: SmallImageRegistry, artifact: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blobs, "PART", 40_000)
    images.refusals = {"PUT blobs": [(400, {})], "PATCH blobs": [(416, {})]}
    assert jobs.run()[0] == 0
    assert is_whole(images)
    jobs.settings["job-id"] = "two"
    images.blobs.clear()
    images.refusals = {"PUT blobs": [(400, {})] * 99}
    status, message = jobs.run()
    assert (status, "answers 400" in message) == (1, True)
    assert jobs.read(artifact)["state"] == "LIVE"
