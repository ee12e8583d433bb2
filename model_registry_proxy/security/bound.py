"""The operations of all documents: what `running` runs, and what `audit_records` records."""

from collections.abc import Mapping

from model_registry_proxy.mlflow.operations import MLFLOW
from model_registry_proxy.verbs.extensions import EXTENSIONS
from model_registry_proxy.verbs.operations import OPERATIONS, Operation

BOUND: Mapping[str, Operation] = {**OPERATIONS, **EXTENSIONS, **MLFLOW}
"""The operations by their ids."""
