"""A notice comes back from its cookie as it was, or without Undo where that is too large; any other cookie is ignored."""

from http.cookies import SimpleCookie

import pytest
from hypothesis import given
from hypothesis import strategies as st
from model_registry_ui.notices import COOKIE, LARGEST, Notice, Undo, of, remember
from starlette.requests import Request
from starlette.responses import Response

from companions.ui.tests.fake_backend import FakeBackend, browsing

texts = st.text(max_size=40)
undos = st.builds(Undo, texts, texts, st.dictionaries(texts, texts | st.none() | st.lists(texts), max_size=4), texts)


def after(notice: Notice) -> tuple[Notice | None, str]:
    """The notice that the next page reads, and the cookie."""
    response = Response()
    remember(response, notice, "/ui", is_secure=True)
    header = response.headers["set-cookie"]
    return read(SimpleCookie(header)[COOKIE].value), header


def read(value: str) -> Notice | None:
    return of(Request({"type": "http", "headers": [(b"cookie", f"{COOKIE}={value}".encode())]}))


@given(st.builds(Notice, texts, st.none() | undos, st.tuples(st.tuples(texts, texts)) | st.just(())))
def test_a_notice_is_read_as_it_was_written(notice: Notice) -> None:
    found, header = after(notice)
    assert found == notice
    assert "HttpOnly" in header
    assert "Path=/ui; SameSite=lax; Secure" in header


def test_what_does_not_fit_into_a_cookie_cannot_be_undone_by_a_button() -> None:
    numbers = {f"{number * 7919 % 10007}": f"{number * 104729}" for number in range(2000)}
    found, header = after(Notice("Saved.", Undo("model_undo", "1", numbers, "x")))
    assert found == Notice("Saved.")
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
    remember(response, Notice("Saved.", Undo("model_undo", model["id"], {"owner": "x"}, mark)), "/ui", is_secure=False)
    cookie = f"{COOKIE}={SimpleCookie(response.headers['set-cookie'])[COOKIE].value}"
    async with browsing(backend, **{"sec-fetch-site": "same-origin"}) as client:
        page = await client.get("/ui/look", headers={"cookie": cookie})
        sent = await client.post(f"/ui/models/{model['id']}/undo", data={"_fields": "{}", "_mark": mark})
    assert "Saved." in page.text
    assert ('<button class="secondary">Undo' in page.text) is is_offered
    assert sent.status_code == 303
    assert ("PATCH" in {question.method for question in backend.questions}) is (mark == '"abc-1"')


@pytest.mark.parametrize("value", ["", "x", "eJw=", "eJyrVgIAAXUA-Q==", "eJwDAAAAAAE=", "a" * 4000])
def test_any_other_cookie_is_no_notice(value: str) -> None:
    assert read(value) is None
