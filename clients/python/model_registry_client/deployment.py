"""What is deployed where: one row, put together from the entities that tell it."""

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

    `version`: the version that the inference service names, else the newest of the model; `None` where there is none.
    `serve`: the last record of what it served, where there is one.
    """

    model: RegisteredModel
    environment: ServingEnvironment
    service: InferenceService
    version: ModelVersion | None = None
    serve: ServeModel | None = None

    @property
    def is_deployed(self) -> bool:
        """Whether it is meant to run."""
        return self.service.desired_state is not InferenceServiceState.UNDEPLOYED

    @property
    def is_pinned(self) -> bool:
        """Whether it stays at its version when the model gets a newer one."""
        return bool(self.service.model_version_id)

    @property
    def last_known_state(self) -> ExecutionState | None:
        """How it was last seen, where anybody has told."""
        return self.serve.last_known_state if self.serve else None

    def __str__(self) -> str:
        version = self.version.name if self.version else "no version"
        wanted = "deployed" if self.is_deployed else "undeployed"
        seen = f", last seen {self.last_known_state.value}" if self.last_known_state else ""
        return f"{self.model.name} {version} in {self.environment.name} as {self.service.name}: {wanted}{seen}"
