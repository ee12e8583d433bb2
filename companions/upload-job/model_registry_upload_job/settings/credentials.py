"""Files with credentials, as Kubernetes mounts secrets: a folder with a file for each key, or a `.dockerconfigjson`."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from model_registry_upload_job.problems import UploadError
from model_registry_upload_job.settings.docker_config import DockerConfig

_AWS = {
    "aws-access-key-id": ("AWS_ACCESS_KEY_ID",),
    "aws-secret-access-key": ("AWS_SECRET_ACCESS_KEY",),
    "aws-session-token": ("AWS_SESSION_TOKEN",),
    "aws-region": ("AWS_REGION", "AWS_DEFAULT_REGION"),
    "aws-endpoint": ("AWS_ENDPOINT_URL", "AWS_S3_ENDPOINT"),
    "aws-bucket": ("AWS_BUCKET", "AWS_S3_BUCKET"),
}
"""The files for each option, the first that exists counts."""


def of_folders(values: Mapping[str, str]) -> dict[str, str]:
    """Returns the options that the named folders hold. Raises `UploadError` for a folder that does not exist."""
    found: dict[str, str] = {}
    for side in ("source", "destination"):
        if folder := values.get(f"{side}-s3-credentials-path"):
            found |= {f"{side}-{name}": value for name, value in _read(folder, _AWS)}
    if folder := values.get("source-uri-credentials-path"):
        found |= dict(_read(folder, {"source-uri": ("URI",)}))
    return found


def of_docker_config(values: Mapping[str, str]) -> dict[str, str]:
    """Returns user and password of each side that names a `.dockerconfigjson`, if it has some for its registry.

    Raises `UploadError` if the file cannot be read.
    """
    found: dict[str, str] = {}
    for side in ("source", "destination"):
        file = values.get(f"{side}-oci-credentials-path")
        image = values.get(f"{side}-oci-uri", "")
        registry = values.get(f"{side}-oci-registry") or image.partition("://")[2] or image
        if not file or not registry:
            continue
        login = DockerConfig.read(Path(file)).login(registry.partition("/")[0])
        if login:
            found |= {f"{side}-oci-username": login.user, f"{side}-oci-password": login.password}
    return found


def _read(folder: str, names: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, str]]:
    if not Path(folder).is_dir():
        raise UploadError(f"The folder with credentials {folder} does not exist.", "Mount the secret there.")
    for option, files in names.items():
        for path in (Path(folder, file) for file in files):
            if path.is_file() and (value := path.read_text("utf-8").strip()):
                yield option, value
                break
