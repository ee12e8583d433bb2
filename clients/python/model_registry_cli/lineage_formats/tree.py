"""A lineage as trees: from each root down to what came of it, and up to what it was made from."""

from collections.abc import Mapping, Sequence

from model_registry_client import Lineage
from rich.text import Text
from rich.tree import Tree

from model_registry_cli.lineage_formats.words import kind_of, name_of
from model_registry_cli.output.cells import printable

_WAYS = (("made from", 1), ("led to", 0))
"""The headings of the two directions, and which end of an edge is at the node."""


def trees(lineage: Lineage) -> list[Tree]:
    """Returns a tree for each root."""
    return [_tree(lineage, root) for root in lineage.roots]


def _tree(lineage: Lineage, root: str) -> Tree:
    drawn = Tree(_label(lineage, root, is_bold=True))
    for heading, end in _WAYS:
        following = _following(lineage, end)
        if root in following:
            _grow(lineage, drawn.add(Text(heading, "dim")), root, following, {root})
    if lineage.is_truncated:
        drawn.add(Text("there is more than these 500", "dim"))
    return drawn


def _following(lineage: Lineage, end: int) -> Mapping[str, Sequence[str]]:
    """Returns the nodes that follow each node in one direction."""
    found: dict[str, list[str]] = {}
    for edge in lineage.edges:
        found.setdefault(edge[end], []).append(edge[1 - end])
    return found


def _grow(lineage: Lineage, drawn: Tree, ref: str, following: Mapping[str, Sequence[str]], seen: set[str]) -> None:
    """Adds what follows a node. A node that is drawn already stands there again without what follows it."""
    for each in following.get(ref, ()):
        is_again = each in seen
        seen.add(each)
        label = _label(lineage, each)
        if is_again and each in following:
            label.append(" (above)", "dim")
        branch = drawn.add(label)
        if not is_again:
            _grow(lineage, branch, each, following, seen)


def _label(lineage: Lineage, ref: str, *, is_bold: bool = False) -> Text:
    node = lineage.nodes[ref]
    label = Text(f"{printable(kind_of(node))} ", "dim")
    label.append(printable(name_of(node)), "bold" if is_bold else "")
    return label.append(f" (id:{node.id})", "dim")
