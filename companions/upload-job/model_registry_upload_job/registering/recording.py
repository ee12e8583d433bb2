"""What every intent writes on an artifact: pending, uploaded or failed, the digests of its files, and the job."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from model_registry_client import ModelArtifact, Registry
from model_registry_client.limits import MOST_PROPERTY_NAME_BYTES
from model_registry_client.states import ArtifactState

from model_registry_upload_job.destinations.uploaded import Uploaded

log = logging.getLogger(__name__)
JOB, ERROR, STATE_BEFORE, PROGRESS = "upload_job", "upload_error", "upload_state_before", "upload_progress"
SHA256, SIZE = "sha256", "upload_size"
"""The size is a text: Kubeflow's newest Python client cannot read whole numbers of more than 9 digits."""
_LONGEST_ERROR = 2_000


@dataclass(frozen=True)
class Ids:
    """The ids for the message of a finished job; empty if they are not known."""

    model: str = ""
    version: str = ""
    artifact: str = ""

    def shown(self) -> dict[str, dict[str, str]]:
        """Returns them by the names of their kinds, without those that are not known."""
        found = {"RegisteredModel": self.model, "ModelVersion": self.version, "ModelArtifact": self.artifact}
        return {kind: {"id": id_} for kind, id_ in found.items() if id_}


class Intent(Protocol):
    """What a job registers."""

    def check(self) -> Ids | None:
        """Checks everything before any byte moves. Returns ids if an earlier try has done all already. Raises `UploadError`."""

    def begin(self) -> None:
        """Makes the artifact pending."""

    def finish(self, uploaded: Uploaded) -> Ids:
        """Makes the artifact live, with its address and the digests of its files."""

    def report(self, progress: str) -> None:
        """Writes on the artifact how far the job is."""

    def fail(self, reason: str) -> None:
        """Puts the state back, and writes the reason on the artifact."""


@dataclass
class Recorder:
    """Writes on artifacts. `job`: the id of the job."""

    registry: Registry
    job: str
    fields: Mapping[str, Any] = field(default_factory=dict)

    def pending(self, artifact: ModelArtifact) -> ModelArtifact:
        """Makes an artifact pending, and notes its state before."""
        noted = {JOB: self.job}
        before = artifact.custom_properties.get(STATE_BEFORE)
        if artifact.state != ArtifactState.PENDING:
            noted[STATE_BEFORE] = (artifact.state or ArtifactState.UNKNOWN).value
        elif isinstance(before, str):  # an earlier try ended in between
            noted[STATE_BEFORE] = before
        properties = {**_without(artifact, ERROR, PROGRESS), **noted}
        return self._update(artifact, state=ArtifactState.PENDING, custom_properties=properties)

    def live(self, artifact: ModelArtifact, uploaded: Uploaded) -> ModelArtifact:
        """Makes an artifact live, with its address and the digests of its files."""
        kept = {
            name: value
            for name, value in _without(artifact, ERROR, STATE_BEFORE, PROGRESS).items()
            if name != SHA256 and not name.startswith(f"{SHA256}:")
        }
        properties = {**kept, JOB: self.job, SIZE: str(uploaded.size), **digests(uploaded.hashes)}
        return self._update(artifact, uri=uploaded.uri, state=ArtifactState.LIVE, custom_properties=properties)

    def progress(self, artifact: ModelArtifact, text: str) -> None:
        """Writes how far the job is, while the artifact is pending for this job."""
        properties = artifact.custom_properties
        if artifact.state == ArtifactState.PENDING and properties.get(JOB) == self.job:
            self._update(artifact, state=artifact.state, custom_properties={**properties, PROGRESS: text})

    def failed(self, artifact: ModelArtifact, reason: str, otherwise: ArtifactState) -> None:
        """Puts the state back, or sets `otherwise` if there was none before; and writes the reason on the artifact."""
        before = artifact.custom_properties.get(STATE_BEFORE)
        state = ArtifactState(before) if isinstance(before, str) else otherwise
        kept = _without(artifact, STATE_BEFORE, PROGRESS)
        properties = {**kept, JOB: self.job, ERROR: reason[:_LONGEST_ERROR]}
        self._update(artifact, state=state, custom_properties=properties)

    def _update(self, artifact: ModelArtifact, **fields: Any) -> ModelArtifact:
        return self.registry.update(ModelArtifact, artifact.id, {**self.fields, **fields})


def digests(hashes: Mapping[str, str]) -> dict[str, str]:
    """Returns the custom properties for the digests of files: `sha256` for a single file, else `sha256:<path>`."""
    if len(hashes) == 1:
        return {SHA256: next(iter(hashes.values()))}
    named = {f"{SHA256}:{path}": digest for path, digest in hashes.items()}
    short = {name: digest for name, digest in named.items() if len(name.encode()) <= MOST_PROPERTY_NAME_BYTES}
    if left_out := len(named) - len(short):
        log.warning("The SHA-256 of %d files is not recorded: their paths are too long", left_out)
    return short


def _without(artifact: ModelArtifact, *names: str) -> dict[str, Any]:
    return {name: value for name, value in artifact.custom_properties.items() if name not in names}
