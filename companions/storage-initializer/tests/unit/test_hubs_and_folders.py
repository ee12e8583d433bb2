"""Models of a Hugging Face Hub, and files that are in the pod."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from initializer_support import fake_hub
from initializer_support.command import Command

HUB = [sys.executable, "-m", "model_registry_storage_initializer"]


def from_hub(uri: str, hub: Any, destination: Path, **variables: str) -> tuple[int, str, dict[str, bytes]]:
    """Runs the command in a process of its own, since huggingface-hub reads its variables only once."""
    environment = {
        "HF_ENDPOINT": f"http://127.0.0.1:{hub.server_port}",
        "PATH": os.environ["PATH"],
        "HF_HUB_DISABLE_XET": "1",
    }
    ended = subprocess.run(
        [*HUB, uri, str(destination)], env={**environment, **variables}, check=False, capture_output=True, text=True
    )
    found = {path.relative_to(destination): path for path in destination.rglob("*") if path.is_file()}
    files = {
        str(name): path.read_bytes()
        for name, path in found.items()
        if not str(name).startswith(".model-registry-complete")
    }
    return ended.returncode, ended.stderr.splitlines()[-1], files


def test_a_model_of_a_hub_is_fetched_and_continued_after_a_cut(hub: Any, tmp_path: Path) -> None:
    hub.cut_once.add("weights/model.safetensors")
    assert from_hub("hf://owner/model", hub, tmp_path / "m", HF_TOKEN="hf_x")[::2] == (0, fake_hub.FILES)
    assert {authorization for _, path, authorization, _ in hub.seen if "/resolve/" in path} == {"Bearer hf_x"}
    asked = [method for method, path, *_ in hub.seen if path.endswith(".safetensors")]
    assert asked.count("GET") == 2


@pytest.mark.parametrize(("uri", "said"), [("hf://owner/none", "HF_TOKEN"), ("hf://owner", "names no model")])
def test_an_unknown_model_of_a_hub_is_said(hub: Any, tmp_path: Path, uri: str, said: str) -> None:
    status, last, files = from_hub(uri, hub, tmp_path / "m")
    assert (status, files, said in last) == (1, {}, True), last


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("source")
    (made / "sub").mkdir()
    (made / "model.bin").write_bytes(b"m")
    (made / "sub" / "x y%").write_bytes(b"x")
    (made / "link").symlink_to("model.bin")
    (made / "again").symlink_to(".")
    return made


def test_a_folder_is_copied_and_links_become_files(command: Command, folder: Path) -> None:
    ended = command(f"file://{folder}")
    assert ended.files == {"model.bin": b"m", "sub/x y%": b"x", "link": b"m"}, ended.log
    assert not (command.destination / "link").is_symlink()


def test_one_file_is_copied(command: Command, folder: Path) -> None:
    assert command(f"file://{folder}/sub/x y%").files == {"x y%": b"x"}


def test_a_pipe_is_refused(command: Command, folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    assert "a device or a pipe" in command.fails(f"file://{folder}")


@pytest.mark.parametrize(
    ("uri", "said"),
    [
        ("file:///none/there", "does not exist"),
        ("pvc://claim/model", "is not mounted"),
        ("hdfs://host/x", "extra"),
        ("https://host/model.git", "extra"),
        ("ftp://host/x", "no known scheme"),
        ("/plain/path", "no known scheme"),
    ],
)
def test_what_cannot_be_fetched_is_said(command: Command, uri: str, said: str) -> None:
    assert said in command.fails(uri)
