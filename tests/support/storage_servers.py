"""Servers for the tests of the upload job: an OCI registry, S3, and a web server. Each listens on this machine only."""

import shutil
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.ports import free_port
from tests.support.processes import running, wait_until

PROGRAM = shutil.which("docker-registry") or shutil.which("registry")
_CONFIG = """
version: 0.1
log: {{level: error, accesslog: {{disabled: true}}}}
storage: {{filesystem: {{rootdirectory: {folder}}}, delete: {{enabled: true}}}}
http: {{addr: "127.0.0.1:{port}"}}
{more}
"""


@contextmanager
def oci_registry(folder: Path, more: str = "") -> Iterator[str]:
    """Docker's registry in `folder`. Yields `host:port`. `more`: lines of its configuration. Skips the test where it is missing."""
    if not PROGRAM:
        pytest.skip("docker-registry is not installed (apt-get install docker-registry)")
    port = free_port()
    config = folder / "registry.yml"
    config.write_text(_CONFIG.format(folder=folder / "blobs", port=port, more=more))
    with running([PROGRAM, "serve", str(config)], folder / "registry.log") as process:
        wait_until(lambda: _answers(f"http://127.0.0.1:{port}/v2/"), process, "The OCI registry")
        yield f"127.0.0.1:{port}"


def _answers(url: str) -> bool:
    try:
        return httpx.get(url).status_code in (200, 401)
    except httpx.TransportError:
        return False


@dataclass(frozen=True)
class S3:
    """A server that speaks S3."""

    url: str

    @property
    def client(self) -> Any:
        """A client for it."""
        import boto3  # noqa: PLC0415 (takes long)

        return boto3.client(
            "s3", endpoint_url=self.url, aws_access_key_id="k", aws_secret_access_key="s", region_name="us-east-1"
        )

    def fill(self, bucket: str, objects: Mapping[str, bytes]) -> None:
        """Makes a bucket with objects."""
        client = self.client
        client.create_bucket(Bucket=bucket)
        for key, data in objects.items():
            client.put_object(Bucket=bucket, Key=key, Body=data)

    def read(self, bucket: str) -> dict[str, bytes]:
        """Returns all objects of a bucket."""
        client = self.client
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        keys = [each["Key"] for page in pages for each in page.get("Contents", ())]
        return {key: client.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys}


@contextmanager
def s3() -> Iterator[S3]:
    """The S3 server of moto, in this process."""
    from moto.server import ThreadedMotoServer  # noqa: PLC0415 (takes long)

    server = ThreadedMotoServer("127.0.0.1", free_port(), verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield S3(f"http://{host}:{port}")
    finally:
        server.stop()


@dataclass
class Web:
    """A web server. `files`: type and contents by path. `cut`: how often the body of a path ends after half of its bytes."""

    url: str = ""
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    cut: dict[str, int] = field(default_factory=dict)
    statuses: dict[str, list[int]] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)


@contextmanager
def web() -> Iterator[Web]:
    """A web server that knows `Range` and ETags, and that can cut transfers."""
    content = Web()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            content.requests.append(f"{path} {self.headers.get('Range', '-')}")
            if content.statuses.get(path):
                self.send_error(content.statuses[path].pop(0))
                return
            if path not in content.files:
                self.send_error(404)
                return
            kind, data = content.files[path]
            asked = self.headers.get("Range", "")
            start = int(asked[6:].split("-")[0]) if asked else 0
            self.send_response(206 if start else 200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data) - start))
            self.send_header("ETag", f'"{hash(data)}"')
            self.end_headers()
            rest = data[start:]
            if content.cut.get(path):
                content.cut[path] -= 1
                self.close_connection = True
                rest = rest[: len(rest) // 2]
            self.wfile.write(rest)

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        content.url = f"http://127.0.0.1:{server.server_port}"
        yield content
        server.shutdown()


def image_files(image: str) -> dict[str, bytes]:
    """Returns the files of an image by their paths, as a container would have them."""
    import io  # noqa: PLC0415
    import tarfile  # noqa: PLC0415

    registry, _, rest = image.partition("/")
    name, _, tag = rest.rpartition(":")
    base = f"http://{registry}/v2/{name}"
    kinds = {"Accept": "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json"}
    index = httpx.get(f"{base}/manifests/{tag}", headers=kinds).raise_for_status().json()
    manifest = httpx.get(f"{base}/manifests/{index['manifests'][0]['digest']}", headers=kinds).raise_for_status().json()
    found: dict[str, bytes] = {}
    for layer in manifest["layers"]:
        blob = httpx.get(f"{base}/blobs/{layer['digest']}").raise_for_status().content
        with tarfile.open(fileobj=io.BytesIO(blob)) as archive:
            for member in archive:
                if member.isfile() and (opened := archive.extractfile(member)):
                    found[member.name] = opened.read()
    return found
