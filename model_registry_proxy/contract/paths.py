"""A tree of path templates: which operation a path means, and the texts in place of its parameters."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Generic, TypeVar

T = TypeVar("T")
_METHODS = ""
"""The key of the operations that end at a node; no segment of a path is empty."""
_ACTION = ":"
"""What parts a parameter from an action on what it names, as in `{alias}:rollback`. The text of such a parameter has none."""
Node = dict[Any, Any]
"""Children by their segment; `None` is a parameter, `...` a parameter that takes all segments up to a known end of the path.

`(None, action)` is a parameter with an action behind it.
"""
Found = tuple[Mapping[str, T], list[str]]
"""The operations of a path by their methods, and the texts of its parameters."""


class PathTree(Generic[T]):
    """The templates below one prefix.

    `has_texts`: some parameters are texts, and a text may be equal to a word of another template.
    """

    def __init__(self) -> None:
        self._root: Node = {}
        self.has_texts = False

    def add(self, template: str, wide: Collection[str], method: str, operation: T) -> None:
        """Adds an operation. `wide`: the names of the parameters that take slashes too, of which a template has one at most."""
        segments = template.strip("/").split("/")
        node = self._root
        for number, segment in enumerate(segments):
            if segment.strip("{}") in wide and segment.startswith("{"):
                ends: dict[tuple[str, ...], Node] = node.setdefault(..., {})
                node = ends.setdefault(tuple(segments[number + 1 :]), {})
                break
            node = node.setdefault(_key(segment), {})
        node.setdefault(_METHODS, {})[method] = operation

    def find(self, segments: Sequence[str]) -> Found[T] | None:
        """Returns what the segments of a path lead to; `None` if nothing is there."""
        return self._below(self._root, segments)

    def _below(self, node: Node, segments: Sequence[str]) -> Found[T] | None:
        if not segments:
            methods = node.get(_METHODS)
            return (methods, []) if methods else None
        if ... in node:
            return _at_end(node[...], segments)
        first, rest = segments[0], segments[1:]
        if not first:
            return None
        if first in node:
            found = self._below(node[first], rest)
            if found or not self.has_texts:
                return found
        text, _, action = first.rpartition(_ACTION)
        if text and (None, action) in node and (found := self._below(node[None, action], rest)):
            return found[0], [text, *found[1]]
        if None in node and (found := self._below(node[None], rest)):
            return found[0], [first, *found[1]]
        return None


def _key(segment: str) -> Any:
    """The key of a segment of a template among the children of a node."""
    if not segment.startswith("{"):
        return segment
    action = segment.partition("}")[2].removeprefix(_ACTION)
    return (None, action) if action else None


def _at_end(ends: Mapping[tuple[str, ...], Node], segments: Sequence[str]) -> Found[Any] | None:
    """The longest end that the path has; the segments in front of it are the text of the parameter."""
    for end in sorted(ends, key=len, reverse=True):
        front = segments[: len(segments) - len(end)]
        if tuple(segments[len(front) :]) == end and (text := "/".join(front)):
            return ends[end][_METHODS], [text]
    return None
