"""The columns of a list are kept in the browser, and the columns in an address come before them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from model_registry_ui import kept_columns
from model_registry_ui.options import Options
from starlette.requests import Request
from starlette.responses import Response

from companions.ui.tests.fake_backend import FakeBackend, browsing

SAME = {"sec-fetch-site": "same-origin"}
NEXT = "/ui/models?state=all&q=f"
names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)


@pytest.fixture
def backend() -> FakeBackend:
    """A registry with one model and one version."""
    made = FakeBackend()
    made.add("registered_models", name="fraud", owner="ann", provider="Example")
    made.add("model_versions", name="1", registeredModelId="1")
    return made


def headings(page: str) -> list[str]:
    """The headings of the columns of a list."""
    found = re.findall(r'<th scope="col"[^>]*>(?:<a [^>]*>)?([^<]+)', page.partition('id="rows"')[2])
    return [words for words in found if words != "Select"]


def form(*columns: str, **fields: str) -> dict[str, object]:
    """The form of the columns of the list of models."""
    return {"list": "models", "next": NEXT, "cols": list(columns), **fields}


async def test_chosen_columns_are_in_the_address_and_kept_for_the_next_visit(backend: FakeBackend) -> None:
    async with browsing(backend, Options(ways=()), **SAME) as client:
        answer = await client.post("/ui/columns", data=form("provider", "a&b"))
        assert answer.headers["location"] == f"{NEXT}&cols=provider&cols=a%26b"
        page = (await client.get("/ui/models")).text
        others = (await client.get("/ui/versions")).text
    assert headings(page) == ["Name", "Provider", "a&amp;b"]
    assert "Provider" not in headings(others)
    assert "HttpOnly; Max-Age=31536000; Path=/ui; SameSite=lax" in answer.headers["set-cookie"]


async def test_columns_in_an_address_come_first_and_each_link_names_its_columns(backend: FakeBackend) -> None:
    async with browsing(backend, Options(ways=()), **SAME) as client:
        await client.post("/ui/columns", data=form("provider"))
        page = (await client.get("/ui/models?cols=owner")).text
        kept = (await client.get("/ui/models")).text
    assert headings(page) == ["Name", "Owner"]
    assert 'href="/ui/models?sort=name&amp;cols=owner"' in page
    assert 'href="/ui/models?sort=name&amp;cols=provider"' in kept


async def test_the_usual_columns_come_back(backend: FakeBackend) -> None:
    async with browsing(backend, Options(ways=()), **SAME) as client:
        usual = (await client.get("/ui/models")).text
        await client.post("/ui/columns", data=form("provider"))
        answer = await client.post("/ui/columns", data=form("provider", usual="1"))
        page = (await client.get("/ui/models")).text
    assert answer.headers["location"] == NEXT
    assert headings(page) == headings(usual)


async def test_the_form_leads_back_to_the_same_list_without_its_columns(backend: FakeBackend) -> None:
    async with browsing(backend, Options(ways=())) as client:
        page = (await client.get("/ui/models?q=f&cols=owner&sort=name")).text
    assert 'name="next" value="/ui/models?q=f&amp;sort=name"' in page


async def test_a_file_has_the_columns_of_its_page(backend: FakeBackend) -> None:
    async with browsing(backend, Options(ways=()), **SAME) as client:
        await client.post("/ui/columns", data=form("provider"))
        page = (await client.get("/ui/models")).text
    assert 'href="/ui/models.csv?cols=provider"' in page


async def test_columns_are_kept_only_by_a_form_of_the_ui(backend: FakeBackend) -> None:
    async with browsing(backend, Options(ways=()), **{"sec-fetch-site": "cross-site"}) as client:
        answer = await client.post("/ui/columns", data=form("provider"))
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def read(cookie: str) -> kept_columns.KeptColumns:
    """What a browser with this cookie keeps."""
    headers = [(b"cookie", f"{kept_columns.COOKIE}={cookie}".encode("latin-1"))]
    return kept_columns.of(Request({"type": "http", "headers": headers}))


def written(kept: kept_columns.KeptColumns) -> str:
    """The value of the cookie that keeps columns."""
    response = Response()
    kept_columns.remember(response, kept, "/ui", is_secure=False)
    return response.headers["set-cookie"].partition(";")[0].partition("=")[2].strip('"')


@given(st.dictionaries(names, st.lists(names, min_size=1, max_size=3).map(tuple), max_size=3))
def test_names_of_columns_come_back_whatever_they_hold(kept: kept_columns.KeptColumns) -> None:
    assert read(written(kept)) == kept


@given(st.text(st.characters(max_codepoint=255), max_size=30))
def test_any_cookie_is_read(cookie: str) -> None:
    read(cookie)


def test_what_was_chosen_last_is_kept_where_not_all_fits() -> None:
    many = tuple(f"property-{number}" for number in range(100))
    kept = kept_columns.changed({"models": many, "versions": many}, "artifacts", many)
    found = read(written(kept))
    assert list(found) in (["artifacts"], ["versions", "artifacts"])
    assert len(written({"models": ("x" * kept_columns.LARGEST,)})) == 0
