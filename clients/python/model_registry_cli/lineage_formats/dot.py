"""A lineage in the language of Graphviz."""

from collections.abc import Iterator

from model_registry_client import Lineage

from model_registry_cli.lineage_formats.words import kind_of, name_of

_SHAPES = {"artifact": "box", "step": "ellipse", "experiment_run": "ellipse"}
"""Other nodes have rounded boxes."""


def lines(lineage: Lineage) -> Iterator[str]:
    """Yields the lines of a graph."""
    yield "digraph lineage {"
    yield "  rankdir=LR;"
    for ref, node in lineage.nodes.items():
        look = f"shape={_SHAPES[node.kind]}" if node.kind in _SHAPES else "shape=box, style=rounded"
        yield f"  {_quoted(ref)} [label={_quoted(kind_of(node), name_of(node))}, {look}];"
    for source, target in lineage.edges:
        yield f"  {_quoted(source)} -> {_quoted(target)};"
    yield "}"


def _quoted(*parts: str) -> str:
    """Returns a text of one or several lines in quotation marks."""
    escaped = (part.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") for part in parts)
    return '"' + "\\n".join(escaped) + '"'
