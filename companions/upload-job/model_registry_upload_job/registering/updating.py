"""The intent update_artifact: the files of an artifact that is there."""

from model_registry_client import ModelArtifact, NotFound, Registry
from model_registry_client.states import ArtifactState

from model_registry_upload_job.destinations.uploaded import Uploaded
from model_registry_upload_job.problems import UploadError
from model_registry_upload_job.registering.recording import ERROR, JOB, Ids, Recorder


class UpdateArtifact:
    """Uploads the files of an artifact.

    Args:
        registry: The registry.
        job: The id of the job.
        ids: The id of the artifact; those of its version and its model are only reported.
        may_be_done: Whether an artifact that this job has made live counts as done.
    """

    def __init__(self, registry: Registry, job: str, ids: Ids, *, may_be_done: bool) -> None:
        self._registry, self._job, self._ids, self._may_be_done = registry, job, ids, may_be_done
        self._recorder = Recorder(registry, job)

    def check(self) -> Ids | None:
        """Finds the artifact."""
        artifact = self._read()
        properties = artifact.custom_properties
        is_ours = properties.get(JOB) == self._job and ERROR not in properties
        if is_ours and artifact.state == ArtifactState.LIVE and self._may_be_done:
            return self._ids
        return None

    def begin(self) -> None:
        """Makes it pending."""
        self._recorder.pending(self._read())

    def finish(self, uploaded: Uploaded) -> Ids:
        """Makes it live."""
        self._recorder.live(self._read(), uploaded)
        return self._ids

    def report(self, progress: str) -> None:
        """Writes on the artifact how far the job is."""
        self._recorder.progress(self._read(), progress)

    def fail(self, reason: str) -> None:
        """Puts its state back."""
        self._recorder.failed(self._read(), reason, ArtifactState.UNKNOWN)

    def _read(self) -> ModelArtifact:
        try:
            return self._registry.get(ModelArtifact, self._ids.artifact)
        except NotFound as error:
            raise UploadError(f"Artifact {self._ids.artifact} not found.", "Check --model-artifact-id.") from error
