"""Signing in: a token in a cookie that only the UI gets, and no form is lost when the token ends."""

from html import unescape
from typing import Any
from urllib.parse import parse_qsl, quote

import httpx
import orjson
import pytest
from model_registry_ui.application import create
from model_registry_ui.backend import Answer, Caller, Question
from model_registry_ui.options import Options
from model_registry_ui.page_request import PageRequest
from model_registry_ui.pages import login
from model_registry_ui.routes import ROUTES
from model_registry_ui.routing import PageRoute
from starlette.responses import Response

from companions.ui.tests.fake_backend import API, EXTENSIONS, FakeBackend, browsing

SAME = {"sec-fetch-site": "same-origin"}
TOKENS = Options(ways=("tokens",))


class Guarded(FakeBackend):
    """A registry that knows one token."""

    async def send(self, question: Question, caller: Caller) -> Answer:
        """Refuses all others."""
        if dict(caller.headers).get("authorization") != "Bearer good":
            return Answer(401, orjson.dumps({"code": "Unauthorized", "message": "The token is not known."}))
        return await super().send(question, caller)


async def test_without_a_token_every_page_leads_to_the_login_and_back() -> None:
    async with browsing(Guarded(), TOKENS) as client:
        answer = await client.get("/ui/models?q=a&sort=name")
        form = await client.get(answer.headers["location"])
    assert answer.status_code == 303
    assert answer.headers["location"] == "/ui/login?next=" + quote("/ui/models?q=a&sort=name", safe="")
    assert 'value="/ui/models?q=a&amp;sort=name"' in form.text
    assert 'type="password"' in form.text


async def test_a_good_token_is_kept_in_a_cookie_of_the_ui() -> None:
    async with browsing(Guarded(), TOKENS, **SAME) as client:
        answer = await client.post("/ui/login", data={"token": " good ", "next": "/ui/models"})
        assert answer.headers["location"] == "/ui/models"
        assert answer.headers.get_list("set-cookie")[0] == "mr_ui=good; HttpOnly; Path=/ui; SameSite=lax"
        assert (await client.get("/ui/models")).status_code == 200
        left = await client.post("/ui/logout")
        assert "Max-Age=0" in left.headers["set-cookie"]
        assert (await client.get("/ui/models")).status_code == 303


async def test_signing_out_is_offered_after_signing_in_where_the_server_has_no_whoami() -> None:
    async with browsing(Guarded(), TOKENS, **SAME) as client:
        before = await client.get("/ui/login")
        await client.post("/ui/login", data={"token": "good", "next": "/ui/models"})
        after = await client.get("/ui/models")
        await client.post("/ui/logout")
        left = await client.get("/ui/login")
    assert [">Sign in</a>" in one.text for one in (before, after, left)] == [True, False, True]
    assert ['action="/ui/logout"' in one.text for one in (before, after, left)] == [False, True, False]


@pytest.mark.parametrize("cookie", ['"SECRET "', "SECRET\xe9", "SECRET\x01", '"SEC\\015\\012RET"'])
async def test_a_cookie_that_can_be_no_token_counts_as_none(cookie: str) -> None:
    backend = FakeBackend()
    async with browsing(backend, TOKENS) as client:
        await client.get("/ui/models", headers={b"cookie": b"mr_ui=" + cookie.encode("latin-1")})
    assert backend.callers
    assert all("authorization" not in dict(caller.headers) for caller in backend.callers)


@pytest.mark.parametrize(
    "options", [Options(ways=("jwt",), origins=("https://ml.example.org",)), Options(ways=("tokens", "gateway"))]
)
async def test_the_cookie_is_for_https_where_browsers_use_https(options: Options) -> None:
    app = create(Guarded(), options)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="https://ml.example.org") as client:
        answer = await client.post("/ui/login", data={"token": "good"}, headers=SAME)
    assert "Secure" in answer.headers["set-cookie"]


@pytest.mark.parametrize(
    ("token", "status", "words"),
    [
        ("bad", 401, "The token is not known."),
        ("", 400, "This is no token"),
        ("two words", 400, "This is no token"),
        ("good; Path=/", 400, "This is no token"),
        ("a" * 3801, 400, "Sign in by a gateway"),
    ],
)
async def test_a_bad_token_is_not_kept_and_not_repeated(token: str, status: int, words: str) -> None:
    async with browsing(Guarded(), TOKENS, **SAME) as client:
        answer = await client.post("/ui/login", data={"token": token, "next": "/ui/models"})
    assert answer.status_code == status
    assert words in answer.text
    assert "set-cookie" not in answer.headers
    assert len(token) < 4 or token not in answer.text


async def test_the_notice_of_a_change_does_not_pass_from_one_user_to_the_next() -> None:
    async with browsing(Guarded(), TOKENS, **SAME) as client:
        for path in ("/ui/logout", "/ui/login"):
            client.cookies.set("mr_ui_notice", "former values", domain="localhost.local", path="/ui")
            await client.post(path, data={"token": "good"})
            assert "mr_ui_notice" not in client.cookies


async def test_a_form_that_was_being_sent_travels_through_the_login() -> None:
    async def change(page: PageRequest) -> Response:
        fields = dict(await page.form())
        await page.api.get_models(fields)  # type: ignore[attr-defined]
        return page.redirect(page.url("overview"))

    sent: list[Any] = []

    async def get_models(self: Any, fields: Any) -> None:
        await self._ask(f"{API}/registered_models")
        sent.append(fields)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("model_registry_ui.api.Api.get_models", get_models, raising=False)
        routes = (*ROUTES, PageRoute("/try", "try", login.show_signed_out, change))
        app = create(Guarded(), TOKENS, routes)
        transport = httpx.ASGITransport(app=app)
        typed = {"description": 'Two\r\nlines & "quotes" <b>', "owner": ""}
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost", headers=SAME) as client:
            ended = await client.post("/ui/try", data=typed)
            assert ended.status_code == 401
            assert "What you typed is kept" in ended.text
            kept = unescape(ended.text.partition('name="kept" value="')[2].partition('"')[0])
            assert dict(parse_qsl(kept, keep_blank_values=True)) == typed
            again = await client.post("/ui/login", data={"token": "good", "next": "/ui/try", "kept": kept})
            assert 'action="/ui/try"' in again.text
            assert ">Sign in</a>" not in again.text
            assert sent == []
            done = await client.post("/ui/try", data=typed)
    assert done.status_code == 303
    assert sent == [typed]


@pytest.mark.parametrize("ways", [(), ("gateway",)])
async def test_where_no_token_is_taken_there_is_no_login(ways: tuple[str, ...]) -> None:
    async with browsing(Guarded(), Options(ways=ways), **SAME) as client:
        assert (await client.get("/ui/login")).status_code == 404
        assert (await client.post("/ui/login", data={"token": "good"})).status_code == 404
        refused = await client.get("/ui/models")
    assert refused.status_code == 401
    assert "You need to sign in" in refused.text


@pytest.mark.parametrize(("way", "offers_login"), [("none", False), ("", True)])
async def test_a_ui_by_itself_offers_to_sign_in_only_where_the_server_knows_users(
    way: str, *, offers_login: bool
) -> None:
    backend = FakeBackend(EXTENSIONS)
    said = {"user": "", "authentication": way, "highestRole": "admin", "mayWriteSomething": True}
    backend.answers[f"{EXTENSIONS}/whoami"] = Answer(200, orjson.dumps(said))
    async with browsing(backend, Options(server="http://registry")) as client:
        page = (await client.get("/ui/models")).text
    assert (">Sign in</a>" in page) is offers_login
    assert ("may read and change everything" in page) is not offers_login
