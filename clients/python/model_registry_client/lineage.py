"""Lineage as Model Registry Proxy answers it: what was made from what, from data to deployments."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

from model_registry_client.custom_properties import PropertyValue, from_wire
from model_registry_client.entities import Artifact


@dataclass(frozen=True)
class Step:
    """Something that took artifacts and made others.

    Attributes:
        id: The id of the step.
        kind: What was done, such as `training` or `quantisation`.
        name: Its name; made up if none was given.
        inputs: The ids of the artifacts that it took.
        outputs: The ids of the artifacts that it made.
        custom_properties: Values of the user.
    """

    id: str
    kind: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    custom_properties: Mapping[str, PropertyValue]

    @classmethod
    def from_wire(cls, answer: Mapping[str, Any]) -> Self:
        """Reads the JSON of the server."""
        return cls(
            id=answer["id"],
            kind=answer["kind"],
            name=answer.get("name", ""),
            inputs=tuple(answer["inputArtifactIds"]),
            outputs=tuple(answer["outputArtifactIds"]),
            custom_properties=from_wire(answer["customProperties"]),
        )


@dataclass(frozen=True)
class LineageNode:
    """A node of a lineage.

    Attributes:
        ref: What edges call the node, such as `artifact/3`.
        kind: `artifact`, `step`, `experiment_run`, `model_version` or `inference_service`.
        id: The id of the entity.
        name: Its name, if it has one.
        created: When it was created, in UTC.
        artifact_type: The type of an artifact, such as `dataset-artifact`.
        uri: Where an artifact is.
        step_kind: What a step did.
        parent_name: The name of the model of a version, the experiment of a run, or the environment of a service.
    """

    ref: str
    kind: str
    id: str
    name: str = ""
    created: datetime | None = None
    artifact_type: str | None = None
    uri: str | None = None
    step_kind: str | None = None
    parent_name: str | None = None

    @classmethod
    def from_wire(cls, answer: Mapping[str, Any]) -> Self:
        """Reads the JSON of the server."""
        created = answer.get("createTimeSinceEpoch")
        return cls(
            ref=answer["ref"],
            kind=answer["kind"],
            id=answer["id"],
            name=answer.get("name", ""),
            created=datetime.fromtimestamp(int(created) / 1000, UTC) if created else None,
            artifact_type=answer.get("artifactType"),
            uri=answer.get("uri"),
            step_kind=answer.get("stepKind"),
            parent_name=answer.get("parentName"),
        )


@dataclass(frozen=True)
class Lineage:
    """A graph.

    Attributes:
        roots: The references of the nodes where it begins. A digest may belong to several.
        nodes: The nodes by their references, at most 500.
        edges: Pairs of references: what was there first, and what came of it.
        is_truncated: Whether there is more than that.
    """

    roots: tuple[str, ...]
    nodes: Mapping[str, LineageNode]
    edges: tuple[tuple[str, str], ...]
    is_truncated: bool

    @classmethod
    def from_wire(cls, answer: Mapping[str, Any]) -> Self:
        """Reads the JSON of the server."""
        return cls(
            roots=tuple(answer["roots"]),
            nodes={each["ref"]: LineageNode.from_wire(each) for each in answer["nodes"]},
            edges=tuple((each["from"], each["to"]) for each in answer["edges"]),
            is_truncated=answer["truncated"],
        )


def ids_of(artifacts: Iterable[str | Artifact]) -> list[str]:
    """Returns the ids of artifacts, which may be given as ids."""
    return [each if isinstance(each, str) else each.id for each in artifacts]
