"""The files below /models in an image of an OCI registry."""

from collections.abc import Sequence
from pathlib import Path

from model_registry_upload_job.oci import base_image
from model_registry_upload_job.oci.client import Registry
from model_registry_upload_job.oci.layers import FOLDER
from model_registry_upload_job.problems import UploadError
from model_registry_upload_job.sources import archives
from model_registry_upload_job.sources.http_source import body_of
from model_registry_upload_job.sources.remote import Reading, RemoteFile

_ZSTD = "zstd"


class ImageSource:
    """An image for KServe."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._layers: list[str] = []

    @property
    def name(self) -> str:
        """The address of the image."""
        return f"oci://{self._registry.reference}"

    def files(self) -> Sequence[RemoteFile]:
        """Lists the layers of the image for one platform: the files of a model are the same on all."""
        _, manifest = next(iter(base_image.manifests(self._registry)))
        layers = manifest["layers"]
        if packed := next((each for each in layers if _ZSTD in each["mediaType"]), None):
            raise UploadError(f"{self.name} has a layer of the type {packed['mediaType']}, which cannot be unpacked.")
        self._layers = [_file_name(each["digest"]) for each in layers]
        unique = {each["digest"]: each["size"] for each in layers}
        return [
            RemoteFile(_file_name(digest), size, digest, digest.removeprefix("sha256:"))
            for digest, size in unique.items()
        ]

    def read(self, file: RemoteFile, offset: int) -> Reading:
        """Reads a layer from a byte on."""
        headers = {"Range": f"bytes={offset}-"} if offset else {}
        response = self._registry.stream("GET", self._registry.url(f"blobs/{file.mark}"), headers=headers, follow=True)
        return body_of(response, offset, self.name)

    def arrange(self, fetched: Path, folder: Path) -> Path:
        """Unpacks the files below /models of each layer, in their order."""
        folder.mkdir(parents=True, exist_ok=True)
        for layer in self._layers:
            archives.unpack(fetched / layer, folder, FOLDER)
        if not any(folder.iterdir()):
            raise UploadError(f"{self.name} has no files below /{FOLDER}.", "It is no image of a model.")
        return folder


def _file_name(digest: str) -> str:
    return f"{digest.removeprefix('sha256:')}.tar"
