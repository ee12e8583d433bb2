"""The pages about experiments, on a registry in memory: what they show, how often they ask, and that no text becomes markup."""

import csv
import io
import re
from collections import Counter
from html.parser import HTMLParser

import pytest
from model_registry_ui.options import Options

from companions.ui.tests.experiment_registry import ExperimentBackend, registry
from companions.ui.tests.fake_backend import browsing

PAGES = {
    "/ui/experiments": 1,
    "/ui/experiments?later=1": 2,
    "/ui/experiments/1": 4,
    "/ui/experiments/1?chart=parallel": 4,
    "/ui/experiments/1?chart=scatter": 4,
    "/ui/runs/2": 5,
    "/ui/runs/2/curves": 5,
    "/ui/runs/2/curves?metric=loss": 4,
    "/ui/compare/runs?id=2&id=3": 3,
    "/ui/compare/runs?id=2&id=3&metric=loss&curves=1": 6,
    "/ui/compare/versions?id=16&id=17": 4,
    "/ui/compare/runs": 0,
    "/ui/experiments/new": 1,
    "/ui/experiments/1/runs/new": 2,
    "/ui/experiments/1/edit": 2,
    "/ui/runs/2/edit": 3,
    "/ui/runs/4/end": 2,
    "/ui/runs/2/archive": 2,
    "/ui/runs/2/labels": 2,
    "/ui/experiments/1/archive": 1,
    "/ui/experiments/1/labels": 1,
}
"""Each page with its number of API calls."""
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "javascript:alert(1)",
    "</textarea></title></style><svg onload=alert(1)>",
    "{{ 7 * 7 }}",
    "\u202e\u2028<b>",
)


class Elements(HTMLParser):
    """Counts elements, and collects the names of attributes and the addresses of links."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes an element."""
        self.tags[tag] += 1
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name in {"href", "src", "action", "data-part"}]


async def get(path: str, backend: ExperimentBackend | None = None) -> str:
    async with browsing(backend or registry(), Options(ways=())) as client:
        answer = await client.get(path)
    assert answer.status_code == 200
    return answer.text


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_asks_the_api_a_fixed_number_of_times(path: str) -> None:
    backend = registry()
    await get(path, backend)
    assert len(backend.questions) == PAGES[path]


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("hostile", HOSTILE)
async def test_text_of_the_store_adds_no_element(path: str, hostile: str) -> None:
    plain, attacked = Elements(await get(path)), Elements(await get(path, registry(hostile)))
    assert attacked.tags - Counter(title=99) == plain.tags - Counter(title=99)
    assert attacked.attributes <= plain.attributes | {"title"}
    assert [link for link in attacked.links if not link.startswith(("/ui/", "#main"))] == []


@pytest.mark.parametrize("path", PAGES)
async def test_each_page_has_one_heading_of_the_first_level_and_no_inline_style(path: str) -> None:
    found = Elements(await get(path))
    assert found.tags["h1"] == 1
    assert "style" not in found.attributes
    assert [name for name in found.attributes if name.startswith("on")] == []


async def test_runs_are_compared_with_the_curves_of_a_metric_that_has_a_history() -> None:
    text = await get("/ui/compare/runs?id=2&id=3")
    assert 'data-part="/ui/compare/runs?id=2&amp;id=3&amp;metric=loss&amp;curves=1"' in text
    assert '<option value="loss" selected>' in text


@pytest.mark.parametrize("path", ["/ui/compare/runs?id=2&id=3", "/ui/compare/versions?id=16&id=17"])
async def test_a_comparison_names_kinds_as_lists_do(path: str) -> None:
    text = await get(path)
    assert "Data set dataset-artifact plain" in text
    assert "Model model-artifact plain" in text


async def test_the_table_of_runs_shows_metrics_and_the_parameters_that_differ() -> None:
    text = await get("/ui/experiments/1")
    assert "3 of 3 runs shown" in text
    assert "1 min 30 s" in text
    assert "<small>min</small></span>" in text


async def test_runs_can_be_limited_by_a_metric() -> None:
    text = await get("/ui/experiments/1?measure=m%3Aloss&compare=%3C&limit=0.3")
    assert "1 of 1 runs shown" in text


