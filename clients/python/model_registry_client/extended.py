"""What the extensions of Model Registry Proxy answer: the user of a client, and curves of metrics."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from model_registry_client.entities import Metric


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
