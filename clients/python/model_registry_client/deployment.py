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

    def __str__(self) -> str:
        version = self.version.name if self.version else "no version"
        wanted = "deployed" if self.is_deployed else "undeployed"
        seen = f", last seen {self.last_known_state.value}" if self.last_known_state else ""
        return f"{self.model.name} {version} in {self.environment.name} as {self.service.name}: {wanted}{seen}"
