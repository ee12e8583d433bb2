"""What the controller remembers of each object, so that a change that changes nothing costs no request."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from model_registry_client.entities import ServeModel


@dataclass(frozen=True, slots=True)
class Recorded:
    """A serve in the registry: the revision, its version, and the state."""

    revision: str
    version_id: str
    state: str


@dataclass(slots=True)
class Memory:
    """What is remembered of one object.

    Attributes:
        uid: The UID of the object. A recreated object is another one.
        number: The id of its entry; empty before it is known.
        in_step: What the registry was last brought in step with; `None` if that is to be done.
        are_serves_known: Whether `newest` was read from the registry.
        newest: The newest serve.
        versions: The version of each revision that was recorded.
        states: The last recorded state of each revision.
    """

    uid: str
    number: str = ""
    in_step: Any = None
    are_serves_known: bool = False
    newest: Recorded | None = None
    versions: dict[str, str] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)

    def load(self, serves: Iterable[ServeModel]) -> None:
        """Notes the serves of the entry, newest first."""
        self.are_serves_known = True
        for serve in serves:
            one = recorded(serve)
            self.newest = self.newest or one
            self.versions.setdefault(one.revision, one.version_id)
            self.states.setdefault(one.revision, one.state)

    def note(self, one: Recorded) -> None:
        """Notes a serve that was just recorded."""
        self.newest = one
        self.versions[one.revision], self.states[one.revision] = one.version_id, one.state


def recorded(serve: ServeModel) -> Recorded:
    """Reads a serve."""
    state = serve.last_known_state.value if serve.last_known_state else "UNKNOWN"
    return Recorded(str(serve.custom_properties.get("revision") or ""), serve.model_version_id, state)
