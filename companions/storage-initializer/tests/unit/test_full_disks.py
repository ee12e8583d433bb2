"""What happens when the volume of the destination is full: on a small file system of its own."""

import dataclasses
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from initializer_support import images
from initializer_support.command import Command
from initializer_support.images import image, layer
from initializer_support.web import Web

LARGE = bytes(range(251)) * (2**20 // 100)


@pytest.fixture
def small_volume(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)], check=False, capture_output=True, text=True
    )
    if mounted.returncode:
        pytest.skip(f"a small file system cannot be mounted here, which needs root: {mounted.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(
            ["umount", "--lazy", str(folder)], check=True
        )  # a failed download keeps files open until its process ends


@pytest.fixture
def on_small_volume(command: Command, small_volume: Path) -> Command:
    return dataclasses.replace(command, destination=small_volume / "models")


def test_what_is_known_to_be_too_large_is_not_begun(on_small_volume: Command, web: Web) -> None:
    assert "needs 2.5 MiB" in on_small_volume.fails(web.serve("/model.bin", LARGE))
    assert len(web.seen) == 1


@pytest.mark.parametrize("end", ["model.bin", "model.tar.gz"])
def test_a_volume_that_gets_full_is_said_and_emptied(on_small_volume: Command, web: Web, end: str) -> None:
    data = layer({"model.bin": LARGE}) if end.endswith("gz") else LARGE
    assert "models is full. Give the pod a larger volume" in on_small_volume.fails(
        web.serve(f"/{end}", data, has_length=False)
    )
    assert list(on_small_volume.destination.iterdir()) == []


def test_an_image_that_fills_the_volume_is_said_and_leaves_nothing(on_small_volume: Command, web: Web) -> None:
    on_small_volume.having(KSERVE_OCI_INSECURE_REGISTRY="true")
    uri = images.serve(web, "large", *image([layer({"models/model.bin": LARGE})]))
    assert "models is full" in on_small_volume.fails(uri)
    assert list(on_small_volume.destination.iterdir()) == []
