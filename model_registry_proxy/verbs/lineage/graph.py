"""The graph of an answer: nodes by reference, and edges from what was there first to what came of it."""

from collections.abc import Iterable, Mapping

from converters.kinds import JsonObject, Node

MOST_NODES = 500


def ref(kind: str, id_: int) -> str:
    """Returns the reference of a node: ids are unique within a kind only."""
    return f"{kind}/{id_}"


class Graph:
    """Nodes and edges that the user may see, at most 500 nodes. `is_truncated`: more were found."""

    def __init__(self) -> None:
        self._nodes: dict[str, JsonObject] = {}
        self._edges: dict[tuple[str, str], None] = {}
        self.is_truncated = False

    @property
    def room(self) -> int:
        """How many nodes may be added."""
        return MOST_NODES - len(self._nodes)

    def first(self, ids: Iterable[int], kind: str) -> list[int]:
        """Returns the ids for which there is room, the newest first, and those of nodes that are there already."""
        wanted = sorted(ids, reverse=True)
        new = [id_ for id_ in wanted if ref(kind, id_) not in self._nodes]
        kept = set(new[: self.room])
        self.is_truncated = self.is_truncated or len(kept) < len(new)
        return [id_ for id_ in wanted if id_ in kept or ref(kind, id_) in self._nodes]

    def add(self, kind: str, node: Node, **facts: str | None) -> None:
        """Adds a node, unless it is there or there is no room."""
        key = ref(kind, node.id)
        if key in self._nodes:
            return
        if not self.room:
            self.is_truncated = True
            return
        shown = {name: fact for name, fact in facts.items() if fact is not None}
        created = str(node.create_time_since_epoch)
        self._nodes[key] = {"ref": key, "kind": kind, "id": str(node.id), "createTimeSinceEpoch": created, **shown}

    def link(self, source: str, target: str) -> None:
        """Adds an edge between two nodes; does nothing where one of them is absent."""
        if source in self._nodes and target in self._nodes:
            self._edges[source, target] = None

    def parents(self) -> list[int]:
        """Returns the ids of the parents of all nodes."""
        return sorted({int(node["parentId"]) for node in self._nodes.values() if "parentId" in node})

    def name_parents(self, name_of: Mapping[int, str]) -> None:
        """Adds the names of these parents to their children."""
        for node in self._nodes.values():
            if name := name_of.get(int(node.get("parentId", 0))):
                node["parentName"] = name

    def shown(self, roots: Iterable[str]) -> JsonObject:
        """Returns the answer; `roots` are the references of the nodes where the search began."""
        known = list(roots)
        return {
            "root": known[0],
            "roots": known,
            "nodes": list(self._nodes.values()),
            "edges": [{"from": source, "to": target} for source, target in self._edges],
            "truncated": self.is_truncated,
        }
