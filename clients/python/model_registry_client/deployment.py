"""A deployment: one row that combines the entities that describe it."""

from dataclasses import dataclass

from model_registry_client.entities import (
    InferenceService,
    ModelVersion,
    RegisteredModel,
    ServeModel,
    ServingEnvironment,
)
from model_registry_client.states import ExecutionState, InferenceServiceState


@dataclass(frozen=True)
class Deployment:
    """A registered model in a serving environment.

    Attributes:
        model: The registered model.
        environment: The serving environment.
        service: The inference service that links the two.
        version: The version that the inference service names, else the newest version of the model; `None` if there is none.
        serve: The newest serve record of the inference service, if there is one.
    """

    model: RegisteredModel
    environment: ServingEnvironment
    service: InferenceService
    version: ModelVersion | None = None
    serve: ServeModel | None = None

    @property
    def is_deployed(self) -> bool:
        """Whether the desired state is not UNDEPLOYED."""
        return self.service.desired_state is not InferenceServiceState.UNDEPLOYED

    @property
    def is_pinned(self) -> bool:
        """Whether the inference service names a version, so that a newer version does not replace it."""
        return bool(self.service.model_version_id)

    @property
    def last_known_state(self) -> ExecutionState | None:
        """The state in the newest serve record; `None` if there is no record."""
        return self.serve.last_known_state if self.serve else None

    @property
    def has_drift(self) -> bool:
        """Whether what was seen last differs from what is meant to run; `False` without a record."""
        return differs(self.service, self.version.id if self.version else "", self.serve)

    def __str__(self) -> str:
        version = self.version.name if self.version else "no version"
        wanted = "deployed" if self.is_deployed else "undeployed"
        seen = f", last seen {self.last_known_state.value}" if self.last_known_state else ""
        drift = ", drift" if self.has_drift else ""
        return f"{self.model.name} {version} in {self.environment.name} as {self.service.name}: {wanted}{seen}{drift}"


def differs(service: InferenceService, version_id: str, serve: ServeModel | None) -> bool:
    """Returns whether the newest serve of an inference service differs from what is meant to run.

    Args:
        service: The inference service.
        version_id: The version that is meant: its own one, or the newest of its model. Empty if it is not known.
        serve: Its newest serve, if there is one.
    """
    if not serve:
        return False
    if service.desired_state is InferenceServiceState.UNDEPLOYED:
        return serve.last_known_state is ExecutionState.RUNNING
    is_other = bool(version_id) and serve.model_version_id != version_id
    return is_other or serve.last_known_state is ExecutionState.FAILED
