"""The names of the kinds of artifacts, the same on every page."""

from collections.abc import Mapping
from typing import Any

NAMES: Mapping[str, str] = {
    "model-artifact": "Model",
    "dataset-artifact": "Data set",
    "doc-artifact": "Document",
    "metric": "Metric",
    "parameter": "Parameter",
}
"""Pairs of the API's `artifactType` and its name."""


def kind_of(artifact: Any) -> str:
    """Returns the kind of an artifact in words."""
    return NAMES.get(artifact.artifact_type or "", "Artifact")
