"""Changes that another site's page may have sent are refused, and what a browser may keep is limited."""

import pytest
from model_registry_ui.options import Options

from companions.ui.tests.fake_backend import FakeBackend, browsing

FORM = {"theme": "dark", "next": "/ui/models"}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "same-origin"}, 303),
        ({"sec-fetch-site": "same-origin", "origin": "null"}, 303),
        ({"origin": "http://localhost:8080"}, 303),
        ({"origin": "https://ml.example.org"}, 303),
        ({}, 403),
        ({"sec-fetch-site": "none"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "cross-site", "origin": "http://localhost:8080"}, 403),
        ({"origin": "http://localhost"}, 403),
        ({"origin": "https://localhost:8080"}, 403),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"sec-fetch-site": "same-origin", "origin": "http://localhost:8080"}, 303),
        ({"sec-fetch-site": "same-origin", "origin": "https://ml.example.org"}, 303),
        ({"sec-fetch-site": "same-origin", "origin": "https://evil.example"}, 403),
    ],
    ids=str,
)
async def test_a_form_counts_only_from_a_page_of_the_ui(headers: dict[str, str], status: int) -> None:
    async with browsing(FakeBackend(), Options(origins=("https://ml.example.org",))) as client:
        answer = await client.post("/ui/look", data=FORM, headers=headers)
    assert answer.status_code == status
    assert ("set-cookie" in answer.headers) is (status == 303)


@pytest.mark.parametrize(
    "headers",
    [
        [("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")],
        [("sec-fetch-site", ""), ("origin", "http://localhost:8080")],
        [("origin", "http://localhost:8080"), ("origin", "https://evil.example")],
    ],
    ids=str,
)
async def test_a_form_with_a_header_twice_or_empty_is_refused(headers: list[tuple[str, str]]) -> None:
    async with browsing(FakeBackend()) as client:
        assert (await client.post("/ui/look", data=FORM, headers=headers)).status_code == 403


@pytest.mark.parametrize("to", ["/ui/models?q=a//b%2F..%5C#x", "/ui/models/1", "/ui/a..b", "/ui/"])
async def test_the_ui_leads_to_its_pages_with_any_query(to: str) -> None:
    async with browsing(FakeBackend(), **{"sec-fetch-site": "same-origin"}) as client:
        answer = await client.post("/ui/look", data={"theme": "dark", "next": to})
    assert answer.headers["location"] == to


@pytest.mark.parametrize(
    "to",
    [
        "/x/ui/%2e%2e/docs",
        "/ui/%2E%2e/docs",
        "/ui/.%2e/docs",
        "/ui//evil",
        "/ui/..%2fdocs",
        "/ui/%5cx",
        "/ui/..",
        "/ui/..#x",
        "/ui/../?q",
        "/ui/./../x",
    ],
)
async def test_the_ui_leads_to_no_path_that_others_read_differently(to: str) -> None:
    async with browsing(FakeBackend(), **{"sec-fetch-site": "same-origin"}) as client:
        answer = await client.post("/ui/look", data={"theme": "dark", "next": to})
    assert answer.headers["location"] == "/ui/"


@pytest.mark.parametrize(
    "to", ["https://evil.example/ui/", "//evil.example/ui/", "/ui", "/uix/", "/ui/\\evil", "/ui/../x", "", "/ui/\n"]
)
async def test_the_ui_leads_to_itself_only(to: str) -> None:
    async with browsing(FakeBackend(), **{"sec-fetch-site": "same-origin"}) as client:
        answer = await client.post("/ui/look", data={"theme": "dark", "next": to})
    assert answer.headers["location"] == "/ui/"


@pytest.mark.parametrize(
    ("path", "to"),
    [
        ("/ui/models/", "/registry/ui/models"),
        ("/ui/models/?sort=name&q=a%20b", "/registry/ui/models?sort=name&q=a%20b"),
        ("/ui//evil.example/", "/registry/ui//evil.example"),
        ("/ui/a%22b//", "/registry/ui/a%22b"),
    ],
)
async def test_a_slash_at_the_end_leads_to_the_page_on_the_host_that_the_browser_knows(path: str, to: str) -> None:
    async with browsing(FakeBackend(), Options(root_path="/registry")) as client:
        answer = await client.get(path, headers={"host": "inside:21120"})
    assert (answer.status_code, answer.headers["location"]) == (307, to)


async def test_the_cookie_of_the_look_is_for_the_ui_only() -> None:
    async with browsing(FakeBackend(), Options(root_path="/registry"), **{"sec-fetch-site": "same-origin"}) as client:
        answer = await client.post("/ui/look", data=FORM)
    assert "Path=/registry/ui; SameSite=lax" in answer.headers["set-cookie"]
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert answer.headers["location"] == "/registry/ui/"


async def test_a_theme_is_written_into_the_page() -> None:
    async with browsing(FakeBackend(), cookie='mr_ui_look="theme=dark&density=nonsense"') as client:
        text = (await client.get("/ui/")).text
    assert 'data-theme="dark" data-density="comfortable"' in text


async def test_a_page_takes_no_change_where_it_has_no_form() -> None:
    async with browsing(FakeBackend(), **{"sec-fetch-site": "same-origin"}) as client:
        answer = await client.post("/ui/models", data={})
    assert answer.status_code == 405


async def test_the_token_of_the_cookie_and_nothing_else_reaches_the_api() -> None:
    backend = FakeBackend()
    sent = {"cookie": "mr_ui=abc.def; other=1", "authorization": "Basic x", "kubeflow-userid": "root", "x-other": "1"}
    async with browsing(backend, **sent) as client:
        await client.get("/ui/models")
    assert {caller.headers for caller in backend.callers} == {(("authorization", "Bearer abc.def"),)}


async def test_a_gateways_headers_reach_the_api() -> None:
    backend = FakeBackend()
    options = Options(trusts_gateway=lambda _: True)
    async with browsing(backend, options, **{"kubeflow-userid": "ann", "kubeflow-groups": "a,b"}) as client:
        await client.get("/ui/models")
    assert {caller.headers for caller in backend.callers} == {(("kubeflow-userid", "ann"), ("kubeflow-groups", "a,b"))}
