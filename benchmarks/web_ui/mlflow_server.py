"""MLflow's server with its UI, for comparison: in an environment of its own, which is made below the user's cache folder.

It runs on SQLite. Its models are inserted into its tables, since its API creates them one by one.
"""

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.operations import model_body
from benchmarks.servers import is_answering
from tests.support.ports import free_port
from tests.support.processes import running, wait_until

ROW = 'a[href*="#/models/"]'
"""A row of its list of models."""
_QUIET = {"DO_NOT_TRACK": "true", "MLFLOW_DISABLE_TELEMETRY": "true"}
_MODEL = "INSERT INTO registered_models (name, creation_time, last_updated_time, description) VALUES (?, ?, ?, ?)"
_TAG = "INSERT INTO registered_model_tags (key, value, name) VALUES (?, ?, ?)"


class NotInstalled(Exception):
    """MLflow cannot be installed here. The text says why."""


def installed() -> Path:
    """Returns the folder with MLflow's programs; installs MLflow if it is not there. Raises `NotInstalled`."""
    place = Path.home() / ".cache" / "model-registry-benchmarks" / "mlflow"
    programs = place / "bin"
    if not (programs / "mlflow").exists():
        uv = shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
        if not uv:
            raise NotInstalled("uv is not installed")
        _run(uv, "venv", "--clear", "--python", sys.executable, str(place))
        _run(uv, "pip", "install", "--python", str(programs / "python"), "mlflow")
    return programs


def _run(*command: str) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise NotInstalled(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else " ".join(command))


def version(programs: Path) -> str:
    """The version of MLflow."""
    return subprocess.run(
        [programs / "mlflow", "--version"], check=True, capture_output=True, text=True
    ).stdout.split()[-1]


@contextmanager
def serving(programs: Path, folder: Path, models: int, name: Callable[[int], str]) -> Iterator[str]:
    """Serves a registry with as many models; yields the address of their list.

    Args:
        programs: The folder with MLflow's programs.
        folder: A folder for its database and its log.
        models: The number of models.
        name: Gives the name of the model with a number.
    """
    with answering(programs, folder / f"mlflow-{models}.db") as address:
        _fill(folder / f"mlflow-{models}.db", [name(number) for number in range(models)])
        yield f"{address}#/models"


@contextmanager
def answering(programs: Path, database: Path) -> Iterator[str]:
    """Serves an empty registry on a new SQLite file, which is deleted at the end; yields its address."""
    port = free_port()
    command = [str(programs / "mlflow"), "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    command += ["--backend-store-uri", f"sqlite:///{database}"]
    address = f"http://127.0.0.1:{port}/"
    with running(command, database.with_suffix(".log"), {**os.environ, **_QUIET}) as process:
        wait_until(lambda: is_answering(address), process, "MLflow")
        yield address
    database.unlink()


def _fill(database: Path, names: list[str]) -> None:
    """Creates models with the same description and properties as ours."""
    now = int(time.time() * 1000)
    body = model_body("")
    tags = {
        key: str(next(value for part, value in item.items() if part != "metadataType"))
        for key, item in body["customProperties"].items()
    }
    with sqlite3.connect(database, timeout=60) as connection:
        connection.executemany(_MODEL, ((name, now, now, body["description"]) for name in names))
        connection.executemany(_TAG, ((key, value, name) for name in names for key, value in tags.items()))
    connection.close()
