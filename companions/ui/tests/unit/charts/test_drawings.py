"""Every chart is well formed, says what it shows, takes any name, has no inline style, and is the same each time."""

import re
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import model_registry_ui
import pytest
from markupsafe import Markup
from model_registry_ui.charts import curves, lineage, over_versions, parallel, scatter
from model_registry_ui.charts.curves import Across, CurveSettings, Series, spread
from model_registry_ui.charts.lineage import Lineage, Node
from model_registry_ui.charts.parallel import Brush, Dimension
from model_registry_ui.charts.scatter import Dot
from model_registry_ui.charts.shading import MOST_TEXTS, shading

HOSTILE = [
    "<script>alert(1)</script>",
    '"><svg onload=alert(1)>',
    "a & b",
    "'",
    "\u202eabc",
    "\0",
    "]]>",
    "{{ x }}",
    "\ud800",
    "x" * 300,
    "",
    "\n",
]
STYLES = (Path(model_registry_ui.__file__).parent / "static" / "charts.css").read_text("utf-8")
SVG = "{http://www.w3.org/2000/svg}"


def drawn_curves(name: str) -> Markup:
    series = [Series(name, [(0.0, 1.0), (1.0, 2.0), (5.0, 0.5)]), Series("other", [(0.0, 3.0)]), Series("empty", [])]
    return curves.draw("k", name, series, CurveSettings(smoothing=0.5)).svg


def drawn_parallel(name: str) -> Markup:
    return parallel.draw(
        "k", [name, "b"], [Dimension(name, [1.0, None]), Dimension("c", [name, "x"]), Dimension("d", [0.1, 5])]
    )


def drawn_scatter(name: str) -> Markup:
    return scatter.draw("k", (name, "y"), [Dot(name, "/runs/1", name, 2.0), Dot("b", "/runs/2", "x", None)]).svg


def drawn_lineage(name: str) -> Markup:
    nodes = [Node("a", 0, "data set", name, "LIVE", "/a"), Node("b", 1, "run", "b")]
    return lineage.draw("k", name, Lineage(nodes, [("a", "b"), ("a", "gone")]))


def drawn_versions(name: str) -> Markup:
    versions = [over_versions.Version(one, "/v", None, 1.0) for one in (name, "b")]
    return over_versions.draw("k", name, versions, in_order=True)


DRAWINGS = [drawn_curves, drawn_parallel, drawn_scatter, drawn_lineage, drawn_versions]


def parsed(svg: Markup) -> ET.Element:
    return ET.fromstring(str(svg))  # noqa: S314 (made by these tests)


@pytest.mark.parametrize("draw", DRAWINGS)
@pytest.mark.parametrize("name", HOSTILE)
def test_any_name_gives_the_elements_of_a_plain_one(draw: Callable[[str], Markup], name: str) -> None:
    found = [(one.tag, sorted(one.attrib)) for one in parsed(draw(name)).iter() if one.tag != "title"]
    assert found == [(one.tag, sorted(one.attrib)) for one in parsed(draw("plain")).iter() if one.tag != "title"]
    assert "style=" not in draw(name)


@pytest.mark.parametrize("draw", DRAWINGS)
def test_a_chart_has_a_title_a_description_and_is_the_same_each_time(draw: Callable[[str], Markup]) -> None:
    svg = draw("plain")
    root = parsed(svg)
    assert root.attrib["aria-labelledby"] == "k-title k-description"
    assert {child.attrib.get("id") for child in root[:2]} == {"k-title", "k-description"}
    assert all(child.text for child in root[:2])
    assert draw("plain") == svg


@pytest.mark.parametrize("draw", DRAWINGS)
def test_each_class_of_a_chart_is_in_the_stylesheet(draw: Callable[[str], Markup]) -> None:
    used = {name for one in parsed(draw("plain")).iter() for name in one.attrib.get("class", "").split()}
    plain = {"series", "missing", "chart", "q0"}
    assert {name for name in used - plain if f".{name}" not in STYLES} == set()


def test_coordinates_stand_at_the_values() -> None:
    svg = curves.draw("k", "loss", [Series("a", [(0.0, 0.0), (10.0, 1.0)])]).svg
    assert 'd="M64,280 600,32"' in svg


def test_a_single_curve_needs_no_room_for_names() -> None:
    svg = curves.draw("k", "loss", [Series("a", [(0.0, 0.0), (10.0, 1.0)])]).svg
    assert f'viewBox="{curves.VIEW_BOX_OF_ONE}"' in svg
    assert 'class="end' not in svg
    both = curves.draw("k", "loss", [Series("a", [(0.0, 0.0)]), Series("b", [(0.0, 1.0)])]).svg
    assert f'viewBox="{curves.VIEW_BOX}"' in both


def test_a_log_axis_counts_what_it_leaves_out() -> None:
    series = [Series("a", [(0.0, 0.0), (1.0, -1.0), (2.0, 10.0), (3.0, float("nan"))])]
    assert curves.draw("k", "loss", series, CurveSettings(is_log=True)).left_out == 3
    assert curves.draw("k", "loss", series).left_out == 1


