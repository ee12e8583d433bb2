"""The image that files are added to: a small one of our own, or one of a registry."""

import contextlib
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

import httpx

from model_registry_upload_job.oci.blobs import Blob
from model_registry_upload_job.oci.client import Registry
from model_registry_upload_job.oci.layers import MEDIA_TYPE
from model_registry_upload_job.problems import UploadError
from model_registry_upload_job.retrying import retried

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
_DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
KINDS = f"{INDEX}, {MANIFEST}, {_DOCKER_LIST}, {_DOCKER_MANIFEST}"
_OCI_NAMES = {
    "application/vnd.docker.container.image.v1+json": "application/vnd.oci.image.config.v1+json",
    "application/vnd.docker.image.rootfs.diff.tar.gzip": "application/vnd.oci.image.layer.v1.tar+gzip",
    "application/vnd.docker.image.rootfs.diff.tar": MEDIA_TYPE,
}
"""Docker's media types, and those of OCI for the same contents."""


@dataclass(frozen=True)
class Platform:
    """The part of a base image for one platform. `config`: its configuration. `layers`: their descriptors."""

    platform: Mapping[str, Any]
    config: Mapping[str, Any]
    layers: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class BaseImage:
    """A base image. `repository`: where it lies in its registry, if it comes from one."""

    platforms: Sequence[Platform]
    blobs: Mapping[str, Blob] = field(repr=False)
    registry: str = ""
    repository: str = ""


def encoded(value: Mapping[str, Any]) -> bytes:
    """Returns JSON that is always the same for the same value."""
    return json.dumps(value, separators=(",", ":"), sort_keys=True).encode()


def digest_of(data: bytes) -> str:
    """Returns the digest of some bytes."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def own() -> BaseImage:
    """Returns the base image of our own: one program for each platform, which keeps the files in reach of serving containers.

    `modelcar/README.md` describes it.
    """
    platforms, blobs = [], {}
    for architecture in ("amd64", "arm64"):
        data = files("model_registry_upload_job").joinpath(f"modelcar/{architecture}.tar").read_bytes()
        digest = digest_of(data)
        blobs[digest] = Blob.of(digest, data)
        config = {
            "architecture": architecture,
            "os": "linux",
            "config": {"Entrypoint": ["/modelcar"], "Env": ["PATH=/bin"], "User": "65532:65532", "WorkingDir": "/"},
            "rootfs": {"type": "layers", "diff_ids": [digest]},
            "history": [{"created_by": "modelcar"}],
        }
        layer = {"mediaType": MEDIA_TYPE, "digest": digest, "size": len(data)}
        platforms.append(Platform({"architecture": architecture, "os": "linux"}, config, [layer]))
    return BaseImage(platforms, blobs)


def pulled(registry: Registry) -> BaseImage:
    """Reads the base image that a registry has. Its layers are read when they are sent. Raises `UploadError`."""
    found = list(manifests(registry))
    platforms, blobs = [], {}
    for entry, manifest in found:
        config = json.loads(blob_bytes(registry, manifest["config"]["digest"]))
        layers = [
            {**layer, "mediaType": _OCI_NAMES.get(layer["mediaType"], layer["mediaType"])}
            for layer in manifest["layers"]
        ]
        platform = entry or {"architecture": config.get("architecture"), "os": config.get("os")}
        platforms.append(Platform(platform, config, layers))
        for layer in layers:
            blobs[layer["digest"]] = _blob_of(registry, layer["digest"], layer["size"])
    return BaseImage(platforms, blobs, registry.reference.registry, registry.reference.repository)


def manifests(registry: Registry) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Yields platform and manifest of each image that a name stands for. The platform is empty for a single image.

    Raises:
        UploadError: There is no such image, or it has a form that is not known.
    """
    top = _manifest(registry, registry.reference.version)
    if "manifests" not in top:
        yield {}, _checked(registry, top)
        return
    for entry in top["manifests"]:
        platform = entry.get("platform") or {}
        if platform.get("os") != "unknown":  # attestations
            yield platform, _checked(registry, _manifest(registry, entry["digest"]))


def _manifest(registry: Registry, version: str) -> dict[str, Any]:
    url = registry.url(f"manifests/{version}")
    response = retried(lambda: registry.send("GET", url, headers={"Accept": KINDS}, follow=True, allowed=(404,)))
    if not response.is_success:
        raise UploadError(f"There is no image {registry.reference}.", "Check its name and its tag.")
    found = response.json()
    return found if isinstance(found, dict) else {}


def _checked(registry: Registry, manifest: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(manifest.get("layers"), list) or not isinstance(manifest.get("config"), dict):
        raise UploadError(
            f"The image {registry.reference} has a form that is not known.", "Push it again as an OCI image."
        )
    return manifest


def blob_bytes(registry: Registry, digest: str) -> bytes:
    """Reads a small blob. Raises `UploadError` if it is not what its digest says."""
    url = registry.url(f"blobs/{digest}")
    data = retried(lambda: registry.send("GET", url, follow=True)).content
    if digest_of(data) != digest:
        raise UploadError(f"The registry {registry.reference.registry} returns other bytes for {digest}.")
    return data


def _blob_of(registry: Registry, digest: str, size: int) -> Blob:
    def read(offset: int) -> Iterator[bytes]:
        headers = {"Range": f"bytes={offset}-"} if offset else {}
        response = registry.stream("GET", registry.url(f"blobs/{digest}"), headers=headers, follow=True)
        with contextlib.closing(response):
            skipped = offset if offset and response.status_code != httpx.codes.PARTIAL_CONTENT else 0
            for chunk in response.iter_raw():
                yield chunk[skipped:]
                skipped = max(skipped - len(chunk), 0)

    return Blob(digest, size, read)
