"""Files as an image for KServe in an OCI registry."""

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from model_registry_upload_job.destinations.uploaded import Uploaded
from model_registry_upload_job.model_files import ModelFile
from model_registry_upload_job.oci import base_image
from model_registry_upload_job.oci.base_image import INDEX, MANIFEST, BaseImage, Platform, digest_of, encoded
from model_registry_upload_job.oci.blobs import Blob, Sender
from model_registry_upload_job.oci.client import Registry
from model_registry_upload_job.oci.layers import MEDIA_TYPE, Layer, layers_of
from model_registry_upload_job.oci.sessions import Sessions
from model_registry_upload_job.parallel import run_all
from model_registry_upload_job.retrying import retried

log = logging.getLogger(__name__)
_AT_ONCE = 4
_CONFIG = "application/vnd.oci.image.config.v1+json"
_TITLE = "org.opencontainers.image.title"


class OciDestination:
    """An image of an OCI registry.

    Args:
        registry: The registry of the image.
        base: The registry of the base image; without it, the base image of our own.
        folder: A folder for what the next process needs to continue.
        note: Gets the number of bytes of each part that is sent, or was there.
        is_pinned: Whether the uri ends with the digest of the image.
    """

    def __init__(
        self, registry: Registry, base: Registry | None, folder: Path, note: Callable[[int], None], *, is_pinned: bool
    ) -> None:
        self._registry, self._base, self._is_pinned = registry, base, is_pinned
        self._sender = Sender(registry, Sessions(folder / "uploads.json"), note)
        self._image: BaseImage | None = None

    @property
    def name(self) -> str:
        """The address of the image."""
        return f"oci://{self._registry.reference}"

    def check(self) -> None:
        """Reads the base image, and begins an upload. Raises `UploadError` if one of them fails."""
        self._image = base_image.pulled(self._base) if self._base else base_image.own()
        self._sender.check()

    def put(self, files: Sequence[ModelFile], note_read: Callable[[int], None]) -> Uploaded:
        """Sends all files, then the image. Returns its address and the SHA-256 of each file."""
        image = self._image or base_image.own()
        layers = layers_of(files)
        actions = [partial(self._put_layer, layer, note_read) for layer in layers]
        actions += [partial(self._put_base, image, blob) for blob in image.blobs.values()]
        done = run_all(actions, _AT_ONCE, self._sender.stop)[: len(layers)]
        digest = self._put_image(image, [descriptor for descriptor, _ in done])
        hashes = {path: sha256 for _, found in done for path, sha256 in found.items()}
        log.info(
            "%s is %s: %d layers, %d bytes sent, %d blobs were there",
            self.name, digest, len(layers), self._sender.sent, self._sender.known,
        )  # fmt: skip
        uri = f"{self.name}@{digest}" if self._is_pinned else self.name
        return Uploaded(uri, hashes, self._sender.sent, sum(file.size for file in files))

    def abandon(self) -> None:
        """Deletes what was begun."""
        self._sender.abandon()

    def _put_layer(self, layer: Layer, note_read: Callable[[int], None]) -> tuple[dict[str, Any], dict[str, str]]:
        digest, hashes = layer.digests(note_read)
        self._sender.send(Blob(digest, layer.size, layer.read))
        return {
            "mediaType": MEDIA_TYPE,
            "digest": digest,
            "size": layer.size,
            "annotations": {_TITLE: layer.title},
        }, hashes

    def _put_base(self, image: BaseImage, blob: Blob) -> tuple[dict[str, Any], dict[str, str]]:
        is_near = image.registry == self._registry.reference.registry
        self._sender.send(blob, image.repository if is_near else "")
        return {}, {}

    def _put_image(self, image: BaseImage, layers: Sequence[Mapping[str, Any]]) -> str:
        entries = [
            {**self._put_manifest(self._platform_manifest(part, layers), MANIFEST), "platform": part.platform}
            for part in image.platforms
        ]
        index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": entries}
        return str(self._put_manifest(index, INDEX, self._registry.reference.tag)["digest"])

    def _platform_manifest(self, part: Platform, layers: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        rootfs = part.config["rootfs"]
        added = [{"created_by": f"model file {layer['annotations'][_TITLE]}"} for layer in layers]
        config = encoded(
            {
                **part.config,
                "rootfs": {**rootfs, "diff_ids": [*rootfs["diff_ids"], *(layer["digest"] for layer in layers)]},
                "history": [*part.config.get("history", []), *added],
            }
        )
        self._sender.send(Blob.of(digest_of(config), config))
        return {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": {"mediaType": _CONFIG, "digest": digest_of(config), "size": len(config)},
            "layers": [*part.layers, *layers],
        }

    def _put_manifest(self, manifest: Mapping[str, Any], kind: str, tag: str = "") -> dict[str, Any]:
        data = encoded(manifest)
        digest = digest_of(data)
        url = self._registry.url(f"manifests/{tag or digest}")
        retried(lambda: self._registry.send("PUT", url, body=data, headers={"Content-Type": kind}))
        return {"mediaType": kind, "digest": digest, "size": len(data)}
