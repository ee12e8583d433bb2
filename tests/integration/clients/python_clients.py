"""The Python clients under test: where each is installed, and how its flows are run."""

import ast
import fcntl
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.processes import ROOT

HERE = Path(__file__).parent
INSTALLED = ROOT / ".clients"
INSTALL_SECONDS = 300
_ENVIRONMENT = {
    "PYTHONWARNINGS": "ignore",
    "SSL_CERT_FILE": os.devnull,  # the clients read all of the system's certificates again for every call, TLS or not
    "SSL_CERT_DIR": os.devnull,
}


class CannotBeHad(Exception):
    """A client that cannot be installed here, and why."""


@dataclass(frozen=True)
class PythonClient:
    """A release of a client. One with a version is installed in a folder of its own, in addition to the environment's own.

    `further`: it is installed with its dependencies, and with these, in an environment of its own.
    """

    module: str
    distribution: str = ""
    further: tuple[str, ...] = ()

    def interpreter(self) -> Path:
        """The Python that runs it, after installing it where needed. Raises `CannotBeHad`."""
        if not self.further:
            return Path(sys.executable)
        return _once(self.distribution, lambda folder: _make_environment(folder, self)) / "bin" / "python"

    def folder(self) -> Path | None:
        """Where it is, after installing it where needed; `None` for its interpreter's own. Raises `CannotBeHad`."""
        if self.further:
            return None
        if importlib.util.find_spec(self.module.split(".")[0]) is None:
            raise CannotBeHad(f"{self.module} is not installed; `make test` installs the group clients")
        return _installed(self.distribution) if self.distribution else None


NEWEST = PythonClient("model_registry")
KUBEFLOW = PythonClient("kubeflow")
LAST_OF_V1ALPHA3 = PythonClient("model_registry", "model-registry==0.3.11")
"""The last release for v1alpha3, and the last one with experiments."""


def _installed(distribution: str) -> Path:
    """The folder with a distribution, without its dependencies: those of the newest release serve it too."""
    return _once(distribution, lambda folder: _install(folder, "--no-deps", "--target", str(folder), distribution))


def _once(distribution: str, make: Callable[[Path], None]) -> Path:
    """The folder of a distribution, which `make` fills if it is not there."""
    folder = INSTALLED / distribution.replace("==", "-")
    INSTALLED.mkdir(exist_ok=True)
    with (INSTALLED / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            unfinished = folder.with_suffix(".unfinished")
            shutil.rmtree(unfinished, ignore_errors=True)
            make(unfinished)
            unfinished.rename(folder)
    return folder


def _make_environment(folder: Path, client: PythonClient) -> None:
    """An environment that may be moved: its interpreter finds it by its own place."""
    venv.create(folder, with_pip=False, symlinks=True)
    _install(folder, "--target", str(next(folder.glob("lib/*/site-packages"))), client.distribution, *client.further)


def _install(folder: Path, *what: str) -> None:
    uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    tool = [uv, "pip", "install", "--python", sys.executable] if uv else [sys.executable, "-m", "pip", "install"]
    command, distribution = [*tool, "--quiet", *what], folder.stem
    try:
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=INSTALL_SECONDS)
    except subprocess.TimeoutExpired:
        raise CannotBeHad(f"{distribution}: the package index did not answer") from None
    if done.returncode:
        raise CannotBeHad(f"{distribution} cannot be installed: {done.stderr.strip().splitlines()[-1:]}")


def flows_in(file: str) -> list[str]:
    """The names of the flows in a file, without importing the client that it needs."""
    tree = ast.parse((HERE / "flows" / file).read_text())
    return [node.name for node in tree.body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")]


class Flows:
    """The flows of one file, run by one client."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def run(self, flow: str, **arguments: str) -> None:
        """Runs a flow; fails with what it printed."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps({"flow": flow, "arguments": arguments}) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, "the client cannot be imported; its trace-back is above"
        failure = json.loads(answer)
        assert not failure, failure


@contextmanager
def flows_of(client: PythonClient, file: str) -> Iterator[Flows]:
    """Starts the driver for a file of flows. Raises `CannotBeHad`."""
    folder = client.folder()
    env = {**os.environ, "PYTHONPATH": str(folder or ""), **_ENVIRONMENT}
    env.pop("KF_PIPELINES_SA_TOKEN_PATH", None)
    command = [str(client.interpreter()), str(HERE / "driver.py"), str(HERE / "flows" / file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env) as process:
        try:
            yield Flows(process)
        finally:
            process.kill()  # between flows there is nothing to lose, and nothing to wait for