@pytest.mark.parametrize("across", Across)
def test_curves_without_values_are_an_empty_frame(across: Across) -> None:
    assert (
        "There are no values to show." in curves.draw("k", "loss", [Series("a", [])], CurveSettings(across=across)).svg
    )


def test_at_most_ten_curves_are_drawn_each_with_its_own_pattern() -> None:
    svg = curves.draw("k", "loss", [Series(f"run {n}", [(0.0, float(n)), (1.0, 1.0)]) for n in range(12)]).svg
    patterns = {one.attrib.get("stroke-dasharray") for one in parsed(svg).iter() if one.tag == "path"}
    assert len(patterns) == 10
    assert "run 10" not in svg


@pytest.mark.parametrize(
    ("heights", "expected"),
    [
        ([], []),
        ([50.0], [50.0]),
        ([50.0, 50.0], [50.0, 60.0]),
        ([99.0, 99.0, 99.0], [80.0, 90.0, 100.0]),
        ([-5.0, 0.0], [0.0, 10.0]),
    ],
)
def test_names_are_moved_apart_inside_of_the_chart(heights: list[float], expected: list[float]) -> None:
    assert spread(heights, 10, 0, 100) == expected


def test_runs_outside_of_a_range_are_faint() -> None:
    dimensions = [Dimension("lr", [0.1, 0.2, None]), Dimension("kind", ["a", "b", "a"])]
    assert parallel.chosen(dimensions, {"lr": Brush(0.15, None)}) == [False, True, False]
    assert parallel.chosen(dimensions, {"lr": Brush(), "gone": Brush(1, 2)}) == [True, True, True]
    assert str(parallel.draw("k", ["r", "s", "t"], dimensions, {"lr": Brush(0.15)})).count("line out") == 2


def test_a_legend_says_what_the_colours_of_the_lines_mean() -> None:
    texts = [
        one.text
        for one in parsed(
            parallel.draw("k", ["a", "b", "c"], [Dimension("lr", [1, 2, 3]), Dimension("loss", [0.1, 5.0, None])])
        ).iter("text")
    ]
    start = texts.index("Colour by value: loss")
    assert texts[start:] == ["Colour by value: loss", "0.1", "5", "no number"]


def classes_of(values: list[float | str | None], *, is_log: bool = False) -> list[str]:
    return list(shading("x", values, 0, is_log=is_log).classes)


def test_shades_follow_the_value_and_not_its_rank() -> None:
    assert classes_of([0.0, 0.1, 0.2, 5.0, 9.9, 10.0, None]) == ["q1", "q1", "q1", "q3", "q5", "q5", "q0"]
    assert classes_of([1, 10, 100, -1], is_log=True) == ["q1", "q3", "q5", "q0"]
    assert classes_of([7, 7]) == ["q1", "q1"]
    assert classes_of([None]) == ["q0"]


@pytest.mark.parametrize("far", [[100.0], [-1e9], [1e100, 1e99]])
def test_a_number_that_is_far_away_does_not_make_all_others_alike(far: list[float]) -> None:
    values = [0.1 + number / 100 for number in range(20)] + far
    found = shading("loss", values, 0)
    assert len(set(found.classes[:20])) == 5
    assert "Colour by rank: loss" in str(found.legend[0])
    assert "Colour by value: loss" in str(shading("loss", values[:20], 0).legend[0])


def test_equal_numbers_have_one_shade_also_by_rank() -> None:
    found = classes_of([1, 1, 1, 2, 3, 4, 900.0, 900.0])
    assert (len(set(found[:3])), found[-1], found[-2]) == (1, "q5", "q5")


def test_texts_have_a_colour_each_and_a_legend() -> None:
    assert classes_of(["sgd", "adam", "sgd", None]) == ["series s2", "series s1", "series s2", "q0"]
    drawn = parallel.draw("k", ["a", "b", "c"], [Dimension("lr", [1, 2, 3]), Dimension("kind", ["sgd", "adam", None])])
    texts = [one.text for one in parsed(drawn).iter("text")]
    assert texts[texts.index("Colour: kind") :] == ["Colour: kind", "adam", "sgd", "others"]


def test_rare_texts_share_the_colour_of_lines_without_a_value() -> None:
    found = classes_of([*(f"t{n:02}" for n in range(20)), "t15"])
    assert (found[15], found[20]) == ("series s9", "series s9")
    assert found.count("q0") == 20 - MOST_TEXTS


def test_missing_values_have_a_place_of_their_own() -> None:
    assert ">missing<" in parallel.draw("k", ["a", "b"], [Dimension("lr", [1.0, None]), Dimension("x", [1.0, 2.0])])
    assert ">missing<" not in parallel.draw("k", ["a"], [Dimension("lr", [1.0]), Dimension("x", [1.0])])


