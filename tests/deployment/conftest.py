"""The tools that `make tools` builds. A test is skipped if its tool is not built."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = ROOT / ".tools"
Tool = Callable[..., "subprocess.CompletedProcess[str]"]


def run_tool(name: str, *arguments: str | Path, text: str = "") -> "subprocess.CompletedProcess[str]":
    """Runs one of the tools from the root of the repository, with `text` as its standard input."""
    path = TOOLS / name
    if not path.exists():
        pytest.skip(f"{name} is not built: `make tools` does that, with Go")
    return subprocess.run(
        [path, *arguments], check=False, input=text, capture_output=True, text=True, cwd=ROOT, timeout=120
    )


@pytest.fixture(scope="session")
def tool() -> Tool:
    """Runs one of the tools; see `run_tool`."""
    return run_tool


@pytest.fixture(scope="session")
def composed() -> Callable[[str], dict[str, Any]]:
    """A function that returns a compose file as Docker reads it, with all files that it extends."""

    def read(name: str) -> dict[str, Any]:
        done = run_tool("compose", name)
        assert done.returncode == 0, done.stderr
        project: dict[str, Any] = json.loads(done.stdout)
        return project

    return read
