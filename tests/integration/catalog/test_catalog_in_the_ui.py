"""The catalog in the web UI of a real server: filters, odd names, and a model that is registered."""

import re
from collections.abc import Iterator
from html import unescape

import httpx
import pytest

from companions.ui.tests.html_form import HtmlForm
from tests.support.processes import API, proxy, wait_until
from tests.support.recorded_catalog import FOLDER

SOURCES = FOLDER / "fixtures" / "sources.yaml"
SAME = {"sec-fetch-site": "same-origin", "content-type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A browser of a server with a registry and the recorded catalog, once its sources are read."""
    folder = tmp_path_factory.mktemp("catalog-in-ui")
    flags = ["--catalogs-path", str(SOURCES), "--performance-metrics", str(SOURCES.parent / "perf")]
    with proxy(folder, *flags) as served, httpx.Client(base_url=served.url, timeout=60) as client:
        wait_until(lambda: _is_read(client), served, "The catalog")
        yield client


def _is_read(client: httpx.Client) -> bool:
    """Whether all sources were read: until then the page says which were not."""
    text = client.get("/ui/catalog").text
    return "sources have a problem" in text and "Not read yet" not in text


def listed(text: str) -> dict[str, str]:
    """The addresses of the models in a list, by their names."""
    return {unescape(name): unescape(url) for url, name in re.findall(r'class="name" href="([^"]*)">([^<]*)</a>', text)}


def test_each_condition_that_is_offered_is_understood_and_finds_models(browser: httpx.Client) -> None:
    text = browser.get("/ui/catalog").text
    selects = re.findall(r'<select id="filter-(\w+)"[^>]*>(.*?)</select>', text, re.DOTALL)
    offered = {name: re.findall(r'<option value="([^"]+)"', options) for name, options in selects if name != "sort"}
    assert set(offered) == {"source", "provider", "task", "license", "language", "library", "maturity"}
    for name, values in offered.items():
        answer = browser.get("/ui/catalog", params={name: unescape(values[-1])})
        assert (answer.status_code, "query-problem" in answer.text) == (200, False)
        assert listed(answer.text) or name == "source"


def test_each_named_query_and_each_order_is_understood(browser: httpx.Client) -> None:
    text = browser.get("/ui/catalog").text
    named = [unescape(url) for url in re.findall(r'href="(/ui/catalog\?query=[^"]*)"', text)]
    assert named
    for path in (*named, "/ui/catalog?sort=accuracy", "/ui/catalog?q=pear&sort=updated", "/ui/catalog?q=pear"):
        answer = browser.get(path)
        assert (answer.status_code, "query-problem" in answer.text) == (200, False), path
        assert listed(answer.text), path


def test_every_model_has_a_page_and_pages_of_the_list_follow_each_other(browser: httpx.Client) -> None:
    path, found = "/ui/catalog?size=25", {}
    while path:
        text = browser.get(path).text
        found |= listed(text)
        following = re.search(r'href="([^"]*)"[^>]*>Next 25', text)
        path = unescape(following[1]) if following else ""
    assert len(found) > 50
    assert {browser.get(url).status_code for url in found.values()} == {200}


def test_a_model_is_registered_and_its_version_leads_back(browser: httpx.Client) -> None:
    here = "/ui/catalog/core-models/tidewater/ebbtide-1b"
    text = browser.get(here).text
    found = re.search(r'href="([^"]*)">Register this model', text)
    assert found
    form = HtmlForm(browser.get(unescape(found[1])).text)
    form.fill("version-name", "1.0.0")
    answer = browser.post(form.action, content=str(httpx.QueryParams(form.pairs)), headers=SAME)
    assert answer.status_code == 303, answer.text
    version = answer.headers["location"]
    assert f'href="{here}">tidewater/ebbtide-1b</a>' in browser.get(version).text
    id_ = version.rpartition("/")[2]
    files = browser.get(f"{API}/model_versions/{id_}/artifacts").json()["items"][0]
    assert (files["modelSourceKind"], files["modelSourceClass"], files["modelSourceGroup"], files["uri"]) == (
        "catalog",
        "core-models",
        "tidewater",
        "oci://images.tidewater.test/ebbtide:1b",
    )
    again = browser.post(form.action, content=str(httpx.QueryParams(form.pairs)), headers=SAME)
    assert again.status_code == 409
    assert 'id="field-version-name-error"' in again.text
