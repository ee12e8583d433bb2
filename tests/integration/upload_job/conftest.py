"""The servers that the tests of the upload job share, and a function that runs a job in this process."""

import json
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from model_registry_upload_job.command import run

from tests.support.processes import Proxy
from tests.support.storage_servers import S3, Web, oci_registry, s3, web


@pytest.fixture(scope="module")
def registry_of_images(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An OCI registry: `host:port`."""
    with oci_registry(tmp_path_factory.mktemp("images")) as address:
        yield address


@pytest.fixture(scope="module")
def storage() -> Iterator[S3]:
    """A server that speaks S3."""
    with s3() as server:
        yield server


@pytest.fixture
def pages() -> Iterator[Web]:
    """A web server."""
    with web() as server:
        yield server


@dataclass
class Runner:
    """Runs jobs in this process.

    Attributes:
        proxy: The model registry.
        folder: A folder for the test.
        settings: Settings of every job, by the names of options.
    """

    proxy: Proxy
    folder: Path
    settings: dict[str, str] = field(default_factory=dict)

    def run(self, **more: str) -> tuple[int, str]:
        """Runs a job; options with `_` for `-`. Returns its status and its termination message."""
        environment = self.environment(**more)
        status = run([], environment)
        return status, Path(environment["TERMINATION_MESSAGE_PATH"]).read_text()

    def environment(self, **more: str) -> dict[str, str]:
        """Returns the variables of a job."""
        host, _, port = self.proxy.url.removeprefix("http://").partition(":")
        settings = {
            "registry-server-address": f"http://{host}",
            "registry-port": port,
            "storage-path": str(self.folder / "storage"),
            **self.settings,
            **{name.replace("_", "-"): value for name, value in more.items()},
        }
        named = {f"MODEL_SYNC_{name.replace('-', '_').upper()}": value for name, value in settings.items()}
        return {**named, "TERMINATION_MESSAGE_PATH": str(self.folder / "termination-log")}

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Calls the API."""
        return httpx.request(method, f"{self.proxy.api}{path}", json=body, timeout=60).raise_for_status().json()

    def artifact(self, state: str = "UNKNOWN") -> str:
        """Creates an artifact of a new version. Returns its id."""
        model = self.call("POST", "/registered_models", {"name": uuid.uuid4().hex})
        version = self.call("POST", "/model_versions", {"name": "1", "registeredModelId": model["id"]})
        artifact = {
            "artifactType": "model-artifact",
            "name": "a",
            "uri": "s3://before",
            "state": state,
            "customProperties": {"kept": {"string_value": "v", "metadataType": "MetadataStringValue"}},
        }
        return str(self.call("POST", f"/model_versions/{version['id']}/artifacts", artifact)["id"])

    def read(self, artifact: str) -> dict[str, Any]:
        """Reads an artifact, its custom properties as plain texts."""
        found = self.call("GET", f"/model_artifacts/{artifact}")
        found["customProperties"] = {key: value["string_value"] for key, value in found["customProperties"].items()}
        return dict(found)

    def metadata(self, **fields: Any) -> str:
        """Writes a folder with metadata; `__` in a name is a dot. Returns its path."""
        folder = self.folder / f"metadata-{uuid.uuid4().hex}"
        folder.mkdir()
        for name, value in fields.items():
            text = value if isinstance(value, str) else json.dumps(value)
            (folder / name.replace("__", ".", 1)).write_text(text)
        return str(folder)


@pytest.fixture
def jobs(proxy: Proxy, tmp_path: Path) -> Runner:
    """A runner of jobs."""
    return Runner(proxy, tmp_path)