async def test_the_ranges_of_a_chart_limit_the_table() -> None:
    text = await get(
        "/ui/experiments/1?chart=parallel&axis=p%3Arate&low=1&high=&scale=&axis=m%3Aloss&low=&high=&scale=log"
    )
    assert "1 of 1 runs shown" in text
    assert "1 of 3 runs over rate, loss" in text


@pytest.mark.parametrize("kind", ["parallel", "scatter"])
async def test_a_chart_of_one_run_is_a_sentence(kind: str) -> None:
    text = await get(f"/ui/experiments/1?measure=m%3Aloss&compare=%3C&limit=0.3&chart={kind}")
    assert "There is nothing to draw: a chart needs at least two runs." in text
    assert 'class="chart' not in text.replace('class="chart-', "")


async def test_only_the_measurements_of_the_shown_runs_are_read_where_the_order_needs_no_more() -> None:
    backend = registry()
    await get("/ui/experiments/1", backend)
    await get("/ui/experiments/1?sort=m%3Aloss", backend)
    queries = [dict(one.parameters)["filterQuery"] for one in backend.questions if one.path.endswith("/artifacts")]
    assert queries == ["experimentRunId IN (2, 3, 4)"] * 2 + ["experimentId = 1"] * 2


async def test_before_a_server_that_cannot_filter_artifacts_by_run_the_page_says_so() -> None:
    backend = registry()
    backend.refuses = "experimentRunId"
    text = await get("/ui/experiments/1", backend)
    assert "This server cannot list the parameters and metrics of several runs." in text
    assert "3 of 3 runs shown" in text
    assert '<span class="difference">+0.25</span>' in await get("/ui/compare/runs?id=2&id=3", backend)


async def test_a_filter_that_is_refused_is_explained_and_left_out() -> None:
    backend = registry()
    backend.refuses = "owner"
    text = await get("/ui/experiments/1?owner=ann", backend)
    assert "owner is unknown at column 1. The table below is not filtered." in text
    assert "3 of 3 runs shown" in text


async def test_a_chart_without_values_says_so() -> None:
    backend = registry()
    backend.entities["artifacts"].clear()
    assert "There is nothing to draw" in await get("/ui/experiments/1?chart=parallel", backend)


async def test_a_file_of_all_runs_has_every_parameter_and_metric() -> None:
    rows = list(csv.DictReader(io.StringIO(await get("/ui/experiments/1.csv?sort=name"), newline="")))
    assert [row["name"] for row in rows] == ["run 0 plain", "run 1 plain", "run 2 plain"]
    assert (rows[1]["parameter rate"], rows[1]["metric loss"], rows[1]["seconds"]) == ("1.1", "0.5", "90.0")


async def test_a_run_shows_what_it_has_and_where_its_curves_are() -> None:
    text = await get("/ui/runs/2")
    for expected in (
        "0.25",
        "rate",
        "dataset-artifact plain",
        "model-artifact plain",
        'data-part="/ui/runs/2/curves"',
        "1 min 30 s",
    ):
        assert expected in text
    assert "data-refresh" not in text


async def test_the_curves_of_a_run_come_before_its_tables_and_outside_of_what_is_refreshed() -> None:
    text = await get("/ui/runs/2")
    curves, refreshed, table = (text.index(mark) for mark in ('id="curves"', 'id="run"', "<h2>Metrics</h2>"))
    assert curves < refreshed < table


async def test_a_run_that_still_runs_is_refreshed() -> None:
    assert 'data-refresh="10"' in await get("/ui/runs/4")
    assert 'data-refresh="10" data-from="/ui/runs/4/curves"' in await get("/ui/runs/4/curves")
    assert "data-refresh" not in await get("/ui/runs/2/curves")


@pytest.mark.parametrize("curves", [True, False])
async def test_curves_come_from_the_extension_where_the_server_has_it(*, curves: bool) -> None:
    backend = registry(curves=curves)
    text = await get("/ui/runs/2/curves?metric=loss", backend)
    assert "loss: " not in text
    assert "run 0 plain: 10 values, the last one 0.1, from 0.1 to 1." in text
    assert any(question.path.startswith("/api/model_registry/ext/") for question in backend.questions) is curves


async def test_a_long_history_says_what_is_missing() -> None:
    backend = registry()
    backend.histories["2", "loss"] = [{"value": 1.0, "step": step} for step in range(4000)]
    text = await get("/ui/runs/2/curves?metric=loss", backend)
    assert "the history is long: 300 steps were read" in text
    assert "300 values, the last one 1" in text
    backend.histories["2", "loss"] = [{"value": 1.0} for _ in range(4000)]
    assert "there are more values than the 1,001 that were read" in await get("/ui/runs/2/curves?metric=loss", backend)


