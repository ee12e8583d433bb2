"""The intents create_model and create_version: what is registered exists from the start, with a pending artifact."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from model_registry_client import ModelArtifact, ModelVersion, NotFound, RegisteredModel, Registry
from model_registry_client.bodies import below, checked_new
from model_registry_client.errors import InvalidValue
from model_registry_client.states import ArtifactState

from model_registry_upload_job.destinations.uploaded import Uploaded
from model_registry_upload_job.problems import AlreadyThere, UploadError
from model_registry_upload_job.registering.recording import JOB, Ids, Recorder


@dataclass(frozen=True)
class Creation:
    """What is created.

    Attributes:
        version: The fields of the version.
        artifact: The fields of the artifact. Without a name it is called as the model.
        model: The fields of the model; without them `model_id` names one that is there.
        model_id: The id of a model.
    """

    version: Mapping[str, Any]
    artifact: Mapping[str, Any]
    model: Mapping[str, Any] | None = None
    model_id: str = ""


class Create:
    """Creates a version with its files, and its model if that is wanted.

    Models and versions of this job are known by their external ids, so a second try finishes what the first one began. What an
    earlier upload left behind when it failed is used again.

    Args:
        registry: The registry.
        job: The id of the job.
        creation: What is created.
        may_be_done: Whether a version whose files this job has uploaded counts as done.
    """

    def __init__(self, registry: Registry, job: str, creation: Creation, *, may_be_done: bool) -> None:
        self._registry, self._job, self._creation, self._may_be_done = registry, job, creation, may_be_done
        self._recorder = Recorder(registry, job)
        self._model: RegisteredModel | None = None
        self._version: ModelVersion | None = None
        self._artifact: ModelArtifact | None = None

    def check(self) -> Ids | None:
        """Checks all fields, and that nothing of these names is there except what this job, or a failed one, made."""
        self._check_fields()
        self._model = self._find_model()
        if not self._model:
            return None
        self._version = self._find_version(self._model)
        artifacts = self._artifacts(self._version) if self._version else []
        ours = [each for each in artifacts if each.external_id == self._job]
        if ours and ours[0].state == ArtifactState.LIVE and self._may_be_done:
            self._artifact = ours[0]
            return self._ids()
        can_go_on = all(_is_unfinished(each, self._job) for each in artifacts)
        if self._version and not (can_go_on and (artifacts or self._is_ours(self._version))):
            raise self._exists(self._version)
        if self._creation.model is not None and not self._may_use(self._model):
            raise AlreadyThere(
                f"The registered model {self._model.name!r} already exists.",
                "Use 'create_version' to add a version to it, or choose another name.",
            )
        self._artifact = artifacts[0] if artifacts else None
        return None

    def begin(self) -> None:
        """Creates what is missing, with an artifact that is pending."""
        if not self._model:
            fields = {**(self._creation.model or {}), "external_id": f"{self._job}:model"}
            self._model = self._registry.create(RegisteredModel, fields)
        if not self._version:
            under = below(ModelVersion, registered_model_id=self._model.id)
            fields = {**self._creation.version, "external_id": f"{self._job}:version"}
            self._version = self._registry.create(ModelVersion, fields, under)
        if self._artifact:
            changes = {name: value for name, value in self._creation.artifact.items() if name != "name"}
            changes |= {"external_id": self._job, "state": ArtifactState.PENDING}
            changes["custom_properties"] = self._properties()
            self._artifact = self._registry.update(ModelArtifact, self._artifact.id, changes)
            return
        fields = {"name": self._model.name, **self._creation.artifact}
        fields |= {"external_id": self._job, "state": ArtifactState.PENDING}
        fields["custom_properties"] = self._properties()
        under = below(ModelArtifact, model_version_id=self._version.id)
        self._artifact = self._registry.create(ModelArtifact, fields, under)

    def finish(self, uploaded: Uploaded) -> Ids:
        """Makes the artifact live."""
        self._recorder.live(self._read(), uploaded)
        return self._ids()

    def report(self, progress: str) -> None:
        """Writes on the artifact how far the job is."""
        self._recorder.progress(self._read(), progress)

    def fail(self, reason: str) -> None:
        """Makes the artifact abandoned, if there is one."""
        if self._artifact:
            self._recorder.failed(self._read(), reason, ArtifactState.ABANDONED)

    def _read(self) -> ModelArtifact:
        if self._artifact is None:
            raise UploadError("The artifact was not created.")
        return self._registry.get(ModelArtifact, self._artifact.id)

    def _properties(self) -> dict[str, Any]:
        return {**self._creation.artifact.get("custom_properties", {}), JOB: self._job}

    def _ids(self) -> Ids:
        found = (self._model, self._version, self._artifact)
        return Ids(*(each.id if each else "" for each in found))

    def _check_fields(self) -> None:
        try:
            if self._creation.model is not None:
                checked_new(RegisteredModel, {**self._creation.model, "external_id": f"{self._job}:model"}, None)
            version = {**self._creation.version, "external_id": f"{self._job}:version"}
            checked_new(ModelVersion, version, below(ModelVersion, registered_model_id="1"))
            artifact = {**self._creation.artifact, "external_id": self._job}
            checked_new(ModelArtifact, artifact, below(ModelArtifact, model_version_id="1"))
        except InvalidValue as error:
            raise UploadError(str(getattr(error, "message", error)), "Correct the metadata.") from error

    def _find_model(self) -> RegisteredModel | None:
        if self._creation.model is not None:
            return self._registry.find(RegisteredModel, self._creation.model["name"])
        try:
            return self._registry.get(RegisteredModel, self._creation.model_id)
        except NotFound as error:
            raise UploadError(
                f"The registered model {self._creation.model_id} was not found.", "Check --model-id."
            ) from error

    def _find_version(self, model: RegisteredModel) -> ModelVersion | None:
        under = below(ModelVersion, registered_model_id=model.id)
        return self._registry.find(ModelVersion, self._creation.version["name"], under)

    def _artifacts(self, version: ModelVersion) -> list[ModelArtifact]:
        return list(self._registry.list(ModelArtifact, below(ModelArtifact, model_version_id=version.id)))

    def _is_ours(self, entity: RegisteredModel | ModelVersion) -> bool:
        return (entity.external_id or "").rpartition(":")[0] == self._job

    def _may_use(self, model: RegisteredModel) -> bool:
        """Whether a model is what this job made, or only has what a failed upload of the same version left."""
        if self._is_ours(model):
            return True
        under = below(ModelVersion, registered_model_id=model.id)
        versions = [each.id for each in self._registry.list(ModelVersion, under)]
        return bool(self._version and versions == [self._version.id])

    def _exists(self, version: ModelVersion) -> AlreadyThere:
        intent = "create_model" if self._creation.model is not None else "create_version"
        model = self._model.name if self._model else ""
        if intent == "create_model":
            return AlreadyThere(
                f"The registered model {model!r} already exists.",
                "Use 'create_version' to add a version to it, or choose another name.",
            )
        return AlreadyThere(
            f"Cannot create version: the model {model!r} has a version {version.name!r} already.",
            "Choose another name, or use 'update_artifact' for its files.",
        )


def _is_unfinished(artifact: ModelArtifact, job: str) -> bool:
    """Whether an artifact is one of this job that is not live, or one that a failed upload abandoned."""
    if artifact.external_id == job:
        return artifact.state != ArtifactState.LIVE
    return artifact.state == ArtifactState.ABANDONED and JOB in artifact.custom_properties
