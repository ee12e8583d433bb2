"""What a node of a lineage is called."""

from model_registry_client import LineageNode

_KINDS = {
    "model-artifact": "model artifact",
    "doc-artifact": "document artifact",
    "dataset-artifact": "dataset",
    "experiment_run": "run",
    "model_version": "version",
    "inference_service": "deployed",
}


def kind_of(node: LineageNode) -> str:
    """Returns the words for the kind of a node: of a step what it did."""
    kind = node.step_kind or node.artifact_type or node.kind
    return _KINDS.get(kind, kind)


def name_of(node: LineageNode) -> str:
    """Returns the name of a node, with that of its parent in front."""
    return "/".join(filter(None, (node.parent_name, node.name)))
