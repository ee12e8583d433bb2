"""The pages of the catalog: the list with its filters, one model, and where they are left out."""

import re

import orjson
import pytest
from model_registry_client.catalogued import CatalogSource
from model_registry_ui.backend import Answer
from model_registry_ui.catalog.listing import BrokenSource, broken
from model_registry_ui.options import Options

from companions.ui.tests.fake_backend import API, CATALOG, EXTENSIONS, FakeBackend, browsing
from companions.ui.tests.recorded_catalog import FORM, MODEL, recorded

READER = b'{"user": "rob", "authentication": "tokens", "highestRole": "reader", "mayWriteSomething": false}'


async def page(path: str, backend: FakeBackend | None = None) -> str:
    """The HTML of a page that must be there."""
    async with browsing(backend or FakeBackend(catalog=recorded)) as client:
        answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    return str(answer.text)


def asked(backend: FakeBackend, path: str) -> dict[str, str]:
    """The parameters of the last question for a path of the catalog."""
    return dict(next(one.parameters for one in reversed(backend.questions) if one.path == CATALOG + path))


async def test_the_list_shows_models_with_their_sources_and_takes_few_calls() -> None:
    backend = FakeBackend(catalog=recorded)
    text = await page("/ui/catalog", backend)
    assert f'href="{MODEL}">orchard/pear-01</a>' in text
    assert '<a href="/ui/catalog?source=partner-models">Partner Models</a>' in text
    assert len(backend.questions) <= 8
    assert len(text.encode()) < 40 * 1024


async def test_sources_with_a_problem_are_said_to_have_one() -> None:
    text = await page("/ui/catalog")
    assert "sources have a problem" in text
    assert "The source <strong>Missing file</strong> cannot be read: failed to read" in text
    assert "The source <strong>Partner Models</strong> lacks some of its entries: Failed to load 3 model(s)" in text


async def test_sources_that_are_not_read_yet_are_named() -> None:
    def beginning(path: str, parameters: dict[str, str]) -> Answer:
        if path != f"{CATALOG}/sources":
            return recorded(path, parameters)
        return Answer(200, b'{"items": [{"id": "late", "name": "Late ones", "labels": [], "enabled": true}]}')

    assert "Not read yet: Late ones." in await page("/ui/catalog", FakeBackend(catalog=beginning))
    assert "Not read yet" not in await page("/ui/catalog")


async def test_chosen_conditions_become_a_query_that_is_shown_and_can_be_removed() -> None:
    backend = FakeBackend(catalog=recorded)
    text = await page("/ui/catalog?source=core-models&task=summarization&q=ebb&sort=updated", backend)
    query = 'source_id = "core-models" AND tasks = "summarization"'
    sent = asked(backend, "/models")
    assert (sent["filterQuery"], sent["q"], sent["orderBy"], sent["sortOrder"]) == (
        query,
        "ebb",
        "LAST_UPDATE_TIME",
        "DESC",
    )
    assert query.replace('"', "&#34;") in text
    assert 'href="/ui/catalog?q=ebb&amp;task=summarization&amp;sort=updated"' in text
    assert '<option value="core-models" selected>Core Models</option>' in text


async def test_a_query_that_says_no_more_can_be_shown_as_fields() -> None:
    text = await page("/ui/catalog?query=license+%3D+%22MIT%22+AND+language+%3D+%22en%22")
    assert 'href="/ui/catalog?license=MIT&amp;language=en">Show it as fields' in text
    assert "Show it as fields" not in await page("/ui/catalog?query=artifacts.ttft_p90+%3C+75")


async def test_a_refused_query_is_explained_and_the_list_is_not_filtered() -> None:
    text = await page("/ui/catalog?query=license+%3D+%3D")
    assert "unexpected = at column 8" in text
    assert "orchard/pear-01" in text


async def test_named_queries_are_links_with_the_query_that_they_stand_for() -> None:
    text = await page("/ui/catalog")
    assert 'query=provider+ILIKE+%22%25harbour%25%22">second_file</a>' in text
    assert re.search(r"artifacts\.hardware_type\.string_value\+IN\+%28%22H100%22%2C\+%22A10%22%29[^>]*>fast</a>", text)


@pytest.mark.parametrize(("path", "order"), [("?q=pear", "RELEVANCE"), ("", "NAME"), ("?sort=relevance", "NAME")])
async def test_the_usual_order_is_by_relevance_where_words_are_searched(path: str, order: str) -> None:
    backend = FakeBackend(catalog=recorded)
    await page(f"/ui/catalog{path}", backend)
    assert asked(backend, "/models")["orderBy"] == order


async def test_a_model_has_facts_files_measurements_and_properties() -> None:
    backend = FakeBackend(catalog=recorded)
    text = await page(MODEL, backend)
    for part in ("Partner Models", "file:///srv/orchard/pear-01", "L4", "10.5", "overall_average", "Apache 2.0"):
        assert part in text
    assert 'aria-label="Breadcrumb"' in text
    assert len(backend.questions) <= 8


