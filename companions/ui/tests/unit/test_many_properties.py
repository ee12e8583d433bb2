"""An entity with thousands of custom properties makes pages of a usual size."""

import re

import pytest
from model_registry_client.custom_properties import to_wire
from model_registry_ui.cells import MOST_PROPERTIES
from model_registry_ui.experiments import comparison
from model_registry_ui.forms.sent import MOST_ROWS
from model_registry_ui.lists.view import MOST_CHOICES

from companions.ui.tests.fake_backend import FakeBackend, browsing

COUNT = 20_000


def registry(count: int = COUNT) -> FakeBackend:
    """A registry with one model, which has so many properties."""
    backend = FakeBackend()
    backend.add("registered_models", name="wide", customProperties=to_wire({f"p{n:05}": "x" for n in range(count)}))
    return backend


async def page_of(backend: FakeBackend, path: str) -> str:
    """The HTML of a page that must be there."""
    async with browsing(backend) as client:
        answer = await client.get(path)
    assert answer.status_code == 200
    return answer.text


def rows(page: str) -> int:
    """How many properties the page shows."""
    return len(re.findall(r'<th scope="row">p\d{5}</th>', page))


async def test_the_choice_of_columns_offers_few_properties_and_says_that_there_are_more() -> None:
    page = await page_of(registry(), "/ui/models")
    assert len(re.findall(r'checkbox name=cols value="p\d{5}"', page)) == MOST_CHOICES
    assert f"The rows have {COUNT - MOST_CHOICES} more properties." in page


async def test_a_column_of_the_address_is_among_those_that_are_offered() -> None:
    page = await page_of(registry(), "/ui/models?cols=p19999")
    assert re.search(r'name=cols value="p19999" checked', page)
    assert len(re.findall(r'checkbox name=cols value="p\d{5}"', page)) == MOST_CHOICES


async def test_a_list_with_few_properties_offers_all() -> None:
    assert "more properties." not in await page_of(registry(MOST_CHOICES), "/ui/models")


async def test_a_page_shows_some_properties_first_and_all_by_a_link() -> None:
    page = await page_of(registry(), "/ui/models/1?a=b")
    link = re.search(rf'{MOST_PROPERTIES} of {COUNT} properties are shown. <a href="([^"]*)">Show all</a>', page)
    assert link
    assert rows(page) == MOST_PROPERTIES
    assert link[1] == "/ui/models/1?a=b&amp;properties=all"
    whole = await page_of(registry(), link[1].replace("&amp;", "&"))
    assert rows(whole) == COUNT
    assert "Show all</a>" not in whole


async def test_a_page_with_no_more_properties_than_it_shows_has_no_link() -> None:
    page = await page_of(registry(MOST_PROPERTIES), "/ui/models/1")
    assert rows(page) == MOST_PROPERTIES
    assert "Show all</a>" not in page


@pytest.mark.parametrize(("count", "has_form"), [(MOST_ROWS, True), (MOST_ROWS + 1, False)])
async def test_a_form_that_could_not_be_saved_is_not_shown(count: int, *, has_form: bool) -> None:
    page = await page_of(registry(count), "/ui/models/1/properties")
    assert ('name="property-name"' in page) is has_form
    assert ("has 1001 properties" in page) is not has_form
    assert ("<code>mr models update id:1 " in page) is not has_form


async def test_labels_that_are_not_shown_are_counted() -> None:
    backend = FakeBackend()
    labels = to_wire(dict.fromkeys((f"label-{n:05}" for n in range(COUNT)), ""))
    backend.add("registered_models", name="labelled", customProperties=labels)
    page = await page_of(backend, "/ui/models/1")
    assert f">{COUNT - 4} more</li>" in page
    assert "label-00039" in page
    assert "label-00100" not in page


async def test_the_page_of_labels_shows_some_and_finds_the_others() -> None:
    backend = FakeBackend()
    labels = to_wire(dict.fromkeys((f"label-{n:05}" for n in range(COUNT)), ""))
    backend.add("registered_models", name="labelled", customProperties=labels)
    page = await page_of(backend, "/ui/models/1/labels")
    assert page.count('name="remove"') == MOST_PROPERTIES
    assert f"{MOST_PROPERTIES} of {COUNT} labels are shown: filter them" in page
    found = await page_of(backend, "/ui/models/1/labels?find=LABEL-1999")
    assert found.count('name="remove"') == 10
    assert f"10 of {COUNT} labels are shown." in found
    assert "No label has this in its name." in await page_of(backend, "/ui/models/1/labels?find=nothing")


async def test_few_labels_need_no_filter() -> None:
    backend = FakeBackend()
    backend.add("registered_models", name="labelled", customProperties=to_wire({"gold": ""}))
    assert 'name="find"' not in await page_of(backend, "/ui/models/1/labels")


async def test_a_comparison_shows_some_rows_and_finds_the_others() -> None:
    backend = FakeBackend()
    backend.add("registered_models", name="fraud")
    for name in ("1.0.0", "1.1.0"):
        properties = {f"p{n:05}": f"{n} {name}" for n in range(COUNT)}
        backend.add("model_versions", name=name, registeredModelId="1", customProperties=to_wire(properties))
    page = await page_of(backend, "/ui/compare/versions?id=2&id=3")
    assert rows(page) == comparison.MOST_ROWS
    assert f"{comparison.MOST_ROWS} of {COUNT} rows are shown" in page
    found = await page_of(backend, "/ui/compare/versions?id=2&id=3&find=P1999&only=1")
    assert rows(found) == 10
    assert 'name="only" value="1"' in found
    assert "rows are shown" not in found
    file = await page_of(backend, "/ui/compare/versions.csv?id=2&id=3")
    assert file.count("Properties,p") == COUNT