def test_a_scatter_plot_counts_what_it_leaves_out_and_links_its_points() -> None:
    dots = [Dot("a", "/runs/1", 1.0, 2.0), Dot("b", "/runs/2", None, 2.0), Dot("c", "/runs/3", 1.0, -1.0)]
    found = scatter.draw("k", ("x", "y"), dots, is_log_y=True)
    assert found.left_out == 2
    assert 'href="/runs/1"' in found.svg


def many(count: int) -> Lineage:
    nodes = [Node("run", 1, "run", "r"), *(Node(f"d{n}", 0, "data set", f"set {n}") for n in range(count))]
    return Lineage(nodes, [(f"d{n}", "run") for n in range(count)])


def test_more_than_six_of_a_kind_are_folded_and_can_be_opened() -> None:
    small = lineage.folded(many(18), open_url="?open=")
    assert [node.name for node in small.nodes if node.column == 0][-2:] == ["set 4", "+13"]
    assert next(node for node in small.nodes if node.name == "+13").url == "?open=0"
    assert small.links.count(("more-0", "run")) == 1
    assert lineage.folded(many(18), opened={0}).nodes == lineage.folded(many(18), opened={0}).nodes
    assert len(lineage.folded(many(18), opened={0}).nodes) == 19
    assert len(lineage.folded(many(6)).nodes) == 7


def test_the_nested_list_has_each_branch_once() -> None:
    first, second = lineage.outline(many(2))
    assert (first.node.id, [branch.node.id for branch in first.branches]) == ("d0", ["run"])
    assert second.branches[0].is_repeated


def test_a_lineage_in_a_circle_ends() -> None:
    nodes = [Node("a", 0, "data set", "a"), Node("b", 1, "run", "b")]
    (branch,) = lineage.outline(Lineage(nodes, [("a", "b"), ("b", "a")]))
    assert branch.branches[0].branches[0].is_repeated


def test_a_link_that_skips_a_column_runs_below_its_boxes() -> None:
    nodes = [
        Node("a", 0, "data set", "a"),
        Node("b", 1, "run", "b"),
        Node("c", 1, "run", "c"),
        Node("d", 2, "version", "d"),
    ]
    root = parsed(lineage.draw("k", "x", Lineage(nodes, [("a", "b"), ("a", "d")])))
    boxes = [float(one.attrib["y"]) + float(one.attrib["height"]) for one in root.iter("rect")]
    crossing = [one.attrib["d"] for one in root.iter("path") if " L" in one.attrib["d"]]
    assert len(crossing) == 1
    lane = float(crossing[0].partition(" L")[2].partition(" ")[0].partition(",")[2])
    assert max(boxes) < lane < float(root.attrib["viewBox"].split()[3])


def test_a_link_that_leads_back_runs_below_all_boxes_and_comes_in_on_the_left() -> None:
    nodes = [Node(str(at), column, "kind", str(at)) for at, column in enumerate((1, 2, 3, 3, 1))]
    root = parsed(lineage.draw("k", "x", Lineage(nodes, [("0", "2"), ("2", "4"), ("4", "3"), ("3", "3")])))
    boxes = [
        [float(box.attrib[name]) for name in ("x", "y", "width", "height")] for box in root.iter() if "rx" in box.attrib
    ]
    width, height = (float(part) for part in root.attrib["viewBox"].split()[2:])
    edges = [edge.attrib["d"] for edge in root.iter() if edge.attrib.get("class") == "edge"]
    for d, (before, after) in ((edges[1], (2, 4)), (edges[3], (3, 3))):
        points = [tuple(float(part) for part in point.split(",")) for point in d.removeprefix("M").split(" ")]
        (x, y, w, h), (to_x, to_y, _, _) = boxes[before], boxes[after]
        assert (points[0], points[-1]) == ((x + w, y + h / 2), (to_x, to_y + h / 2))
        assert points[2][1] == points[3][1] > max(y + h for _, y, _, h in boxes)
        assert points[1][0] > points[0][0]
        assert points[-2][0] < points[-1][0]
        assert all(0 < x < width and 0 < y < height for x, y in points)


def test_a_lineage_is_never_drawn_larger_than_it_is() -> None:
    root = parsed(drawn_lineage("plain"))
    assert root.attrib["width"] == root.attrib["viewBox"].split()[2]


def luminance(colour: str) -> float:
    parts = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(
    ("name", "light", "dark"),
    re.findall(r"--((?:series|shade|chart-ink)[-\d]*): light-dark\((#\w{6}), (#\w{6})\)", STYLES),
)
def test_colours_can_be_seen_in_both_themes(name: str, light: str, dark: str) -> None:
    least = 4.5 if name.startswith(("series", "chart-ink")) else 3.0
    assert (luminance("#ffffff") + 0.05) / (luminance(light) + 0.05) >= least
    assert (luminance(dark) + 0.05) / (luminance("#1d222b") + 0.05) >= least
