"""What the extensions of Model Registry Proxy answer: the user of a client, audit records, and curves of metrics."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self

from model_registry_client.entities import Artifact, Metric
from model_registry_client.entity import Entity


@dataclass(frozen=True)
class Identity:
    """The user as which the server knows this client.

    Attributes:
        user: The name of the user; `anonymous` if the server requires no authentication.
        groups: The groups of the user.
        authentication: How the request was authenticated: `none`, `tokens`, `jwt` or `gateway`.
        role: The role for what no rule of the policy names: `none`, `reader`, `writer` or `admin`.
        highest_role: The highest role for anything.
        model_roles: The role for each registered model that was asked about, by its id. A hidden or missing one is left out.
    """

    user: str
    groups: tuple[str, ...]
    authentication: str
    role: str
    highest_role: str
    model_roles: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_wire(cls, answer: Mapping[str, Any]) -> Self:
        """Reads the JSON of the server."""
        return cls(
            user=answer["user"],
            groups=tuple(answer["groups"]),
            authentication=answer["authentication"],
            role=answer["role"],
            highest_role=answer["highestRole"],
            model_roles={each["id"]: each["role"] for each in answer.get("models", ())},
        )


@dataclass(frozen=True)
class AuditRecord:
    """A request that changed something, that would have changed something, or that was denied.

    Attributes:
        time: The time of the answer, in UTC.
        user: The user; `anonymous` if the server requires no authentication, `None` for a client without a valid identity.
        changed: The names of the fields in the request, such as `owner` or `customProperties.stage`.
        outcome: `done`, `failed`, `denied`, or `unanswered`.
        kind: The kind of the entity, such as `registered_model`.
        id: The id of the entity; `None` if none was created.
        name: The name of the entity at that time, as far as the request shows it.
        operation: The operationId.
        request_id: The id of the request, as in the log of the server.
        status: The HTTP status; `None` if no answer was sent.
        peer: The address of the connection; for admins and the user only.
    """

    time: datetime
    user: str | None
    changed: tuple[str, ...]
    outcome: str
    kind: str | None = None
    id: str | None = None
    name: str | None = None
    operation: str | None = None
    request_id: str | None = None
    status: int | None = None
    peer: str | None = None

    @classmethod
    def from_wire(cls, answer: Mapping[str, Any]) -> Self:
        """Reads the JSON of the server."""
        return cls(
            time=datetime.fromtimestamp(int(answer["time"]) / 1000, UTC),
            user=answer.get("user"),
            changed=tuple(answer["changed"]),
            outcome=answer["outcome"],
            kind=answer.get("kind"),
            id=answer.get("id"),
            name=answer.get("name"),
            operation=answer.get("operation"),
            request_id=answer.get("requestId"),
            status=answer.get("status"),
            peer=answer.get("peer"),
        )


@dataclass(frozen=True)
class MetricCurve:
    """The values that a metric of a run has had, with steps and times.

    Attributes:
        name: The name of the metric.
        count: The number of values, before any was left out.
        is_complete: Whether the server has read all values. If not, there are more than its scan limit.
        points: The values by step. Where some are left out, the first, the last and all extremes are there.
    """

    name: str
    count: int
    is_complete: bool
    points: tuple[Metric, ...]

    @property
    def is_thinned(self) -> bool:
        """Whether values were left out."""
        return len(self.points) < self.count

    @classmethod
    def from_wire(cls, answer: Mapping[str, Any]) -> Self:
        """Reads the JSON of the server."""
        points = tuple(Metric.from_wire({"name": answer["name"], **point}) for point in answer["points"])
        return cls(answer["name"], answer["count"], answer["isComplete"], points)


def audited_kind(entity: Entity) -> str:
    """Returns the kind of an entity in questions for audit records; artifacts of all kinds have one."""
    words = Artifact.words if isinstance(entity, Artifact) else entity.words
    return words.replace(" ", "_")


def milliseconds(time: datetime | None) -> int | None:
    """Returns a time in ms since 1970-01-01 UTC. A time without a time zone is local time."""
    return None if time is None else round(time.timestamp() * 1000)
