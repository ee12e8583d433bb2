"""Stores with entities of all kinds, each written through the proxy by one release of ml-metadata.

`fixtures/ml-metadata-1.17.sqlite` and `fixtures/ml-metadata-1.21.sqlite` are such stores.
`python -m tests.interop.releases` writes the one of the release that is installed.
"""

import contextlib
import importlib.metadata
import re
import shutil
import sqlite3
import sys
import tempfile
from pathlib import Path
from typing import Any

import httpx

from tests.support import processes

RELEASES = ("1.17", "1.21")
FIXTURES = Path(__file__).parent / "fixtures"

WRITES: tuple[tuple[str, dict[str, Any]], ...] = (
    (
        "/registered_models",
        {
            "name": "fraud ä",
            "owner": "risk",
            "customProperties": {
                "text": {"metadataType": "MetadataStringValue", "string_value": "x"},
                "whole": {"metadataType": "MetadataIntValue", "int_value": "9007199254740993"},
                "double": {"metadataType": "MetadataDoubleValue", "double_value": 0.1234567891},
                "is_true": {"metadataType": "MetadataBoolValue", "bool_value": True},
                "struct": {"metadataType": "MetadataStructValue", "struct_value": "eyJhIjogWzFdfQ=="},
            },
        },
    ),
    ("/registered_models/1/versions", {"name": "v1", "registeredModelId": "1", "externalId": "outside"}),
    ("/model_versions/2/artifacts", {"artifactType": "model-artifact", "name": "onnx", "uri": "s3://m/1"}),
    ("/serving_environments", {"name": "production"}),
    ("/inference_services", {"name": "svc", "registeredModelId": "1", "servingEnvironmentId": "3"}),
    ("/inference_services/4/serves", {"name": "serve", "modelVersionId": "2"}),
    ("/experiments", {"name": "tuning"}),
    ("/experiment_runs", {"name": "run", "experimentId": "5"}),
    ("/experiment_runs/6/artifacts", {"artifactType": "metric", "name": "loss", "value": 0.5, "timestamp": "1"}),
    ("/experiment_runs/6/artifacts", {"artifactType": "metric", "name": "loss", "value": 0.25, "timestamp": "2"}),
    ("/experiment_runs/6/artifacts", {"artifactType": "parameter", "name": "rate", "value": "0.1"}),
)
"""Paths and bodies. Contexts have ids of their own, in this order."""

READS = (
    "/registered_models",
    "/registered_model?name=fraud%20ä",
    "/registered_models/1/versions",
    "/model_version?externalId=outside",
    "/model_versions/2/artifacts",
    "/serving_environments/3/inference_services",
    "/inference_services/4/serves",
    "/inference_services/4/model",
    "/experiments/5/experiment_runs",
    "/experiment_runs/6/artifacts?orderBy=ID",
    "/experiment_runs/6/metric_history",
    "/artifacts?filterQuery=uri%20=%20%22s3://m/1%22",
)


def copy_of_the_store(release: str, folder: Path) -> Path:
    """Copies the store of a release into a folder; the copy may be changed."""
    return Path(shutil.copy(FIXTURES / f"ml-metadata-{release}.sqlite", folder / "registry.db"))


def write(api: str) -> None:
    """Writes the entities into an empty store."""
    for path, body in WRITES:
        done = httpx.post(api + path, json=body)
        assert done.is_success, (path, done.text)


def answers(api: str) -> dict[str, Any]:
    """What the proxy answers to each of `READS`, without the times of the store."""
    found = {path: httpx.get(api + path) for path in READS}
    assert all(answer.status_code == 200 for answer in found.values()), found
    return {path: _without_times(answer.json()) for path, answer in found.items()}


def _without_times(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_times(each) for each in value]
    if isinstance(value, dict):
        return {key: _without_times(each) for key, each in value.items() if not key.endswith("TimeSinceEpoch")}
    return value


def schema(file: Path) -> tuple[int, list[str]]:
    """The version of MLMD's schema in a store, and the SQL of its tables and indexes."""
    with contextlib.closing(sqlite3.connect(file)) as database:
        ((version,),) = database.execute("SELECT schema_version FROM MLMDEnv")
        statements = [sql for (sql,) in database.execute("SELECT sql FROM sqlite_master ORDER BY name") if sql]
    return version, [re.sub(r"\s+", " ", sql) for sql in statements]


def main() -> None:
    """Writes the store of the release that is installed."""
    release = ".".join(importlib.metadata.version("ml-metadata").split(".")[:2])
    file = FIXTURES / f"ml-metadata-{release}.sqlite"
    with tempfile.TemporaryDirectory() as folder:
        with processes.proxy(Path(folder)) as proxy:
            write(proxy.api)
        with contextlib.closing(sqlite3.connect(Path(folder) / "registry.db")) as database:
            database.execute("PRAGMA page_size = 512")
            database.execute("VACUUM")
        shutil.copy(Path(folder) / "registry.db", file)
    sys.stdout.write(f"{file}\n")


if __name__ == "__main__":
    main()