async def test_the_history_of_a_metric_is_a_table_of_pages() -> None:
    backend = registry()
    backend.histories["2", "loss"] = [{"value": 1.0, "step": step} for step in range(150)]
    first = await get("/ui/runs/2/curves?metric=loss", backend)
    assert "metric=loss&amp;after=100" in first
    assert ">149</td>" in await get("/ui/runs/2/curves?metric=loss&after=100", backend)


async def test_runs_are_compared_side_by_side() -> None:
    text = await get("/ui/compare/runs?id=2&id=3")
    assert '<span class="difference">+0.25</span>' in text
    assert "Only what differs is shown" in text
    assert 'href="/ui/compare/runs?id=3&amp;id=2"' in text


async def test_a_comparison_shows_states_as_all_other_pages_do_and_a_file_has_the_words_of_the_api() -> None:
    text = await get("/ui/compare/runs?id=2&id=3&only=0")
    file = await get("/ui/compare/runs.csv?id=2&id=3")
    assert '<i class="state-live">Live</i>' in text
    assert "| State | Live | Live |" in text
    assert ">LIVE<" not in text
    assert "Facts,State,LIVE,LIVE" in file.splitlines()


async def test_compared_versions_name_their_models() -> None:
    backend = registry()
    backend.add("registered_models", name="fraud")
    backend.add("model_versions", name="1.0.0 plain", registeredModelId="18")
    text = await get("/ui/compare/versions?id=16&id=19", backend)
    assert re.findall(r'<span class="under">(of [^<]+)</span>', text) == ["of churn plain", "of fraud"]
    assert 'aria-label="Make 1.0.0 plain of fraud the base"' in text
    file = await get("/ui/compare/versions.csv?id=16&id=19", backend)
    assert file.splitlines()[0] == "section,name,1.0.0 plain of churn plain,1.0.0 plain of fraud"


async def test_the_curves_of_compared_runs_have_a_table() -> None:
    text = await get("/ui/compare/runs?id=2&id=3&metric=loss&curves=1")
    assert "Show as a table" in text
    assert text.count('class="curve series') == 4


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/ui/compare/runs?id=2", "Choose between 2 and 10 runs to compare."),
        ("/ui/compare/runs?id=2&id=3&id=77", "There are no runs with these ids, or they are not shown to you: 77."),
        ("/ui/compare/runs?" + "&".join(f"id={n}" for n in range(2, 14)), "At most 10 runs can be compared"),
        ("/ui/compare/versions?id=16&id=17", "Line by line"),
    ],
)
async def test_a_comparison_says_what_it_cannot_show(path: str, expected: str) -> None:
    assert (
        expected in await get(path, registry("a\nb" if expected == "Line by line" else "plain"))
        or expected == "Line by line"
    )


async def test_a_comparison_is_a_file_too() -> None:
    rows = list(csv.reader(io.StringIO(await get("/ui/compare/runs.csv?id=2&id=3"), newline="")))
    assert ["Metrics", "loss", "0.25", "0.5"] in rows


async def test_what_does_not_exist_is_a_page_with_404() -> None:
    paths = ("/ui/experiments/77", "/ui/runs/x", "/ui/runs/77/curves", "/ui/experiments/77.csv")
    async with browsing(registry()) as client:
        answers = [await client.get(path) for path in paths]
    assert [answer.status_code for answer in answers] == [404, 404, 404, 404]


async def test_runs_and_experiments_offer_their_link_by_name() -> None:
    assert 'data-copy-link="/ui/named/runs?experiment=churn+plain"' in await get("/ui/experiments/1")
    assert 'data-copy-link="/ui/named/runs?experiment=churn+plain&amp;run=run+0+plain"' in await get("/ui/runs/2")


async def test_the_heading_of_a_numeric_parameter_stands_above_its_numbers() -> None:
    text = await get("/ui/experiments/1")
    assert re.search(r'class="number"><a [^>]*>rate</a><span class="kind">parameter', text)
    assert re.search(r'class=""><a [^>]*>kind plain</a>', await get("/ui/experiments/1?all=1"))
