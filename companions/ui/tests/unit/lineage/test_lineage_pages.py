"""The lineage of versions, models and runs on a whole server, with the extensions and without."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from model_registry_client.custom_properties import to_wire

from companions.ui.tests.registry import Registry, registry

MOST_CALLS = 10


class Outline(HTMLParser):
    """Reads the nested list: the names of nodes, each with how deep it stands."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[int, str]] = []
        self._depth, self._name = 0, ""
        self.feed(text[text.index('<ul class="outline">') :])

    def handle_starttag(self, tag: str, _: Any) -> None:
        """Goes deeper, or begins a name."""
        self._depth += tag == "ul"
        if tag == "li":
            self._name = "wanted"

    def handle_endtag(self, tag: str) -> None:
        """Goes back."""
        self._depth -= tag == "ul"

    def handle_data(self, data: str) -> None:
        """Takes the first text of an item."""
        if self._name and data.strip() and self._depth:
            self.found.append((self._depth, data.strip()))
            self._name = ""


async def fill(made: Registry, *, named: bool = False) -> dict[str, str]:
    """A run with a data set and files, a version that has these files and a report, and two services of it."""
    experiment = await made.make("/experiments", name="trees")
    run = await made.make("/experiment_runs", name="depth-8", experimentId=experiment["id"])
    below = f"/experiment_runs/{run['id']}/artifacts"
    await made.make(below, artifactType="dataset-artifact", name="payments", uri="s3://data/payments")
    await made.make(below, artifactType="metric", name="loss", value=0.5)
    files = await made.make(below, artifactType="model-artifact", name="weights", uri="s3://models/fraud")
    model = await made.make("/registered_models", name="fraud")
    property_ = {"customProperties": to_wire({"experiment_run_id": int(run["id"])})} if named else {}
    version = await made.make("/model_versions", name="1.0.0", registeredModelId=model["id"], **property_)
    below = f"/model_versions/{version['id']}/artifacts"
    await made.make(below, artifactType="model-artifact", id=files["id"])
    await made.make(below, artifactType="doc-artifact", name="report", uri="https://example.org/report")
    environment = await made.make("/serving_environments", name="production")
    ids = {"registeredModelId": model["id"], "servingEnvironmentId": environment["id"]}
    await made.make("/inference_services", name="pinned", modelVersionId=version["id"], **ids)
    await made.make("/inference_services", name="following", **ids)
    return {"run": run["id"], "model": model["id"], "version": version["id"], "files": files["id"]}


WHOLE_LINE = {
    (1, "payments"),
    (2, "depth-8"),
    (3, "1.0.0"),
    (4, "weights"),
    (4, "report"),
    (5, "pinned"),
    (5, "following"),
}


@pytest.mark.parametrize("extensions", [True, False])
async def test_a_version_shows_its_whole_line(*, extensions: bool) -> None:
    async with registry(extensions=extensions) as made:
        ids = await fill(made)
        text = await made.page(f"/ui/versions/{ids['version']}/lineage")
        assert made.calls <= MOST_CALLS
    assert set(Outline(text).found) == WHOLE_LINE
    assert text.count('class="node"') == len(WHOLE_LINE)
    assert text.count('class="edge"') == 6
    assert "loss" not in text


@pytest.mark.parametrize(("extensions", "switched_off"), [(True, ""), (True, "/lineage"), (False, "")])
async def test_recorded_steps_stand_in_front_of_the_files_that_they_made(
    *, extensions: bool, switched_off: str
) -> None:
    async with registry(extensions=extensions) as made:
        ids = await fill(made)
        data = await made.make("/artifacts", artifactType="dataset-artifact", name="labels")
        base = await made.make("/model_artifacts", name="base")
        steps = [("tuning", [data["id"]], [base["id"]]), ("quantisation", [base["id"]], [ids["files"]])]
        for kind, inputs, outputs in steps:
            step = {"kind": kind, "name": f"a {kind}", "inputArtifactIds": inputs, "outputArtifactIds": outputs}
            await made.make("http://test/api/model_registry/ext/v1/lineage/steps", **step)
        made.backend.switched_off = switched_off
        text = await made.page(f"/ui/versions/{ids['version']}/lineage")
        assert made.calls <= MOST_CALLS
    steps_shown = {(1, "labels"), (2, "a tuning"), (3, "base"), (4, "a quantisation"), (5, "weights")}
    assert (steps_shown <= set(Outline(text).found)) == (extensions and not switched_off)
    assert {name for _, name in WHOLE_LINE} <= {name for _, name in Outline(text).found}
    assert "A part of the lineage is missing" not in text


