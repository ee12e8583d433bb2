"""The GitHub Actions workflows."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

WORKFLOWS = sorted((Path(__file__).parents[2] / ".github/workflows").glob("*.yml"))


def read(path: Path) -> dict[str, Any]:
    # BaseLoader: `on` is a key, not a truth value.
    content: dict[str, Any] = yaml.load(path.read_text("utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 (it makes text only)
    return content


def test_actionlint_finds_nothing(tool: Callable[..., "subprocess.CompletedProcess[str]"]) -> None:
    done = tool("actionlint", "-shellcheck=", "-pyflakes=", *WORKFLOWS)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_nothing_may_be_written_unless_a_job_says_so(path: Path) -> None:
    workflow = read(path)
    assert workflow["permissions"] == {"contents": "read"}
    assert all("timeout-minutes" in job for job in workflow["jobs"].values())


def test_what_ci_promises_is_there() -> None:
    jobs = read(WORKFLOWS[0])["jobs"]
    assert jobs["test"]["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13"]
    assert jobs["macos"]["runs-on"].startswith("macos-")
    commands = "\n".join(step.get("run", "") for job in jobs.values() for step in job["steps"])
    for target in ("make lint", "make test-all", "make test-containers", "make test-controller", "make manifests"):
        assert target in commands
    (image,) = read(WORKFLOWS[1])["jobs"].values()
    platforms = {row["target"]: row["platforms"] for row in image["strategy"]["matrix"]["include"]}
    both = "linux/amd64,linux/arm64"
    assert platforms == {
        "proxy": both,
        "embedded": "linux/amd64",
        "storage-initializer": both,
        "upload-job": both,
        "controller": both,
    }
