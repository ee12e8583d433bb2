"""How a transfer speaks to a server: what it waits for and for how long, and what ends it at once."""

import asyncio
import ssl
from collections.abc import Callable, Iterable
from pathlib import Path

import httpx
import pytest
from model_registry_client.credentials import Token
from model_registry_client.retries import RetryState
from model_registry_client.transfer.rest import Json, OutageRetries, RefusedError, Rest, TransferError

from tests.support.certificates import Authority

Answer = int | type[httpx.TransportError] | Json
FOUND: Json = {"id": "7", "name": "m"}
AWAY: list[Answer] = [502, 503, 504, 429, httpx.ConnectError, httpx.ReadError, httpx.ReadTimeout]


class Server(httpx.MockTransport):
    """Gives one answer after the other: a status, a lost connection, or JSON."""

    def __init__(self, answers: Iterable[Answer], headers: dict[str, str] | None = None) -> None:
        super().__init__(self._answer)
        self._answers, self._headers = list(answers), headers or {}
        self.requests: list[httpx.Request] = []

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        match self._answers.pop(0):
            case int(status):
                return httpx.Response(status, json={"code": "Any", "message": "later"}, headers=self._headers)
            case dict(row):
                return httpx.Response(200, json=row)
            case failure:
                raise failure("lost")


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The clock is put forward in place of waiting; holds each pause in seconds."""
    taken: list[float] = []

    async def sleep(seconds: float) -> None:
        taken.append(seconds)

    monkeypatch.setattr("model_registry_client._async.transport.sleep", sleep)
    monkeypatch.setattr("model_registry_client.transfer.rest.asyncio.sleep", sleep)
    monkeypatch.setattr("model_registry_client.retries.time.monotonic", lambda: sum(taken))
    return taken


def finds_and_creates(rest: Rest, row: Json | None) -> Callable[[], object]:
    """Creates an entity unless a second attempt finds it."""
    tried = False

    async def attempt(state: RetryState) -> str:
        nonlocal tried
        if tried and row:
            return str(row["id"])
        tried = True
        return str((await rest.create("/registered_models", {"name": "m"}, state))["id"])

    return lambda: rest.once_known(attempt)


async def test_a_certificate_that_is_not_trusted_ends_it_at_once(tmp_path: Path) -> None:
    pair = Authority(tmp_path).issue("localhost")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.cert, pair.key)
    async with await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0, ssl=context) as server:
        port = server.sockets[0].getsockname()[1]
        async with asyncio.timeout(20), Rest(f"https://localhost:{port}") as rest:
            with pytest.raises(TransferError, match=r"shows a certificate that is not trusted: .+\. See --ca\."):
                await rest.get("registered_models")


@pytest.mark.parametrize("failure", AWAY, ids=str)
async def test_reads_changes_and_links_wait_for_a_server_that_is_away(failure: Answer, pauses: list[float]) -> None:
    for method in ("get", "change", "attach"):
        server = Server([failure, failure, FOUND])
        async with Rest("http://x", transport=server) as rest:
            assert await getattr(rest, method)("/artifacts/7", **({} if method == "get" else {"body": {}})) == FOUND
    assert len(pauses) == 6


async def test_the_pauses_obey_the_server_up_to_half_a_minute(pauses: list[float]) -> None:
    for asked, least, most in (("7", 7, 12), ("3600", 30, 35)):
        async with Rest("http://x", transport=Server([503, FOUND], {"Retry-After": asked})) as rest:
            await rest.get("/artifacts/7")
        assert least <= pauses[-1] <= most


@pytest.mark.parametrize("failure", [503, httpx.ReadError], ids=str)
async def test_patience_ends_after_so_many_seconds(failure: Answer, pauses: list[float]) -> None:
    async with Rest("http://x:80/api/model_registry/v1", transport=Server([failure] * 99), patience=40) as rest:
        for ask in (lambda: rest.get("/artifacts"), finds_and_creates(rest, None)):
            before = sum(pauses)
            with pytest.raises(TransferError, match=r"v1/ does not answer: .+\. Run the same command again to go on\."):
                await ask()  # type: ignore[misc]
            assert 40 <= sum(pauses) - before <= 45


@pytest.mark.parametrize(("failure", "creates"), [(503, 1), (httpx.ReadError, 1), (httpx.ConnectError, 2), (429, 2)])
async def test_a_create_that_may_have_taken_effect_is_looked_up_before_it_is_sent_again(
    failure: Answer, creates: int, pauses: list[float]
) -> None:
    server = Server([failure, {"id": "8"}])
    async with Rest("http://x", transport=server) as rest:
        found = await finds_and_creates(rest, FOUND)()  # type: ignore[misc]
    assert (found, len(server.requests)) == ("7" if creates == 1 else "8", creates)
    assert len(pauses) == 1


async def test_a_token_comes_from_where_the_command_says_and_from_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODEL_REGISTRY_TOKEN", "of the environment")
    server = Server([FOUND] * 3)
    for address, token in (("http://x", None), ("http://x", Token("mine")), ("http://ann:s%20t@x", None)):
        async with Rest(address, token=token, transport=server) as rest:
            await rest.get("/artifacts/7")
    sent = [request.headers.get("authorization") for request in server.requests]
    assert sent == [None, "Bearer mine", "Basic YW5uOnMgdA=="]
    assert {request.headers["x-exact-integers"] for request in server.requests} == {"true"}


@pytest.mark.parametrize(
    ("address", "asked"),
    [
        ("x.example", "http://x.example/api/model_registry/v1alpha3/artifacts"),
        ("http://x:81/", "http://x:81/api/model_registry/v1alpha3/artifacts"),
        ("https://x/proxy", "https://x/proxy/api/model_registry/v1alpha3/artifacts"),
        ("https://x/api/model_registry/v1", "https://x/api/model_registry/v1/artifacts"),
    ],
)
async def test_an_address_is_completed(address: str, asked: str) -> None:
    server = Server([FOUND])
    async with Rest(address, transport=server) as rest:
        await rest.get("artifacts")
        assert f"{rest.url}artifacts" == asked
    assert str(server.requests[0].url) == asked


async def test_what_the_server_refuses_is_about_one_request_but_a_login_ends_the_transfer() -> None:
    async with Rest("http://x", transport=Server([404, 403, 401])) as rest:
        assert await rest.get("/artifacts/7") is None
        with pytest.raises(RefusedError, match=r"^later$") as refusal:
            await rest.get("/artifacts")
        assert refusal.value.status == 403
        with pytest.raises(TransferError, match=r"asks who you are: later See --token-file\."):
            await rest.get("/artifacts")
    async with Rest("http://x", transport=httpx.MockTransport(lambda _: httpx.Response(200, text="<html>"))) as rest:
        with pytest.raises(TransferError, match="is not JSON; is it a model registry"):
            await rest.get("/artifacts")


def test_a_policy_by_time_has_no_limit_of_attempts() -> None:
    policy = OutageRetries(seconds=1e9)
    assert policy.pause(1_000_000, 1e8, None) is not None
    assert policy.pause(1, 1e9, None) is None
