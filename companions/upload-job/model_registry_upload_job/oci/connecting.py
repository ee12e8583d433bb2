"""The registry of an image, with the login that the settings or the user's own files have for it."""

from model_registry_upload_job.oci.client import Registry
from model_registry_upload_job.oci.reference import Reference
from model_registry_upload_job.settings.docker_config import DockerConfig, Login
from model_registry_upload_job.settings.reading import Settings


def oci_registry(settings: Settings, side: str, uri: str) -> Registry:
    """Returns the registry of an image.

    Args:
        settings: The settings.
        side: `source` or `destination`, whose login and whose check of certificates count.
        uri: The name of the image.

    Raises:
        UploadError: The name or a file with logins cannot be read.
    """
    reference = Reference.parse(uri)
    user = settings.text(f"{side}-oci-username")
    login = (
        Login(user, settings.text(f"{side}-oci-password")) if user else DockerConfig.of_user().login(reference.registry)
    )
    return Registry(reference, login, is_verified=settings.flag(f"{side}-oci-enable-tls-verify"))


def base_registry(settings: Settings, uri: str) -> Registry:
    """Returns the registry of the base image. At the registry of the destination it gets the same login."""
    reference = Reference.parse(uri)
    if reference.registry == Reference.parse(settings.text("destination-oci-uri")).registry:
        return oci_registry(settings, "destination", uri)
    login = DockerConfig.of_user().login(reference.registry)
    return Registry(reference, login, is_verified=settings.flag("destination-oci-enable-tls-verify"))
