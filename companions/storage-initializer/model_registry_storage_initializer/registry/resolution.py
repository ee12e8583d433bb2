"""From a `model-registry://` URI to the URI of the files: the registry is asked for the model, the version and the artifact."""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from model_registry_client import (
    ArtifactState,
    ModelArtifact,
    ModelVersion,
    ModelVersionState,
    OrderBy,
    RegisteredModel,
    Registry,
)
from model_registry_client.errors import Forbidden, RegistryError, Unauthorized

from model_registry_storage_initializer.errors import Failure
from model_registry_storage_initializer.registry.finding import found_model, patient, refused, spellings
from model_registry_storage_initializer.registry.named_versions import is_question, named_version
from model_registry_storage_initializer.registry.uris import guesses
from model_registry_storage_initializer.settings import Settings

logger = logging.getLogger(__name__)
USABLE = (ArtifactState.LIVE, ArtifactState.REFERENCE, ArtifactState.UNKNOWN)
"""The states of artifacts that may be served, the best one first. An artifact without a state counts as UNKNOWN."""
_DIGEST = re.compile(r"(?:sha256:)?([0-9a-fA-F]{64})")
_MOST_NAMES = 5


@dataclass(frozen=True)
class Resolved:
    """Where the files are, and what is known of them.

    Attributes:
        uri: The URI of the files.
        title: The model, version and artifact in words; empty for a URI that no registry was asked for.
        artifact_id: The id of the artifact; empty likewise.
        digests: The SHA-256 of files in hex by path; the path of the only file may be "".
    """

    uri: str
    title: str = ""
    artifact_id: str = ""
    digests: Mapping[str, str] = field(default_factory=dict)


def resolved(uri: str, settings: Settings) -> Resolved:
    """Asks the registry for the files of a `model-registry://` URI.

    Raises:
        Failure: The model, the version or a usable artifact does not exist, or the registry does not answer.
    """
    meanings, warning = guesses(uri, settings)
    if warning:
        logger.warning("%s", warning)
    found = found_model(meanings, settings)
    try:
        with patient(found.guess, settings) as registry:
            version = _version(registry, found.model, found.guess.version, settings)
            artifact = _artifact(registry, found.model, version)
    except (Unauthorized, Forbidden) as error:
        raise refused(found.guess.url, error) from error
    except RegistryError as error:
        raise Failure(str(error), f"Check the registry at {found.guess.url}.") from error
    title = (
        f'model "{found.model.name}" (id {found.model.id}), version "{version.name}" (id {version.id}), '
        f"artifact {artifact.id}"
    )
    return Resolved(str(artifact.uri), title, str(artifact.id), _digests(artifact))


def _version(registry: Registry, model: RegisteredModel, name: str | None, settings: Settings) -> ModelVersion:
    if name is None:
        return _newest(registry, model)
    for spelling in spellings(name):
        if version := registry.find_model_version(spelling, registered_model_id=model.id):
            if version.state is ModelVersionState.ARCHIVED:
                logger.warning(
                    'The version "%s" of the model "%s" is archived; it is served all the same.', name, model.name
                )
            return version
    if is_question(name):
        return named_version(registry, model, name, settings)
    versions = registry.list_model_versions(model.id, order_by=OrderBy.CREATE_TIME, descending=True)
    raise Failure(
        f'There is no version "{name}" of the registered model "{model.name}" at {registry.url}',
        f"Its newest versions are: {_names([version.name for version in versions])}.",
    )


def _newest(registry: Registry, model: RegisteredModel) -> ModelVersion:
    archived: list[str | None] = []
    for version in registry.list_model_versions(model.id, order_by=OrderBy.CREATE_TIME, descending=True):
        if version.state is not ModelVersionState.ARCHIVED:
            return version
        archived.append(version.name)
    if archived:
        raise Failure(
            f'All versions of the registered model "{model.name}" are archived: {_names(archived)}',
            "Restore one, or name one in the URI.",
        )
    raise Failure(f"no versions associated to registered model {model.name} at {registry.url}", "Register a version.")


def _artifact(registry: Registry, model: RegisteredModel, version: ModelVersion) -> ModelArtifact:
    where = f'version "{version.name}" of the registered model "{model.name}"'
    listed = list(
        registry.list_model_artifacts(model_version_id=version.id, order_by=OrderBy.CREATE_TIME, descending=True)
    )
    if not listed:
        raise Failure(f"no artifacts associated to model version {version.id}: {where}", "Register a model artifact.")
    usable = sorted((each for each in listed if _rank(each) < len(USABLE)), key=_rank)
    if not usable:
        states = ", ".join(
            f"{each.id} is {each.state.value if each.state else 'UNKNOWN'}" for each in listed[:_MOST_NAMES]
        )
        raise Failure(
            f"No model artifact of {where} can be served: {states}", "Finish its upload, or set its state to LIVE."
        )
    if not usable[0].uri:
        raise Failure(f"there is no storageUri supplied: artifact {usable[0].id} of {where} has no uri", "Set its uri.")
    return usable[0]


def _rank(artifact: ModelArtifact) -> int:
    state = artifact.state or ArtifactState.UNKNOWN
    return USABLE.index(state) if state in USABLE else len(USABLE)


def _digests(artifact: ModelArtifact) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in (artifact.custom_properties or {}).items():
        if name == "sha256" or name.startswith("sha256:"):
            if not (digest := _DIGEST.fullmatch(str(value).strip())):
                raise Failure(f'The custom property "{name}" of artifact {artifact.id} is no SHA-256: "{value}"')
            found[name.removeprefix("sha256").removeprefix(":")] = digest[1].lower()
    return found


def _names(names: list[str | None]) -> str:
    shown = ", ".join(f'"{name}"' for name in names[:_MOST_NAMES])
    return (shown or "none") + (f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else "")
