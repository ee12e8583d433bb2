"""What a restarted init container finds, and what signals leave behind."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from initializer_support.command import Command
from initializer_support.registry import TestRegistry
from initializer_support.web import Web
from model_registry_storage_initializer import free_space
from model_registry_storage_initializer.staging import Staging

MIB = 2**20
LARGE = bytes(range(251)) * (8 * MIB // 251 + 1)


def test_a_complete_download_is_kept(command: Command, registry_server: TestRegistry, web: Web) -> None:
    source = registry_server.register(web.serve("/model.bin", b"m"))
    assert command(source).status == 0
    web.seen.clear()
    ended = command(source)
    assert (ended.status, web.seen, ended.files) == (0, [], {"model.bin": b"m"})
    assert "Kept" in ended.last


def test_a_file_that_was_removed_or_shortened_is_fetched_again(command: Command, web: Web) -> None:
    uri = web.serve("/model.bin", b"model")
    command(uri)
    (command.destination / "model.bin").write_bytes(b"mod")
    assert command(uri).files == {"model.bin": b"model"}


def test_a_newer_version_replaces_the_files_of_the_older_one(
    command: Command, registry_server: TestRegistry, web: Web
) -> None:
    registry_server.model("moving", {"1": [{"uri": web.serve("/sub/old.bin", b"old")}]})
    assert command("model-registry://moving").files == {"old.bin": b"old"}
    (command.destination / "of-others").write_bytes(b"x")
    model = registry_server.call("GET", "/registered_model?name=moving")
    version = registry_server.call("POST", "/model_versions", name="2", registeredModelId=model["id"])
    artifact = {"artifactType": "model-artifact", "name": "n", "uri": web.serve("/new.bin", b"new")}
    registry_server.call("POST", f"/model_versions/{version['id']}/artifacts", **artifact)
    assert command("model-registry://moving").files == {"new.bin": b"new", "of-others": b"x"}


def test_two_sources_may_share_a_destination(command: Command, web: Web) -> None:
    for name in ("one", "two"):
        command(web.serve(f"/{name}", name.encode()))
    assert command(f"{web.url}/one").files == {"one": b"one", "two": b"two"}


def test_parts_that_are_complete_are_not_fetched_again(command: Command, web: Web) -> None:
    command.having(MODEL_REGISTRY_PART_MIB="1", MODEL_REGISTRY_RETRIES="0", MODEL_REGISTRY_THREADS="1")
    uri = web.serve("/model.bin", LARGE, has_ranges=True, cuts=[0, 3 * MIB + 5])
    ended = command(uri)
    assert (ended.status, ended.files) == (1, {}), ended.log
    web.seen.clear()
    assert command(uri).files == {"model.bin": LARGE}
    assert min(int(headers["Range"][6:].partition("-")[0]) for _, headers in web.seen[1:]) == 3 * MIB


def test_a_file_that_has_changed_since_is_fetched_whole(command: Command, web: Web) -> None:
    command.having(MODEL_REGISTRY_PART_MIB="1", MODEL_REGISTRY_RETRIES="0", MODEL_REGISTRY_THREADS="1")
    uri = web.serve("/model.bin", LARGE, has_ranges=True, cuts=[0, 2 * MIB + 5])
    assert command(uri).status == 1
    web.serve("/model.bin", LARGE[::-1], has_ranges=True, etag='"second"')
    assert command(uri).files == {"model.bin": LARGE[::-1]}


def test_an_interrupted_publication_is_finished(command: Command, web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    replace = Path.replace

    def failing(self: Path, target: Path) -> Path:
        if self.parent.name == "files":
            raise KeyboardInterrupt
        return replace(self, target)

    uri = web.serve("/model.bin", b"m")
    with monkeypatch.context() as patch:
        patch.setattr(
            Path, "replace", lambda self, target: self if self.parent.name == "files" else replace(self, target)
        )
        patch.setattr(Staging, "_remove_older", lambda *_: failing(Path("files/x"), Path()))
        with pytest.raises(KeyboardInterrupt):
            command(uri)
    web.files.clear()
    assert command(uri).files == {"model.bin": b"m"}


def test_a_volume_that_is_too_small_is_said_before_anything_is_fetched(
    command: Command, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(free_space.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 10}))
    assert "needs 8.0 MiB" in command.fails(web.serve("/model.bin", LARGE))
    assert len(web.seen) == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_signal_leaves_nothing_under_a_final_name_and_the_next_run_goes_on(
    web: Web, tmp_path: Path, number: signal.Signals
) -> None:
    destination, uri = tmp_path / "models", web.serve("/model.bin", LARGE, has_ranges=True)
    web.serve("/slow", b"")
    environment = {**os.environ, "MODEL_REGISTRY_PART_MIB": "1", "MODEL_REGISTRY_THREADS": "1"}
    arguments = [sys.executable, "-m", "model_registry_storage_initializer", uri, str(destination)]
    web.files["/model.bin"].cuts = [
        0,
        MIB,
        MIB,
        *([1] * 10_000),
    ]  # it goes on by single bytes, so the signal comes in time
    child = subprocess.Popen(
        arguments, env={**environment, "MODEL_REGISTRY_RETRIES": "9"}, stderr=subprocess.PIPE, text=True
    )
    end = time.monotonic() + 60
    while len(web.seen) < 4 and time.monotonic() < end:
        time.sleep(0.01)
    child.send_signal(number)
    said = child.communicate(timeout=60)[1].splitlines()
    assert child.returncode == (143 if number == signal.SIGTERM else -number)
    assert [path.name for path in destination.iterdir() if not path.name.startswith(".model-registry-")] == []
    if number == signal.SIGTERM:
        assert "Terminated" in said[-1]
    web.files["/model.bin"].cuts = []
    web.seen.clear()
    subprocess.run(arguments, env=environment, check=True, capture_output=True)
    assert (destination / "model.bin").read_bytes() == LARGE
    assert {"bytes=0-1048575", "bytes=1048576-2097151"} & {headers.get("Range") for _, headers in web.seen} == set()


def test_a_signal_ends_it_while_a_library_waits_for_a_server(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        variables = {"AWS_ENDPOINT_URL": address, "AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s"}
        command = [
            sys.executable,
            "-m",
            "model_registry_storage_initializer",
            "s3://bucket/x",
            str(tmp_path / "models"),
        ]
        child = subprocess.Popen(command, env={**os.environ, **variables}, stderr=subprocess.PIPE, text=True)
        connection, _ = silent.accept()
        with connection:
            child.terminate()
            said = child.communicate(timeout=30)[1].splitlines()
    assert (child.returncode, "Terminated" in said[-1]) == (143, True)
