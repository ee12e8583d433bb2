"""Answers that Kubeflow's catalog gave for the same files: ours are the same, or better where a defect is noted."""

import sys
from collections.abc import Iterator

import httpx
import pytest

from tests.support.catalog import catalog, copied, differences
from tests.support.ports import free_port
from tests.support.processes import environment, running, wait_until
from tests.support.recorded_catalog import FOLDER, recording

FILE, OF_HUB = "answers.json", "answers-hf.json"
RECORDED_PORT = 18977
NAMES = [entry["name"] for entry in recording(FILE)["entries"]]
GROUPS = list(dict.fromkeys(name.partition(":")[0] for name in NAMES))


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a catalog of the recorded files, whose answers are checked by the document too."""
    folder = copied("fixtures", tmp_path_factory.mktemp("recorded"))
    flags = ["--catalogs-path", "sources.yaml,sources-override.yaml", "--performance-metrics", "perf"]
    with catalog(folder, *flags, "--validate-responses") as served:
        yield served


@pytest.mark.parametrize("group", GROUPS)
def test_the_answers_are_the_recorded_ones(group: str, url: str) -> None:
    names = [name for name in NAMES if name.partition(":")[0] == group]
    assert differences(url, FILE, names) == {}


@pytest.fixture(scope="module")
def url_of_hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a catalog whose sources are on a small server in the place of Hugging Face."""
    port = free_port()
    hub = f"http://127.0.0.1:{port}"
    folder = copied("fixtures-hf", tmp_path_factory.mktemp("hub"))
    file = folder / "sources-hf.yaml"
    file.write_text(file.read_text().replace(str(RECORDED_PORT), str(port)))
    command = [sys.executable, str(FOLDER / "fake_hf.py"), str(folder / "hf-data.json"), "--port", str(port)]
    keys: dict[str, str] = recording(OF_HUB)["start"]["env"]
    flags = ["--catalogs-path", "sources-hf.yaml", "--allow-hf-url", hub, "--allow-hf-key-variable", ",".join(keys)]
    with running(command, folder / "hub.log", environment()) as process:
        wait_until(lambda: _answers(hub), process, "The hub")
        with catalog(folder, *flags, env=keys) as served:
            yield served


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/__requests", trust_env=False).is_success
    except httpx.TransportError:
        return False


@pytest.mark.slow
def test_the_answers_for_hugging_face_are_the_recorded_ones(url_of_hub: str) -> None:
    names = [entry["name"] for entry in recording(OF_HUB)["entries"]]
    assert differences(url_of_hub, OF_HUB, names) == {}
