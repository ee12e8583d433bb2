"""A UI by itself: it answers to its own names only, trusts the gateways that it knows, and finds the API of a server."""

import asyncio
from typing import Any

import httpx
import pytest
from model_registry_ui.backend import Answer, Caller, Prefixes, Question, Unreachable
from model_registry_ui.options import Options
from model_registry_ui.remote import Remote
from model_registry_ui.standalone import BelowRoot, KnownHosts, Peers, serve_remote


def answering(routes: dict[str, httpx.Response], asked: list[str] | None = None) -> httpx.MockTransport:
    """A server with these answers by path; every other path is a 404. `asked` gets the paths."""

    def answer(request: httpx.Request) -> httpx.Response:
        if asked is not None:
            asked.append(request.url.path)
        return routes.get(request.url.path) or httpx.Response(404, json={})

    return httpx.MockTransport(answer)


DISCOVERY = "/.well-known/model-registry"
ALPHA, NEWER = "/api/model_registry/v1alpha3", "/api/model_registry/v1"


@pytest.mark.parametrize(
    ("routes", "found"),
    [
        ({f"{ALPHA}/registered_models": httpx.Response(200, json={})}, Prefixes(ALPHA)),
        ({f"{ALPHA}/registered_models": httpx.Response(401, json={})}, Prefixes(ALPHA)),
        ({f"{NEWER}/registered_models": httpx.Response(200, json={})}, Prefixes(NEWER)),
        (
            {
                DISCOVERY: httpx.Response(
                    200,
                    json={
                        "api": {"prefixes": [f"/root{ALPHA}", f"/root{NEWER}"]},
                        "extensions": {"prefixes": ["/root/api/model_registry/ext/v1"]},
                    },
                )
            },
            Prefixes(ALPHA, "/api/model_registry/ext/v1"),
        ),
        (
            {
                DISCOVERY: httpx.Response(
                    200,
                    json={
                        "api": {"prefixes": [ALPHA]},
                        "catalog": {
                            "prefixes": [
                                "/root/api/model_catalog/v1",
                                "/root/api/model_catalog/v1alpha1",
                                "/root/api/mcp_catalog/v1",
                            ]
                        },
                    },
                )
            },
            Prefixes(ALPHA, "", "/api/model_catalog/v1", "/api/mcp_catalog/v1"),
        ),
        (
            {
                DISCOVERY: httpx.Response(200, json={"api": 7, "extensions": ["x"]}),
                f"{ALPHA}/registered_models": httpx.Response(200, json={}),
            },
            Prefixes(ALPHA),
        ),
        (
            {
                DISCOVERY: httpx.Response(200, text="<html>"),
                f"{NEWER}/registered_models": httpx.Response(200, json={}),
            },
            Prefixes(NEWER),
        ),
    ],
)
async def test_the_api_of_a_server_is_found_once(routes: dict[str, httpx.Response], found: Prefixes) -> None:
    asked: list[str] = []
    remote = Remote("http://registry", transport=answering(routes, asked))
    assert await remote.prefixes() == found
    count = len(asked)
    assert await remote.prefixes() == found
    assert len(asked) == count


async def test_a_server_that_cannot_be_reached_is_asked_again() -> None:
    attempts: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        attempts.append(request.url.path)
        raise httpx.ConnectError("refused")

    now = [100.0]
    remote = Remote("http://registry", transport=httpx.MockTransport(answer), clock=lambda: now[0])
    for after, count in ((0.0, 1), (1.9, 1), (0.2, 2)):
        now[0] += after
        with pytest.raises(Unreachable, match="http://registry cannot be reached: refused"):
            await remote.prefixes()
        assert attempts == [DISCOVERY] * count


