"""An upload without a file of settings: for `mr upload`, and for programs."""

import hashlib
import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from model_registry_client import RegisteredModel, Registry

from model_registry_upload_job.assembling import destination_of, folder_of
from model_registry_upload_job.destinations.s3_destination import S3Destination
from model_registry_upload_job.destinations.uploaded import Destination
from model_registry_upload_job.job import Job
from model_registry_upload_job.problems import UploadError
from model_registry_upload_job.progress import Progress
from model_registry_upload_job.registering.creating import Create, Creation
from model_registry_upload_job.registering.recording import Ids
from model_registry_upload_job.settings.reading import Settings
from model_registry_upload_job.sources.choosing import at, bucket_at


@dataclass(frozen=True)
class Upload:
    """What is uploaded, where to, and what is registered.

    Attributes:
        source: A path, or an address such as `hf://owner/model`.
        to: `oci://REGISTRY/NAME:TAG`, or `s3://BUCKET/KEY`.
        model: The fields of the model; without one of this name it is created.
        version: The fields of the new version.
        artifact: The fields of the artifact.
        job: The id of the upload; by default it follows from the target, the model and the version.
        settings: More settings, by the names of the options of the job.
        storage: The folder for files on their way; by default one of the system's folder for temporary files.
    """

    source: str
    to: str
    model: Mapping[str, object]
    version: Mapping[str, object]
    artifact: Mapping[str, object]
    job: str = ""
    settings: Mapping[str, str] | None = None
    storage: Path | None = None

    def run(self, registry: Registry, progress: Progress | None = None) -> Ids:
        """Uploads and registers. The same call after an interruption continues.

        Raises:
            AlreadyThere: The model has this version.
            UploadError: The upload failed; the artifact says why, if it was created.
            RegistryError: The registry refused a request, or does not respond.
        """
        settings = Settings({"destination-oci-uri": self.to, **(self.settings or {})}, frozenset())
        job = self.job or self._own_id(registry)
        folder = folder_of(self.storage or Path(tempfile.gettempdir(), "mr-upload"), job)
        intent = Create(registry, job, self._creation(registry), may_be_done=bool(self.job))
        source = at(self.source, settings)
        return Job(intent, source, self._destination(settings, folder), folder, progress or Progress()).run()

    def _own_id(self, registry: Registry) -> str:
        named = json.dumps([registry.url, self.to, self.model.get("name"), self.version.get("name")])
        return f"upload-{hashlib.sha256(named.encode()).hexdigest()[:24]}"

    def _creation(self, registry: Registry) -> Creation:
        found = registry.find(RegisteredModel, str(self.model["name"]))
        if found:
            return Creation(self.version, self.artifact, model_id=found.id)
        return Creation(self.version, self.artifact, self.model)

    def _destination(self, settings: Settings, folder: Path) -> Callable[[Callable[[int], None]], Destination]:
        scheme = self.to.partition("://")[0]
        if scheme == "s3":
            bucket = bucket_at(self.to, settings, "destination")
            return lambda note: S3Destination(bucket, note)
        if scheme not in ("oci", "docker"):
            raise UploadError(f"The target must begin with oci:// or s3://; got {self.to!r}.")
        return destination_of(settings, folder)