async def test_a_property_names_the_run_where_nothing_is_shared() -> None:
    async with registry(extensions=False) as made:
        ids = await fill(made, named=True)
        bare = await made.make(
            "/model_versions",
            name="bare",
            registeredModelId=ids["model"],
            customProperties=to_wire({"experiment_run_id": ids["run"]}),
        )
        text = await made.page(f"/ui/versions/{bare['id']}/lineage")
    assert Outline(text).found == [(1, "payments"), (2, "depth-8"), (3, "bare"), (4, "following")]


async def test_a_service_that_follows_the_newest_version_stands_only_there() -> None:
    async with registry() as made:
        ids = await fill(made)
        await made.make("/model_versions", name="2.0.0", registeredModelId=ids["model"])
        old = await made.page(f"/ui/versions/{ids['version']}/lineage")
        of_model = await made.page(f"/ui/models/{ids['model']}/lineage")
        of_run = await made.page(f"/ui/runs/{ids['run']}/lineage")
    assert {name for _, name in Outline(old).found} == {name for _, name in WHOLE_LINE} - {"following"}
    assert Outline(of_model).found == [(1, "2.0.0"), (2, "following"), (1, "1.0.0"), (2, "pinned")]
    assert "following" not in of_run


async def test_a_model_shows_the_runs_that_its_versions_name() -> None:
    async with registry() as made:
        ids = await fill(made, named=True)
        text = await made.page(f"/ui/models/{ids['model']}/lineage")
        assert made.calls <= MOST_CALLS
    assert set(Outline(text).found) == {
        (1, "payments"),
        (2, "depth-8"),
        (3, "1.0.0"),
        (4, "pinned"),
        (4, "following"),
    }


@pytest.mark.parametrize(("extensions", "named"), [(True, False), (False, True)])
async def test_a_run_shows_what_was_made_of_it(*, extensions: bool, named: bool) -> None:
    async with registry(extensions=extensions) as made:
        ids = await fill(made, named=named)
        text = await made.page(f"/ui/runs/{ids['run']}/lineage")
        assert made.calls <= MOST_CALLS
    names = {name for _, name in Outline(text).found}
    assert names == {"payments", "depth-8", "1.0.0", "weights", "pinned", "following"}


async def test_long_columns_are_folded_and_open_by_a_link() -> None:
    async with registry() as made:
        ids = await fill(made)
        for number in range(8):
            await made.make(
                f"/model_versions/{ids['version']}/artifacts", artifactType="doc-artifact", name=f"more {number}"
            )
        path = f"/ui/versions/{ids['version']}/lineage"
        text = await made.page(path)
        opened = await made.page(f"{path}?open=3&open=nonsense")
    assert f'href="{path}?open=3"' in text
    assert "+5" in text
    assert "more of artifact" not in opened
    assert text.count("more 0") >= 1


async def test_what_made_the_files_outside_is_a_node_and_a_link_only_with_http() -> None:
    async with registry() as made:
        model = await made.make("/registered_models", name="fraud")
        version = await made.make("/model_versions", name="1", registeredModelId=model["id"])
        for id_, name in (("https://ci.example.org/7", "build 7"), ("javascript:alert(1)", "bad")):
            await made.make(
                f"/model_versions/{version['id']}/artifacts",
                artifactType="model-artifact",
                name=f"files of {name}",
                modelSourceKind="pipeline",
                modelSourceId=id_,
                modelSourceName=name,
            )
        text = await made.page(f"/ui/versions/{version['id']}/lineage")
    assert text.count('href="https://ci.example.org/7" rel="noopener noreferrer nofollow"') == 2
    assert 'href="javascript' not in text
    assert (1, "bad") in Outline(text).found


async def test_a_question_that_the_server_refuses_is_said_and_the_rest_is_shown() -> None:
    async with registry(extensions=False) as made:
        ids = await fill(made)
        made.backend.refused = "experimentRunId"
        text = await made.page(f"/ui/versions/{ids['version']}/lineage")
    assert "because the server refuses the question: This query is not known here." in text
    assert (1, "1.0.0") in Outline(text).found