class Hanging(httpx.AsyncBaseTransport):
    """A server that takes every request and never answers."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.path)
        await asyncio.Event().wait()
        raise AssertionError


async def test_all_pages_wait_for_one_attempt_to_find_a_server_that_hangs() -> None:
    server = Hanging()
    remote = Remote("http://registry", transport=server, discovery_seconds=0.05, clock=lambda: 0.0)
    app = serve_remote(remote, Options(server="http://registry"), [])
    async with client_of(app) as client:
        answers = await asyncio.gather(*(client.get("/ui/models") for _ in range(6)))
        answers.append(await client.get("/ui/versions"))
    assert {answer.status_code for answer in answers} == {503}
    assert all("takes too long" in answer.text for answer in answers)
    assert server.asked == [DISCOVERY]


async def test_a_page_gives_up_where_the_calls_of_a_known_server_hang() -> None:
    class Known(Hanging):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            if request.url.path == DISCOVERY:
                prefixes = {"api": {"prefixes": [ALPHA]}, "extensions": {"prefixes": ["/api/model_registry/ext/v1"]}}
                return httpx.Response(200, json=prefixes)
            return await super().handle_async_request(request)

    remote = Remote("http://registry", transport=Known())
    app = serve_remote(remote, Options(server="http://registry", page_seconds=0.05), [])
    async with client_of(app) as client:
        for path in ("/ui/", "/ui/models", "/ui/models/1", "/ui/about", "/ui/models.csv"):
            answer = await client.get(path)
            assert (answer.status_code, "takes too long" in answer.text) == (503, True)


async def test_a_call_has_the_callers_headers_and_none_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODEL_REGISTRY_TOKEN", "stolen")
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example:1")
    sent: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200, json={}, headers={"ETag": '"1"'})

    remote = Remote("http://registry/below", transport=httpx.MockTransport(answer))
    question = Question(f"{ALPHA}/artifacts", (("filterQuery", 'a = "b&c"'),))
    found = await remote.send(question, Caller((("authorization", "Bearer mine"),)))
    assert found == Answer(200, b"{}", found.headers)
    assert found.headers["etag"] == '"1"'
    assert str(sent[0].url) == f"http://registry/below{ALPHA}/artifacts?filterQuery=a+%3D+%22b%26c%22"
    assert sent[0].headers.get_list("authorization") == ["Bearer mine"]


async def test_a_cookie_that_the_registry_sets_is_never_sent_for_another_user() -> None:
    seen: list[str | None] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers.get("cookie"))
        return httpx.Response(200, json={}, headers=[("set-cookie", "session=ann"), ("set-cookie", "b=1; Path=/")])

    remote = Remote("http://registry.example", transport=httpx.MockTransport(answer))
    for user in ("ann", "bob"):
        await remote.send(Question(f"{ALPHA}/artifacts"), Caller((("authorization", f"Bearer {user}"),)))
    assert seen == [None, None]


async def test_a_header_that_cannot_be_sent_is_not_quoted() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        remote = Remote(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        with pytest.raises(Unreachable) as raised:
            await remote.send(Question("/x"), Caller((("authorization", "Bearer SECRET "),)))
        await remote.close()
    assert "SECRET" not in str(raised.value)


def client_of(app: Any, base: str = "http://localhost:8081") -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=base)


@pytest.mark.parametrize(
    ("host", "is_served"),
    [
        ("localhost", True),
        ("LOCALHOST:1", True),
        ("127.0.0.1:8081", True),
        ("[::1]:8081", True),
        ("ui", True),
        ("ml.example.org", True),
        ("evil.example", False),
        ("localhost.evil.example", False),
        ("evil.example@localhost:x", False),
        ("[::1", False),
        ("", False),
    ],
)
async def test_a_ui_answers_to_its_own_names(host: str, *, is_served: bool) -> None:
    remote = Remote("http://registry", transport=answering({}))
    app = serve_remote(remote, Options(server="http://registry", origins=("https://ml.example.org",)), ["ui"])
    async with client_of(app) as client:
        answer = await client.get("/ui/login", headers={"host": host})
    assert (answer.status_code == 200) is is_served


async def test_the_root_leads_to_the_pages_below_a_root_path_too() -> None:
    remote = Remote("http://registry", transport=answering({}))
    app = serve_remote(remote, Options(server="http://registry", root_path="/registry"), [])
    async with client_of(app) as client:
        for path in ("/", "/registry/"):
            assert (await client.get(path)).headers["location"] == "/registry/ui/"
        assert 'action="/registry/ui/login"' in (await client.get("/registry/ui/login")).text


@pytest.mark.parametrize(("path", "host", "status"), [("/ui/login", "evil.example", 421), ("/no", "localhost", 404)])
async def test_refusals_outside_the_pages_have_the_headers_of_pages(path: str, host: str, status: int) -> None:
    app = serve_remote(Remote("http://registry", transport=answering({})), Options(server="http://registry"), [])
    async with client_of(app) as client:
        answer = await client.get(path, headers={"host": host})
    assert answer.status_code == status
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("client", "is_trusted"),
    [(("10.1.2.3", 1), True), (("10.2.0.1", 1), False), (("::1", 1), True), (None, False), (("a socket", 0), False)],
)
def test_gateways_are_known_by_their_addresses(client: Any, *, is_trusted: bool) -> None:
    assert Peers("10.1.0.0/16, ::1").trusts({"client": client}) is is_trusted
    assert not Peers("").trusts({"client": client})


def test_a_network_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="does not appear to be"):
        Peers("gateway")


async def test_layers_pass_the_lifespan_on() -> None:
    seen: list[str] = []

    async def app(scope: Any, *_: Any) -> None:
        seen.append(scope["type"])

    await KnownHosts(BelowRoot(app, "/x"), {"a"})({"type": "lifespan"}, None, None)  # type: ignore[arg-type]
    assert seen == ["lifespan"]
