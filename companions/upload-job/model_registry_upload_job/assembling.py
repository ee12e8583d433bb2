"""Makes a job from its settings."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

from model_registry_client import Registry, RetryPolicy

from model_registry_upload_job import metadata
from model_registry_upload_job.destinations.oci_destination import OciDestination
from model_registry_upload_job.destinations.s3_destination import S3Destination
from model_registry_upload_job.destinations.uploaded import Destination
from model_registry_upload_job.job import Job
from model_registry_upload_job.metadata import Metadata
from model_registry_upload_job.oci.connecting import base_registry, oci_registry
from model_registry_upload_job.problems import UploadError
from model_registry_upload_job.registering.creating import Create, Creation
from model_registry_upload_job.registering.recording import Ids, Intent
from model_registry_upload_job.registering.updating import UpdateArtifact
from model_registry_upload_job.settings.reading import Settings
from model_registry_upload_job.signing import signer
from model_registry_upload_job.sources.choosing import bucket_of, source_of

RETRIES = RetryPolicy(attempts=8, first_pause=0.25, longest_pause=10.0)
_USUAL_VERSION, _USUAL_AUTHOR = "1.0.0", "registry-author"


def job_of(settings: Settings, identity: tuple[str, bool]) -> Job:
    """Makes a job.

    Args:
        settings: Its settings.
        identity: Its id, and whether it stands for this job only.

    Raises:
        UploadError: A setting is missing or does not fit.
    """
    job, is_exact = identity
    folder = folder_of(Path(settings.text("storage-path")), job)
    intent = intent_of(settings, registry_of(settings), job, may_be_done=is_exact)
    sign = signer(settings, folder)
    return Job(intent, source_of(settings), destination_of(settings, folder), folder, sign=sign)


def folder_of(storage: Path, job: str) -> Path:
    """Returns the folder of a job: no other job uses it."""
    readable = "".join(letter if letter.isalnum() or letter in "-_" else "_" for letter in job)[:60]
    return storage / f"{readable}-{hashlib.sha256(job.encode()).hexdigest()[:12]}"


def registry_of(settings: Settings) -> Registry:
    """Returns the model registry. No request is sent. Raises `UploadError` if it is not named."""
    address = settings.needed("registry-server-address", "every job")
    token_file = _of_variable(settings, "registry-user-token-envvar")
    return Registry(
        address if "://" in address else f"https://{address}",
        settings.number("registry-port"),
        is_secure=None if settings.flag("registry-is-secure") else False,
        token=settings.text("registry-user-token") or None,
        token_file=token_file or None,
        custom_ca=settings.text("registry-custom-ca") or _of_variable(settings, "registry-custom-ca-envvar") or None,
        retries=RETRIES,
    )


def _of_variable(settings: Settings, name: str) -> str:
    variable = settings.text(name)
    return os.environ.get(variable, "") if variable else ""


def intent_of(settings: Settings, registry: Registry, job: str, *, may_be_done: bool) -> Intent:
    """Returns what is registered. Raises `UploadError` if something for it is missing."""
    found = metadata.read(settings.text("metadata-configmap-path"))
    ids = Ids(
        settings.text("model-id") or found.ids.get("RegisteredModel", ""),
        settings.text("model-version-id") or found.ids.get("ModelVersion", ""),
        settings.text("model-artifact-id") or found.ids.get("ModelArtifact", ""),
    )
    intent = settings.text("model-upload-intent")
    if intent == "update_artifact":
        if not ids.artifact:
            raise UploadError("--model-artifact-id is needed for the intent update_artifact.", "Name the artifact.")
        return UpdateArtifact(registry, job, ids, may_be_done=may_be_done)
    return Create(registry, job, _creation(settings, found, ids, intent), may_be_done=may_be_done)


def _creation(settings: Settings, found: Metadata, ids: Ids, intent: str) -> Creation:
    author = settings.text("registry-author") or _USUAL_AUTHOR
    version = {"name": _USUAL_VERSION, "author": author, **found.version}
    if intent == "create_version":
        if not ids.model:
            raise UploadError("--model-id is needed for the intent create_version.", "Name the registered model.")
        return Creation(version, found.artifact, model_id=ids.model)
    name = found.model.get("name")
    if not name:
        raise UploadError("RegisteredModel.name is needed for the intent create_model.", "Add it to the metadata.")
    if ids.model:
        raise UploadError("The metadata has both RegisteredModel.name and RegisteredModel.id.", "Keep one of them.")
    return Creation(version, found.artifact, found.model)


def destination_of(settings: Settings, folder: Path) -> Callable[[Callable[[int], None]], Destination]:
    """Returns the function that makes the destination. Raises `UploadError` if it is not named."""
    if settings.text("destination-type") == "s3":
        bucket = bucket_of(settings, "destination")
        return lambda note: S3Destination(bucket, note)
    registry = oci_registry(settings, "destination", settings.needed("destination-oci-uri", "--destination-type oci"))
    base = settings.text("destination-oci-base-image")
    base_from = base_registry(settings, base) if base else None
    is_pinned = settings.flag("destination-oci-pin-digest")
    return lambda note: OciDestination(registry, base_from, folder, note, is_pinned=is_pinned)
