"""A notice comes back from its cookie as it was, or without Undo where that is too large; any other cookie is ignored."""

import base64
import json
import zlib
from http.cookies import SimpleCookie
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from model_registry_ui.notices import COOKIE, LARGEST, Notice, Said, Undo, of, remember
from starlette.requests import Request
from starlette.responses import Response

from companions.ui.tests.fake_backend import FakeBackend, browsing

texts = st.text(max_size=40)
ids = st.from_regex("[0-9]{1,19}", fullmatch=True)
undos = st.builds(Undo, texts, texts, st.dictionaries(texts, texts | st.none() | st.lists(texts), max_size=4), texts)


def after(notice: Notice) -> tuple[Notice | None, str]:
    """The notice that the next page reads, and the cookie."""
    response = Response()
    remember(response, notice, "/ui", is_secure=True)
    header = response.headers["set-cookie"]
    return read(SimpleCookie(header)[COOKIE].value), header


def read(value: str) -> Notice | None:
    return of(Request({"type": "http", "headers": [(b"cookie", f"{COOKIE}={value}".encode())]}))


@given(st.builds(Notice, st.sampled_from(Said), st.none() | undos, ids | st.just("")))
def test_a_notice_is_read_as_it_was_written(notice: Notice) -> None:
    found, header = after(notice)
    assert found == notice
    assert "HttpOnly" in header
    assert "Path=/ui; SameSite=lax; Secure" in header


def test_what_does_not_fit_into_a_cookie_cannot_be_undone_by_a_button() -> None:
    numbers = {f"{number * 7919 % 10007}": f"{number * 104729}" for number in range(2000)}
    found, header = after(Notice(Said.SAVED, Undo("model_undo", "1", numbers, "x")))
    assert found == Notice(Said.SAVED)
    assert len(header) < LARGEST


@pytest.mark.parametrize(
    ("mark", "is_offered"),
    [
        ('"abc-1"', True),
        ("time:1795000001000", True),
        ("*", False),
        ('"a", "b"', False),
        ('"a","b"', False),
        ('W/"a"', False),
        ("time:", False),
        ("", False),
        ('"a"\n', False),
    ],
)
async def test_a_change_is_undone_on_one_version_only(mark: str, *, is_offered: bool) -> None:
    backend = FakeBackend()
    model = backend.add("registered_models", name="fraud")
    response = Response()
    remember(
        response, Notice(Said.SAVED, Undo("model_undo", model["id"], {"owner": "x"}, mark)), "/ui", is_secure=False
    )
    cookie = f"{COOKIE}={SimpleCookie(response.headers['set-cookie'])[COOKIE].value}"
    async with browsing(backend, **{"sec-fetch-site": "same-origin"}) as client:
        page = await client.get("/ui/look", headers={"cookie": cookie})
        sent = await client.post(f"/ui/models/{model['id']}/undo", data={"_fields": "{}", "_mark": mark})
    assert "Saved." in page.text
    assert ('<button class="secondary">Undo' in page.text) is is_offered
    assert sent.status_code == 303
    assert ("PATCH" in {question.method for question in backend.questions}) is (mark == '"abc-1"')


def forged(*content: Any) -> str:
    """A cookie that the UI has not written."""
    return base64.urlsafe_b64encode(zlib.compress(json.dumps(content).encode())).decode()


async def shown(cookie: str) -> str:
    """A page with a cookie."""
    backend = FakeBackend()
    backend.add("registered_models", name="fraud")
    async with browsing(backend) as client:
        return (await client.get("/ui/look", headers={"cookie": f"{COOKIE}={cookie}"})).text


WORDS = "Call 555 now"


@pytest.mark.parametrize(
    "content",
    [
        (WORDS, "", None),
        ({"words": WORDS, "undo": None, "links": [[WORDS, "/ui/"]]},),
        ("SAVED", WORDS, None),
        ("ARTIFACT_ADDED", WORDS, None),
        ("ARTIFACT_ADDED", f"1/../{WORDS}", None),
        ("SAVED", "", [WORDS, "1", {}, '"a"']),
        ("SAVED", "", ["model_undo", WORDS, {"owner": "x"}, '"a"']),
        ("SAVED", "", ["model_undo", "1", {WORDS: "x"}, '"a"']),
        ("SAVED", "", ["model_undo", "1", [WORDS], '"a"']),
        ("SAVED", "", ["model_undo", "1", {"owner": "x"}, WORDS]),
        ("__class__", "", None),
        ("value", "", None),
    ],
)
async def test_a_forged_cookie_shows_no_words_of_its_own(content: Any) -> None:
    page = await shown(forged(*content))
    assert WORDS not in page
    assert "Undo</button>" not in page


@pytest.mark.parametrize("page", ["logout", "model_archive", "model_edit", "login", "columns", "x"])
async def test_a_forged_cookie_makes_no_button_for_another_page(page: str) -> None:
    assert "Undo</button>" not in await shown(forged("SAVED", "", [page, "1", {"owner": "x"}, '"a"']))


async def test_undo_says_what_it_brings_back() -> None:
    page = await shown(forged("SAVED", "", ["model_undo", "1", {"licenseLink": "x", "customProperties": {}}, '"a"']))
    assert "brings back: license link, properties" in page


@pytest.mark.parametrize("name", ["state", "desiredState", "status"])
async def test_undo_of_a_change_of_state_needs_no_more_words(name: str) -> None:
    page = await shown(forged("ARCHIVED", "", ["model_undo", "1", {name: "LIVE"}, '"a"']))
    assert "Undo</button>" in page
    assert "brings back" not in page


@pytest.mark.parametrize("size", [LARGEST + 1, 2 * LARGEST])
def test_a_cookie_that_is_longer_than_the_ui_writes_is_no_notice(size: int) -> None:
    assert read(forged("SAVED", "", None).ljust(size, "=")) is None


def test_a_cookie_that_unpacks_to_very_much_is_no_notice() -> None:
    packed = forged("SAVED", "", ["model_undo", "1", {"owner": "x" * 1_000_000}, '"a"'])
    assert len(packed) < LARGEST
    assert read(packed) is None


@pytest.mark.parametrize("value", ["", "x", "eJw=", "eJyrVgIAAXUA-Q==", "eJwDAAAAAAE=", "a" * 4000])
def test_any_other_cookie_is_no_notice(value: str) -> None:
    assert read(value) is None
