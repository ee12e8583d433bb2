"""Registers a model, a version and its files: three creates that belong together. For `register_model` and `mr register`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from model_registry_client import bodies, limits
from model_registry_client._sync.registry import Registry
from model_registry_client.bodies import below, checked_new
from model_registry_client.entities import ModelArtifact, ModelVersion, RegisteredModel
from model_registry_client.entity import Entity
from model_registry_client.errors import Conflict, InvalidValue, RegistryError

T = TypeVar("T")
M = TypeVar("M", bound=RegisteredModel)
_LONGEST_ID = 19


class AlreadyRegistered(RegistryError):
    """The model has a version of this name. `lacks_files`: this version has no artifact, and its content differs."""

    def __init__(self, model: str, version: str, *, lacks_files: bool) -> None:
        other = ", without files but with other content" if lacks_files else ""
        super().__init__(f"The model {model!r} has a version {version!r} already{other}.")
        self.lacks_files = lacks_files


@dataclass(frozen=True)
class Registered(Generic[M]):
    """The result of a registration. `is_new`: whether the model was created, not found."""

    model: M
    version: ModelVersion
    files: ModelArtifact
    is_new: bool


@dataclass(frozen=True)
class Registration:
    """The fields of a model, of its version and of its files, by name. Raises `InvalidValue` for a value that cannot be stored."""

    model: Mapping[str, Any]
    version: Mapping[str, Any]
    files: Mapping[str, Any]

    def __post_init__(self) -> None:
        needed = {"name of the model": self.model["name"], "version's name": self.version["name"]}
        for what, text in {**needed, "URI": self.files["uri"]}.items():
            if not isinstance(text, str):
                raise InvalidValue(f"The {what} must be a text; got {type(text).__name__}.")
            if not text:
                raise InvalidValue(f"The {what} must not be empty.")
        self._check(1, 1)

    def make(self, registry: Registry, kind: type[M]) -> Registered[M]:
        """Creates all three, in this order. After an earlier attempt that was interrupted, it continues.

        Args:
            registry: The registry.
            kind: The class of the returned model.

        Raises:
            AlreadyRegistered: The model has a version of this name.
            NotKept: A name is too long with the parent's id before it. Nothing is created.
            RegistryError: A request failed. The message says what exists by then.
        """
        self._check_long_names(registry)
        model, is_new = self._model(registry, kind)
        created = [f"the registered model {model.name!r} (id {model.id})"]
        version = _step(created, lambda: self._version(registry, model))
        created.append(f"the model version {version.name!r} (id {version.id})")
        under = below(ModelArtifact, model_version_id=version.id)
        return Registered(
            model, version, _step(created, lambda: registry.create(ModelArtifact, self.files, under)), is_new
        )

    def _check(self, model_digits: int, version_digits: int) -> None:
        """Checks all input, for ids of model and version with this number of digits."""
        checked_new(RegisteredModel, self.model, None)
        checked_new(ModelVersion, self.version, below(ModelVersion, registered_model_id="1" * model_digits))
        checked_new(ModelArtifact, self.files, below(ModelArtifact, model_version_id="1" * version_digits))

    def _check_long_names(self, registry: Registry) -> None:
        """Checks names that may be too long with an id before them, as exactly as possible before anything is created."""
        longest = max(len(fields["name"].encode()) for fields in (self.version, self.files))
        if longest + _LONGEST_ID + 1 <= limits.MOST_BYTES["name"]:
            return
        model = registry.find(RegisteredModel, self.model["name"])
        newest = max(_newest(registry, RegisteredModel), _newest(registry, ModelVersion))
        model_id = int(model.id) if model else newest + 1
        self._check(len(str(model_id)), len(str(max(newest, model_id) + 1)))

    def _model(self, registry: Registry, kind: type[M]) -> tuple[M, bool]:
        """Creates the model, or finds it after a conflict: one request for a new model, and safe for concurrent calls."""
        try:
            return registry.create(kind, self.model), True
        except Conflict:
            if found := registry.find(kind, self.model["name"]):
                return found, False
            raise

    def _version(self, registry: Registry, model: Entity) -> ModelVersion:
        """Creates the version, or finds the one that an earlier attempt left without files."""
        under = below(ModelVersion, registered_model_id=model.id)
        try:
            return registry.create(ModelVersion, self.version, under)
        except Conflict:
            found = registry.find(ModelVersion, self.version["name"], under)
            if found is None:
                raise
            files = registry.list(ModelArtifact, below(ModelArtifact, model_version_id=found.id), page_size=1)
            if next(files, None):
                raise AlreadyRegistered(model.name, found.name, lacks_files=False) from None
            if not bodies.holds(found, bodies.of_new(ModelVersion, self.version, under)):
                raise AlreadyRegistered(model.name, found.name, lacks_files=True) from None
            return found


def _step(created: list[str], step: Callable[[], T]) -> T:
    """Does a step. If it fails, the error says what exists by then."""
    try:
        return step()
    except AlreadyRegistered:
        raise
    except RegistryError as error:
        raise error.adding(bodies.what_exists(created)) from error.__cause__


def _newest(registry: Registry, kind: type[Entity]) -> int:
    newest = next(registry.list(kind, order_by="ID", descending=True, page_size=1), None)
    return int(newest.id) if newest else 0
