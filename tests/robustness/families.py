"""What the suite writes: families of entities, as its clients and its checker both see them.

A family has registers, the REST fields that hold values that name the call that wrote them, and at most one parent. This table is
the suite's own, so that a mistake in the product's tables cannot hide itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]

CONTEXT, ARTIFACT, EXECUTION = "context", "artifact", "execution"
MARKER, TOKEN = "marker", "token"
"""Custom properties: the call that created the entity, which never changes, and the call that wrote the map, which does."""

HISTORY_TYPE = "kf.MetricHistory"
ALIAS, ALIAS_TYPE, MOVE_TYPE = "production", "mr.Alias", "mr.AliasMove"
"""The alias that clients move, of each model, and the types of aliases and their moves."""


@dataclass(frozen=True)
class Family:
    """One family.

    `collection` is the path of its list and, with an id, of its rows; `below` the path of the list under a parent; `flat`
    says whether POST to the collection takes the parent's id in the body; `parent_field` is where bodies and rows hold
    it. `made` is what a create answers. `registers` are written by every create, `patched` also by PATCH. `extra` goes with
    every body, `needs` are fields with the id of another family. Namesakes below one parent are one entity where
    `is_unique`; where `is_upserted`, a second write of a name changes it.
    """

    name: str
    type_name: str
    kind: str
    collection: str
    registers: tuple[str, ...]
    patched: tuple[str, ...] = ()
    parent: str | None = None
    below: str = ""
    flat: bool = True
    parent_field: str | None = None
    find: str = ""
    made: int = 201
    extra: Mapping[str, Any] = field(default_factory=dict)
    needs: Mapping[str, str] = field(default_factory=dict)
    is_unique: bool = True
    is_upserted: bool = False

    @property
    def is_child_context(self) -> bool:
        """Whether it is put and linked by two calls of MLMD."""
        return self.kind == CONTEXT and self.parent is not None

    def list_path(self, parent: str | None) -> str:
        """The path of the list of all, or of those below a parent."""
        return self.below.format(parent) if parent else self.collection

    @property
    def list_query(self) -> dict[str, str]:
        """The query that makes a list show only this family."""
        return {"artifactType": self.extra["artifactType"]} if "artifactType" in self.extra else {}


_TEXTS = ("description", "owner", "customProperties")
_PLAIN = ("description", "customProperties")

FAMILIES: Mapping[str, Family] = {
    family.name: family
    for family in (
        Family(
            "registered model", "kf.RegisteredModel", CONTEXT, "/registered_models", find="/registered_model",
            registers=(*_TEXTS, "maturity", "license"), patched=(*_TEXTS, "maturity", "license"),
        ),
        Family(
            "model version", "kf.ModelVersion", CONTEXT, "/model_versions", find="/model_version",
            registers=(*_PLAIN, "author"), patched=(*_PLAIN, "author"),
            parent="registered model", below="/registered_models/{}/versions", parent_field="registeredModelId",
        ),
        Family(
            "model artifact", "kf.ModelArtifact", ARTIFACT, "/artifacts", find="/artifact", flat=False,
            registers=(*_PLAIN, "uri", "storagePath"), patched=(*_PLAIN, "uri", "storagePath"),
            parent="model version", below="/model_versions/{}/artifacts", extra={"artifactType": "model-artifact"},
        ),
        Family(
            "standalone document", "kf.DocArtifact", ARTIFACT, "/artifacts",
            registers=(*_PLAIN, "uri"), patched=(*_PLAIN, "uri"), is_unique=False,
            extra={"artifactType": "doc-artifact"},
        ),
        Family(
            "serving environment", "kf.ServingEnvironment", CONTEXT, "/serving_environments",
            find="/serving_environment", registers=_PLAIN, patched=_PLAIN,
        ),
        Family(
            "inference service", "kf.InferenceService", CONTEXT, "/inference_services", find="/inference_service",
            registers=(*_PLAIN, "runtime"), patched=(*_PLAIN, "runtime"),
            parent="serving environment", below="/serving_environments/{}/inference_services",
            parent_field="servingEnvironmentId", needs={"registeredModelId": "registered model"},
        ),
        Family(
            "serve", "kf.ServeModel", EXECUTION, "", registers=_PLAIN, flat=False,
            parent="inference service", below="/inference_services/{}/serves", needs={"modelVersionId": "model version"},
        ),
        Family(
            "experiment", "kf.Experiment", CONTEXT, "/experiments", find="/experiment",
            registers=_TEXTS, patched=_TEXTS,
        ),
        Family(
            "experiment run", "kf.ExperimentRun", CONTEXT, "/experiment_runs", find="/experiment_run",
            registers=_TEXTS, patched=_TEXTS,
            parent="experiment", below="/experiments/{}/experiment_runs", parent_field="experimentId",
        ),
        Family(
            "dataset", "kf.DataSet", ARTIFACT, "/artifacts", find="/artifact", flat=False, made=200,
            registers=(*_PLAIN, "digest"), patched=(*_PLAIN, "digest"),
            parent="experiment run", below="/experiment_runs/{}/artifacts", extra={"artifactType": "dataset-artifact"},
        ),
        Family(
            "metric", "kf.Metric", ARTIFACT, "/artifacts", find="/artifact", flat=False, made=200, is_upserted=True,
            registers=("value", "step", "timestamp", "description"), patched=("description",),
            parent="experiment run", below="/experiment_runs/{}/artifacts", extra={"artifactType": "metric"},
        ),
        Family(
            "parameter", "kf.Parameter", ARTIFACT, "/artifacts", find="/artifact", flat=False, made=200, is_upserted=True,
            registers=("value", "description"), patched=("description",),
            parent="experiment run", below="/experiment_runs/{}/artifacts",
            extra={"artifactType": "parameter", "parameterType": "string"},
        ),
    )
}  # fmt: skip
"""By name, parents before their children."""

FAMILY_OF_TYPE: Mapping[str, Family] = {family.type_name: family for family in FAMILIES.values()}


def marker_of(row: Row) -> str | None:
    """The marker of the create that a REST row comes from."""
    text: str | None = row.get("customProperties", {}).get(MARKER, {}).get("string_value")
    return text


def text_property(text: str) -> Row:
    """A custom property as REST has it."""
    return {"metadataType": "MetadataStringValue", "string_value": text}
