"""What a model catalog holds: sources, models to be discovered, and their artifacts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from model_registry_client.custom_properties import PropertyValue, from_wire


@dataclass(frozen=True)
class CatalogSource:
    """A source of a catalog, such as a YAML file or an organisation of Hugging Face.

    Attributes:
        id: The id, by which models name it.
        name: The name for people.
        labels: Texts by which sources are chosen.
        enabled: Whether it is read.
        status: `available`, `partially-available`, `error` or `disabled`; `None` before it was read.
        error: What is wrong with it.
    """

    id: str
    name: str
    labels: tuple[str, ...]
    enabled: bool
    status: str | None = None
    error: str | None = None

    @classmethod
    def from_wire(cls, answer: Mapping[str, Any]) -> Self:
        """Reads the JSON of the server."""
        return cls(
            id=answer["id"],
            name=answer["name"],
            labels=tuple(answer.get("labels") or ()),
            enabled=answer.get("enabled", True),
            status=answer.get("status"),
            error=answer.get("error"),
        )


@dataclass(frozen=True)
class CatalogModel:
    """A model of a catalog.

    Attributes:
        source_id: The source that it comes from.
        name: The name, unique in its source.
        description: A text for people.
        provider: The organisation or person that made it.
        license: The licence by its usual name.
        library: The library that loads it.
        maturity: How far it is, in the words of its provider.
        tasks: What it can do.
        languages: The languages that it knows.
        readme: A text in Markdown.
        custom_properties: More values by name.
        wire: The JSON of the server, with what has no attribute here.
    """

    source_id: str
    name: str
    description: str | None = None
    provider: str | None = None
    license: str | None = None
    library: str | None = None
    maturity: str | None = None
    tasks: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    readme: str | None = None
    custom_properties: Mapping[str, PropertyValue] = field(default_factory=dict)
    wire: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_wire(cls, answer: Mapping[str, Any]) -> Self:
        """Reads the JSON of the server."""
        return cls(
            source_id=answer["source_id"],
            name=answer["name"],
            description=answer.get("description"),
            provider=answer.get("provider"),
            license=answer.get("license"),
            library=answer.get("libraryName"),
            maturity=answer.get("maturity"),
            tasks=tuple(answer.get("tasks") or ()),
            languages=tuple(answer.get("language") or ()),
            readme=answer.get("readme"),
            custom_properties=from_wire(answer.get("customProperties")),
            wire=answer,
        )


@dataclass(frozen=True)
class CatalogArtifact:
    """An artifact of a model of a catalog: files, or measurements.

    Attributes:
        artifact_type: `model-artifact` for files, `metrics-artifact` for measurements.
        uri: Where the files are.
        metrics_type: `performance-metrics` or `accuracy-metrics`.
        name: The name, if it has one.
        custom_properties: The measurements, or more values, by name.
        wire: The JSON of the server.
    """

    artifact_type: str
    uri: str | None = None
    metrics_type: str | None = None
    name: str | None = None
    custom_properties: Mapping[str, PropertyValue] = field(default_factory=dict)
    wire: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_wire(cls, answer: Mapping[str, Any]) -> Self:
        """Reads the JSON of the server."""
        return cls(
            artifact_type=answer["artifactType"],
            uri=answer.get("uri"),
            metrics_type=answer.get("metricsType"),
            name=answer.get("name"),
            custom_properties=from_wire(answer.get("customProperties")),
            wire=answer,
        )
