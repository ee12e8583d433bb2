"""The catalog service for tests: the real command on a free port, with the recorded catalog or with files of a test."""

import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.support.ports import free_port
from tests.support.processes import environment, running, wait_until
from tests.support.recorded_catalog import FOLDER, checker, recording

MODELS, SERVERS = "/api/model_catalog/v1", "/api/mcp_catalog/v1"


@contextmanager
def catalog(folder: Path, *flags: str, env: dict[str, str] | None = None) -> Iterator[str]:
    """Serves the catalog with the working directory `folder` until the end of the block; yields its URL when it is ready."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    where = ["--listen", f"127.0.0.1:{port}", "--metrics-port", "0"]
    command = [sys.executable, "-m", "model_registry_proxy", "catalog", *where, *flags]
    with running(command, folder / "catalog.log", {**environment(), **(env or {})}) as process:
        wait_until(lambda: _is_ready(url), process, "The catalog")
        yield url


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz", trust_env=False).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def copied(name: str, folder: Path) -> Path:
    """A copy of a folder of the recorded catalog, which a test may change."""
    return Path(shutil.copytree(FOLDER / name, folder / name))


def differences(url: str, file: str, names: Sequence[str]) -> dict[str, list[str]]:
    """What is different from the recorded answers, by the names of the requests."""
    check, content = checker(), recording(file)
    client = check.Client(url)
    found = {
        entry["name"]: check.compare(entry, *client.call(entry), False, False, content.get("tolerate", ()))
        for entry in content["entries"]
        if entry["name"] in names
    }
    return {name: problems for name, problems in found.items() if problems}