@pytest.mark.parametrize("path", ["/ui/versions/{version}/lineage", "/ui/runs/{run}/lineage"])
async def test_services_that_name_a_version_are_found_where_missing_fields_cannot_be_asked_for(path: str) -> None:
    async with registry() as made:
        ids = await fill(made)
        made.backend.refused = "IS NULL"
        text = await made.page(path.format(**ids))
    names = {name for _, name in Outline(text).found}
    assert "pinned" in names
    assert "following" not in names


async def test_a_server_without_experiments_shows_the_line_without_runs() -> None:
    async with registry(extensions=False, api="/api/model_registry/v1") as made:
        ids = await fill(made, named=True)
        of_version = await made.page(f"/ui/versions/{ids['version']}/lineage")
        of_model = await made.page(f"/ui/models/{ids['model']}/lineage")
    assert {name for _, name in Outline(of_version).found} == {"1.0.0", "weights", "report", "pinned", "following"}
    assert {name for _, name in Outline(of_model).found} == {"1.0.0", "pinned", "following"}
    assert "A part of the lineage is missing" not in of_version + of_model


async def test_the_page_of_an_artifact_names_its_versions_and_its_run() -> None:
    async with registry() as made:
        ids = await fill(made)
        text = await made.page(f"/ui/artifacts/{ids['files']}")
        assert made.calls <= MOST_CALLS
    assert f'<a href="/ui/versions/{ids["version"]}">1.0.0</a> <small>of ' in text
    assert f'<a href="/ui/runs/{ids["run"]}">depth-8</a>' in text


def way(page: str) -> list[str]:
    """The addresses of the steps to a page."""
    return re.findall(
        r'href="([^"]*)"', page[page.index('<nav class="crumbs"') : page.index("<h1")].partition("</nav>")[0]
    )


async def test_the_list_of_artifacts_says_what_each_belongs_to() -> None:
    async with registry() as made:
        ids = await fill(made)
        first = await made.page("/ui/artifacts")
        calls = made.calls
        later = await made.page("/ui/artifacts?later=1")
        last = await made.page("/ui/artifacts?later=1&artifactType=metric")
        assert made.calls <= calls + 1
    of_run = f'<a href="/ui/runs/{ids["run"]}">depth-8</a> <small>run</small>'
    of_version = f'<a href="/ui/versions/{ids["version"]}">1.0.0</a> <small>of fraud</small>'
    assert (first.count(of_run), first.count(of_version)) == (3, 0)
    assert (later.count(of_run), later.count(of_version)) == (3, 1)
    assert (last.count(of_run), last.count(of_version)) == (1, 0)
    assert 'data-part="/ui/artifacts?later=1"' in first
    assert "data-part" not in later.partition('id="rows"')[2]
    assert way(first) == ["/ui/models"]


async def test_the_list_of_artifacts_asks_nothing_in_vain_where_versions_cannot_be_asked_for() -> None:
    async with registry(extensions=False) as made:
        await fill(made)
        text = await made.page("/ui/artifacts")
        assert made.calls <= 4
    assert "data-part" not in text.partition('id="rows"')[2]


async def test_the_way_to_an_artifact_is_that_of_its_version_or_run() -> None:
    async with registry() as made:
        ids = await fill(made)
        standalone = await made.make("/artifacts", artifactType="doc-artifact", name="notes")
        of_version = await made.page(f"/ui/artifacts/{ids['files']}")
        found = (await made.page("/ui/artifacts?artifactType=metric")).partition('id="rows"')[2]
        metric = re.search(r'href="(/ui/artifacts/\d+)">loss<', found)
        assert metric
        of_run = await made.page(metric[1])
        of_none = await made.page(f"/ui/artifacts/{standalone['id']}")
    version = f"/ui/versions/{ids['version']}"
    assert way(of_version) == ["/ui/models", f"/ui/models/{ids['model']}", version, f"{version}/artifacts"]
    assert way(of_run) == ["/ui/experiments", f"/ui/runs/{ids['run']}"]
    assert way(of_none) == ["/ui/models", "/ui/artifacts"]
