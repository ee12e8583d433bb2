"""Images for tests, and a real OCI registry that holds them: `docker-registry` of Debian, or a server that asks for tokens."""

import gzip
import hashlib
import io
import json
import shutil
import subprocess
import tarfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from initializer_support.web import Web

PROGRAM = shutil.which("docker-registry") or shutil.which("registry")
MANIFEST, INDEX = "application/vnd.oci.image.manifest.v1+json", "application/vnd.oci.image.index.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"


def digest(data: bytes) -> str:
    """The digest of a blob, as registries write it."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def layer(files: Mapping[str, bytes | None]) -> bytes:
    """A compressed layer. A name with `None` is a folder."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.type = tarfile.DIRTYPE if data is None else tarfile.REGTYPE
            member.size = len(data or b"")
            archive.addfile(member, io.BytesIO(data or b""))
    return gzip.compress(out.getvalue(), mtime=0)


def image(layers: list[bytes], media_type: str = LAYER, titles: tuple[str, ...] = ()) -> tuple[bytes, dict[str, bytes]]:
    """The manifest of an image and its blobs by digest. `titles` are the names of layers that are files."""
    config = b"{}"
    described: list[dict[str, Any]] = [
        {"mediaType": media_type, "digest": digest(data), "size": len(data)} for data in layers
    ]
    for each, title in zip(described, titles, strict=False):
        each["annotations"] = {"org.opencontainers.image.title": title}
    about = {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": digest(config), "size": len(config)}
    manifest = {"schemaVersion": 2, "mediaType": MANIFEST, "config": about, "layers": described}
    return json.dumps(manifest).encode(), {digest(data): data for data in (config, *layers)}


def index(*manifests: tuple[bytes, str]) -> bytes:
    """An index of manifests, each with the processor that it is for."""
    entries = [
        {
            "mediaType": MANIFEST,
            "digest": digest(data),
            "size": len(data),
            "platform": {"os": "linux", "architecture": name},
        }
        for data, name in manifests
    ]
    return json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries}).encode()


def push(host: str, name: str, manifest: bytes, blobs: Mapping[str, bytes], tag: str, kind: str = MANIFEST) -> str:
    """Pushes an image to a registry without TLS; returns its URI."""
    with httpx.Client(base_url=f"http://{host}/v2/{name}", timeout=30) as http:
        for key, data in blobs.items():
            where = httpx.URL(http.post("/blobs/uploads/").headers["location"]).copy_merge_params({"digest": key})
            http.put(where, content=data).raise_for_status()
        http.put(f"/manifests/{tag}", content=manifest, headers={"Content-Type": kind}).raise_for_status()
    return f"oci://{host}/{name}:{tag}"


@contextmanager
def docker_registry(folder: Path, port: int) -> Iterator[str]:
    """A registry in a folder; yields host and port."""
    config = folder / "registry.yaml"
    host = f"127.0.0.1:{port}"
    storage = f"storage: {{filesystem: {{rootdirectory: {folder}/data}}}}"
    config.write_text(f"version: 0.1\nlog: {{level: error}}\n{storage}\nhttp: {{addr: '{host}'}}\n")
    with (folder / "registry.log").open("w") as log:
        child = subprocess.Popen([str(PROGRAM), "serve", str(config)], stdout=log, stderr=log)
    try:
        end = time.monotonic() + 60
        while not _answers(host):
            assert time.monotonic() < end, (folder / "registry.log").read_text()
            time.sleep(0.05)
        yield host
    finally:
        child.terminate()
        child.wait()


def _answers(host: str) -> bool:
    try:
        return httpx.get(f"http://{host}/v2/").is_success
    except httpx.TransportError:
        return False


def serve(web: Web, name: str, manifest: bytes, blobs: Mapping[str, bytes], **options: Any) -> str:
    """Puts an image on a web server, whose answers a test can change; returns its URI."""
    web.serve(f"/v2/{name}/manifests/1", manifest, content_type=MANIFEST, **options)
    for key, data in blobs.items():
        web.serve(f"/v2/{name}/blobs/{key}", data, **options)
    return f"oci://{web.url.removeprefix('http://')}/{name}:1"
