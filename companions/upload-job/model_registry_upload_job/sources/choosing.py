"""The source that an address or the settings name."""

import os
import re
from pathlib import Path
from urllib.parse import parse_qs, unquote

from model_registry_upload_job.oci.connecting import oci_registry
from model_registry_upload_job.problems import UploadError
from model_registry_upload_job.s3 import Bucket
from model_registry_upload_job.settings.reading import Settings
from model_registry_upload_job.sources.http_source import HttpSource
from model_registry_upload_job.sources.image_source import ImageSource
from model_registry_upload_job.sources.remote import Source
from model_registry_upload_job.sources.s3_source import S3Source

_SCHEME = re.compile(r"^([a-z][a-z0-9+.-]*)://", re.IGNORECASE)
_S3_QUERY = re.compile(r"\?((?:endpoint|defaultRegion)=.*)$")
_VOLUMES = Path("/mnt/pvc")


def source_of(settings: Settings) -> Source | Path:
    """Returns the source of a job. Raises `UploadError` if a setting is missing, or an address has no known form."""
    kind = settings.text("source-type")
    if kind == "s3":
        return S3Source(bucket_of(settings, "source"))
    if kind == "oci":
        return _image(settings, settings.needed("source-oci-uri", "--source-type oci"))
    return at(settings.needed("source-uri", "--source-type uri"), settings)


def at(address: str, settings: Settings) -> Source | Path:
    """Returns the source at an address; a path without a scheme is one of this machine. Raises `UploadError`."""
    found = _SCHEME.match(address)
    scheme = found[1].lower() if found else "file"
    rest = address[found.end() :] if found else address
    match scheme:
        case "file":
            return Path(unquote(rest) if found else rest)
        case "pvc":
            return _of_volume(rest)
        case "http" | "https":
            return HttpSource(address)
        case "s3":
            return S3Source(bucket_at(address, settings, "source"))
        case "oci" | "docker":
            return _image(settings, address)
        case "hf":
            from model_registry_upload_job.sources.hub_source import HubSource  # noqa: PLC0415 (its package takes long)

            return HubSource.at(rest)
    raise UploadError(
        f"The source {address!r} has an unknown scheme.", "Known are http, https, hf, s3, oci, pvc and file."
    )


def _image(settings: Settings, uri: str) -> Source:
    return ImageSource(oci_registry(settings, "source", uri))


def _of_volume(rest: str) -> Path:
    """The path of `pvc://NAME/PATH`: the volume must be mounted at /mnt/pvc/NAME, or at /mnt/pvc."""
    name, _, path = rest.partition("/")
    mounted = next((root for root in (_VOLUMES / name, _VOLUMES) if root.is_dir()), None)
    if not name or mounted is None:
        raise UploadError(
            f"The volume {name!r} is not mounted.", f"Mount it at {_VOLUMES / name}, or name its path by file://."
        )
    return mounted / unquote(path)


def bucket_of(settings: Settings, side: str) -> Bucket:
    """Returns the bucket of the source or the destination. Raises `UploadError` if it is not named."""
    why = f"--{side}-type s3"
    return Bucket(
        settings.needed(f"{side}-aws-bucket", why),
        settings.text(f"{side}-aws-key").strip("/"),
        settings.text(f"{side}-aws-endpoint"),
        settings.text(f"{side}-aws-region"),
        secrets_of(settings, side),
    )


def secrets_of(settings: Settings, side: str) -> dict[str, str]:
    """Returns the keys of a side by the names of obstore; all empty ones are left out, and then the environment counts."""
    names = {
        "access_key_id": "aws-access-key-id",
        "secret_access_key": "aws-secret-access-key",
        "session_token": "aws-session-token",
    }
    found = {key: settings.text(f"{side}-{name}") for key, name in names.items()}
    return {key: value for key, value in found.items() if value}


def bucket_at(address: str, settings: Settings, side: str) -> Bucket:
    """Returns the bucket at `s3://bucket/key`. Its query may name the endpoint and the region. Raises `UploadError`."""
    bare, query = address.partition("://")[2], ""
    if found := _S3_QUERY.search(bare):
        bare, query = bare[: found.start()], found[1]
    asked = {name: values[0] for name, values in parse_qs(query).items()}
    name, _, key = bare.partition("/")
    if not name:
        raise UploadError(f"{address!r} names no bucket.", "An example: s3://bucket/folder")
    endpoint = asked.get("endpoint") or settings.text(f"{side}-aws-endpoint") or os.environ.get("AWS_ENDPOINT_URL", "")
    region = asked.get("defaultRegion") or settings.text(f"{side}-aws-region")
    return Bucket(name, key.strip("/"), endpoint, region, secrets_of(settings, side))