async def test_a_load_to_reach_and_the_recommended_ones_are_asked_for() -> None:
    backend = FakeBackend(catalog=recorded)
    text = await page(f"{MODEL}?rps=20&recommended=1", backend)
    sent = asked(backend, "/sources/partner-models/models/orchard%2Fpear-01/artifacts/performance")
    assert (sent["targetRPS"], sent["recommendations"]) == ("20", "true")
    assert 'value="20"' in text


@pytest.mark.parametrize("rate", ["many", "-1", "1.5", "99999999999", "٣"])
async def test_a_load_that_is_no_whole_number_is_said_to_be_none(rate: str) -> None:
    backend = FakeBackend(catalog=recorded)
    assert "must be a whole number" in await page(f"{MODEL}?rps={rate}", backend)
    assert "targetRPS" not in asked(backend, "/sources/partner-models/models/orchard%2Fpear-01/artifacts/performance")


@pytest.mark.parametrize("name", ["a//b", "../x", "a/.", "a/", "/", "x\ny", "a%2Fb"])
async def test_any_name_has_an_address_that_leads_to_it(name: str) -> None:
    def one(path: str, parameters: dict[str, str]) -> Answer:
        if path == f"{CATALOG}/models":
            return Answer(200, b'{"items": [%s]}' % model)
        return Answer(200, model) if path.endswith(f"/models/{name}") else Answer(200, b'{"items": []}')

    model = orjson_of(name)
    async with browsing(FakeBackend(catalog=one)) as client:
        listed = (await client.get("/ui/catalog")).text
        found = re.search(r'class="name" href="([^"]*)"', listed)
        assert found
        answer = await client.get(found[1].replace("&amp;", "&"))
    assert answer.status_code == 200
    assert "It is this one." in answer.text


def orjson_of(name: str) -> bytes:
    return orjson.dumps({"name": name, "source_id": "mcp", "description": "It is this one."})


async def test_a_model_that_is_not_there_is_not_found() -> None:
    async with browsing(FakeBackend(catalog=recorded)) as client:
        assert (await client.get("/ui/catalog/core-models/nothing")).status_code == 404


async def test_without_a_catalog_the_menu_has_none_and_its_pages_are_not_found() -> None:
    backend = FakeBackend()
    assert "/ui/catalog" not in await page("/ui/models", backend)
    async with browsing(backend) as client:
        answer = await client.get("/ui/catalog")
    assert answer.status_code == 404
    assert "This server has no model catalog." in answer.text
    assert 'data-go="catalog"' in await page("/ui/models", FakeBackend(catalog=recorded))


async def test_a_reader_sees_no_form_that_changes_something() -> None:
    backend = FakeBackend(EXTENSIONS, recorded)
    backend.answers[f"{EXTENSIONS}/whoami"] = Answer(200, READER)
    for path in ("/ui/catalog", MODEL):
        async with browsing(backend, Options(ways=("tokens",))) as client:
            text = (await client.get(path)).text
        main = text.partition("<main")[2]
        assert 'method="post"' not in main
        assert "Register this model" not in main
    async with browsing(backend, Options(ways=("tokens",)), **{"sec-fetch-site": "same-origin"}) as client:
        assert (await client.get(FORM)).status_code == 403
        assert (await client.post(FORM, data={"model-name": "x", "version-name": "1"})).status_code == 403
    assert not [one for one in backend.questions if one.method == "POST" and one.path.startswith(API)]


async def test_mcp_servers_are_listed_and_one_shows_its_tools() -> None:
    listed = await page("/ui/catalog/mcp")
    found = re.search(r'href="(/ui/catalog/mcp/[0-9]+)">tide-tables</a>', listed)
    assert found
    text = await page(found[1])
    for part in ("get_tide", "read only", "oci://images.harbour.test/tide-tables:1.2.0", "Harbour Co-op"):
        assert part in text
    async with browsing(FakeBackend(catalog=recorded)) as client:
        assert (await client.get("/ui/catalog/mcp/99")).status_code == 404


async def test_a_search_for_words_finds_models_of_the_catalog_too() -> None:
    backend = FakeBackend(catalog=recorded)
    text = await page("/ui/search?q=pear", backend)
    assert "Models of the catalog" in text
    assert f'href="{MODEL}">orchard/pear-01</a>' in text
    before = len(backend.questions)
    await page("/ui/search?q=id:7", backend)
    assert not [one for one in backend.questions[before:] if one.path.startswith(CATALOG)]


def test_a_source_that_shows_what_it_had_before_a_fault_is_named_with_the_fault() -> None:
    states = (
        ("a", "available", "line 3: no name"),
        ("b", "available", None),
        ("c", "disabled", "old"),
        ("d", "error", "x"),
    )
    sources = [CatalogSource(id_, id_, (), enabled=True, status=status, error=error) for id_, status, error in states]
    assert broken(sources) == [
        BrokenSource("a", "has a fault in its newest files and shows what it had before", "line 3: no name"),
        BrokenSource("d", "cannot be read", "x"),
    ]
