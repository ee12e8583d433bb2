"""Lineage: from the data sets over the run to the version, its files and where it is deployed, in columns from left to right."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from model_registry_ui.charts.svg import chart, element, label, path
from model_registry_ui.links import REL

COLUMNS = ("data set", "run", "version", "artifact", "deployment")
MOST_SHOWN = 6
_WIDTH, _HEIGHT, _GAP_X, _GAP_Y, _TOP = 168.0, 62.0, 44.0, 16.0, 34.0
_MARGIN, _ASIDE = 4.0, 6.0
Place = tuple[float, float]
"""The left upper corner of a box, or a point of a line."""


@dataclass(frozen=True, slots=True)
class Node:
    """Something in the lineage.

    Attributes:
        id: A text that is unique among the nodes.
        column: The index of its column.
        kind: What it is, in words.
        name: Its name.
        state: Its state, in words; may be empty.
        url: The address of its page; may be empty.
    """

    id: str
    column: int
    kind: str
    name: str
    state: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Lineage:
    """Nodes and links: pairs of ids, from what was used to what was made of it."""

    nodes: Sequence[Node]
    links: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Branch:
    """A node in the nested list, with what was made of it. `is_repeated`: it stands above already, with its branches."""

    node: Node
    branches: tuple["Branch", ...] = ()
    is_repeated: bool = False


def folded(lineage: Lineage, opened: Collection[int] = (), open_url: str = "") -> Lineage:
    """Returns the lineage with at most six nodes in each column: further ones become one node such as "+12".

    Args:
        lineage: The whole lineage.
        opened: Columns that are shown as a whole.
        open_url: The address that opens a column, up to the column's index.
    """
    stands_for: dict[str, str] = {}
    nodes: list[Node] = []
    for column in range(len(COLUMNS)):
        own = [node for node in lineage.nodes if node.column == column]
        is_whole = column in opened or len(own) <= MOST_SHOWN
        shown, hidden = (own, []) if is_whole else (own[: MOST_SHOWN - 1], own[MOST_SHOWN - 1 :])
        nodes += shown
        if hidden:
            more = Node(
                f"more-{column}", column, f"more of {COLUMNS[column]}", f"+{len(hidden)}", url=f"{open_url}{column}"
            )
            nodes.append(more)
            stands_for |= dict.fromkeys((node.id for node in hidden), more.id)
    links = dict.fromkeys((stands_for.get(a, a), stands_for.get(b, b)) for a, b in lineage.links)
    return Lineage(nodes, tuple(links))


def draw(key: str, title: str, lineage: Lineage) -> Markup:
    """Draws a lineage, folded or not. Columns without nodes take no room.

    A link that skips a column runs below the boxes of that column. One that leads back, as from a file to a step, or to the same
    column, leaves its box on the right and comes in on the left as all others do, and runs below all boxes.
    """
    columns = sorted({node.column for node in lineage.nodes})
    known = {node.id: node.column for node in lineage.nodes}
    links = [(a, b) for a, b in lineage.links if a in known and b in known]
    back = [(a, b) for a, b in links if known[a] >= known[b]]
    side = _MARGIN + (_GAP_X if back else 0)
    places = {
        node.id: (side + columns.index(column) * (_WIDTH + _GAP_X), _TOP + row * (_HEIGHT + _GAP_Y))
        for column in columns
        for row, node in enumerate(node for node in lineage.nodes if node.column == column)
    }
    lanes = _lanes([link for link in links if link not in back], places)
    rows = max((sum(node.column == column for node in lineage.nodes) for column in columns), default=1)
    bottom = max(_TOP + rows * (_HEIGHT + _GAP_Y) - _GAP_Y, *lanes.values(), 0.0)
    lanes |= {link: bottom + (number + 1) * _GAP_Y / 2 for number, link in enumerate(back)}
    size = (
        max(len(columns), 1) * (_WIDTH + _GAP_X) - _GAP_X + 2 * side,
        bottom + len(back) * _GAP_Y / 2 + _MARGIN,
    )
    heads = [
        label(COLUMNS[column], side + index * (_WIDTH + _GAP_X), 18, class_="axis-title")
        for index, column in enumerate(columns)
    ]
    edges = [_edge(places[a], places[b], lanes.get((a, b))) for a, b in links]
    boxes = [_box(node, *places[node.id]) for node in lineage.nodes]
    said = f"{len(lineage.nodes)} parts and {len(edges)} links. The list below has the same in words."
    return chart(key, title, said, size, [*heads, *edges, *boxes], has_links=True, width=size[0])


def outline(lineage: Lineage) -> tuple[Branch, ...]:
    """Returns the lineage as a nested list, from what nothing else led to. Branches stand at the first of several places."""
    by_id = {node.id: node for node in lineage.nodes}
    reached = {after for before, after in lineage.links if before in by_id and before != after}
    roots = [node for node in lineage.nodes if node.id not in reached] or list(lineage.nodes[:1])
    seen: set[str] = set()
    return tuple(_branch(node, by_id, lineage.links, seen) for node in roots)


def _branch(node: Node, by_id: dict[str, Node], links: Sequence[tuple[str, str]], seen: set[str]) -> Branch:
    if node.id in seen:
        return Branch(node, is_repeated=True)
    seen.add(node.id)
    following = [by_id[after] for before, after in links if before == node.id and after in by_id]
    return Branch(node, tuple(_branch(one, by_id, links, seen) for one in following))


def _lanes(links: Sequence[tuple[str, str]], places: Mapping[str, Place]) -> dict[tuple[str, str], float]:
    """The height at which each link that skips columns crosses them: below their boxes, each in a lane of its own."""
    lanes: dict[tuple[str, str], float] = {}
    for link in links:
        left, right = sorted(places[id_][0] for id_ in link)
        if between := [y + _HEIGHT for x, y in places.values() if left < x < right]:
            lanes[link] = max(max(between) + _GAP_Y / 2, *(lane + _GAP_Y / 2 for lane in lanes.values()), 0.0)
    return lanes


def _edge(before: Place, after: Place, lane: float | None) -> Markup:
    start, end = (before[0] + _WIDTH, before[1] + _HEIGHT / 2), (after[0], after[1] + _HEIGHT / 2)
    d = path([start])
    if lane is None:
        d += _bend(start, end)
    elif start[0] > end[0]:
        aside = _ASIDE + lane % (_GAP_X - 2 * _ASIDE)
        right, left = start[0] + aside, end[0] - aside
        d = path([start, (right, start[1]), (right, lane), (left, lane), (left, end[1]), end])
    else:
        into, out = (start[0] + _GAP_X, lane), (end[0] - _GAP_X, lane)
        d += f"{_bend(start, into)} L{path([out]).removeprefix('M')}{_bend(out, end)}"
    return element("path", class_="edge", d=d, fill="none")


def _bend(start: Place, end: Place) -> str:
    middle = (start[0] + end[0]) / 2
    return " C" + path([(middle, start[1]), (middle, end[1]), end]).removeprefix("M")


def _box(node: Node, x: float, y: float) -> Markup:
    content = Markup("").join(_parts(node, x, y))
    words = ", ".join(filter(None, (node.kind, node.name, node.state)))
    if node.url:
        rel = None if node.url.startswith("/") else REL
        return element("a", content, class_="node", href=node.url, rel=rel, aria_label=words)
    return element("g", content, class_="node")


def _parts(node: Node, x: float, y: float) -> Iterator[Markup]:
    yield element("rect", x=x, y=y, width=_WIDTH, height=_HEIGHT, rx=6)
    yield label(node.kind, x + 10, y + 18, most=22, class_="node-kind")
    yield label(node.name, x + 10, y + 36, most=18, class_="node-name")
    if node.state:
        yield label(node.state, x + 10, y + 53, class_="node-state")
