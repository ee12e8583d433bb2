"""Authentication: tokens, JWTs, identities from a gateway, several ways at once, and forged identities."""

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from model_registry_proxy.configuration.settings import Settings, SettingsError
from model_registry_proxy.errors import Forbidden, RegistryError, Unauthorized
from model_registry_proxy.http.responses import send_json
from model_registry_proxy.security.authentication import Authenticated, check_exposure, identification, ways
from model_registry_proxy.security.principals import Principal, principal_of
from model_registry_proxy.security.tokens import new_token
from tests.support.issuer import AUDIENCE, Issuer

Header = tuple[bytes, bytes]
ANN = (b"kubeflow-userid", b"ann@example.com")
GATEWAY = "10.1.2.3"


@pytest.fixture
def token(tmp_path: Path) -> str:
    """A static token of the user tom, which is in the file."""
    text, line = new_token("tom", ("tools",))
    (tmp_path / "tokens").write_text(line)
    return text


@pytest.fixture
def issuer(tmp_path: Path) -> Issuer:
    found = Issuer()
    found.add_key("one")
    (tmp_path / "jwks").write_text(found.jwks())
    return found


@pytest.fixture
def settings(tmp_path: Path, token: str, issuer: Issuer) -> dict[str, Any]:
    """The settings that the ways of authentication need."""
    return {
        "auth_tokens": str(tmp_path / "tokens"),
        "jwt_issuer": issuer.url,
        "jwt_audience": AUDIENCE,
        "jwt_jwks": str(tmp_path / "jwks"),
        "gateway_peers": "10.1.0.0/16, 192.0.2.7, 2001:db8::/32",
    }


async def authenticated(
    settings: dict[str, Any], auth: str, *headers: Header, peer: str | None = GATEWAY, method: str = "GET"
) -> Principal:
    known = identification(Settings(auth=auth, **settings))
    assert known
    client = (peer, 1234) if peer else None
    return await known.principal({"type": "http", "method": method, "headers": list(headers), "client": client})


def with_token(token: str, word: str = "Bearer") -> Header:
    return b"authorization", f"{word} {token}".encode()


def with_password(password: str) -> Header:
    """The header of MLflow's clients, which send a user name and a password."""
    return b"authorization", b"Basic " + base64.b64encode(f"anyone:{password}".encode())


async def below(path: str, settings: dict[str, Any], header: Header) -> Principal:
    known = identification(Settings(auth="tokens,jwt", **settings))
    assert known
    return await known.principal({"type": "http", "method": "GET", "path": path, "headers": [header]})


@pytest.mark.parametrize(
    "path", ["/api/2.0/mlflow/registered-models/get", "/ajax-api/2.0/mlflow/registered-models/get"]
)
async def test_clients_of_mlflow_may_send_a_token_as_a_password(
    path: str, settings: dict[str, Any], token: str, issuer: Issuer
) -> None:
    assert (await below(path, settings, with_password(token))).user == "tom"
    assert (await below(path, settings, with_token(token))).user == "tom"
    assert (await below(path, settings, with_password(issuer.token("one")))).user == "ann"
    bad = [
        with_password("unknown"),
        with_password(""),
        (b"authorization", b"Basic dG9t"),
        (b"authorization", b"Basic !"),
    ]
    for header in bad:
        with pytest.raises(Unauthorized):
            await below(path, settings, header)


@pytest.mark.parametrize("path", ["/api/model_registry/v1alpha3/registered_models", "/api/2.0/mlflowed/x", ""])
async def test_other_clients_may_not(path: str, settings: dict[str, Any], token: str) -> None:
    with pytest.raises(Unauthorized):
        await below(path, settings, with_password(token))


async def refusal(settings: dict[str, Any], auth: str, *headers: Header, peer: str | None = GATEWAY) -> Unauthorized:
    with pytest.raises(Unauthorized) as refused:
        await authenticated(settings, auth, *headers, peer=peer)
    assert refused.value.headers["www-authenticate"].startswith('Bearer realm="model-registry"')
    return refused.value


@pytest.mark.parametrize("word", ["Bearer", "Bearer".lower(), "Bearer".upper(), "Bearer  "])
async def test_the_word_before_a_token_may_have_any_case(settings: dict[str, Any], token: str, word: str) -> None:
    assert (await authenticated(settings, "tokens", with_token(token, word))).user == "tom"


async def test_both_kinds_of_token_are_accepted(settings: dict[str, Any], token: str, issuer: Issuer) -> None:
    assert (await authenticated(settings, "tokens,jwt", with_token(token))).user == "tom"
    assert (await authenticated(settings, "jwt, tokens", with_token(issuer.token("one")))).user == "ann"
    assert (await refusal(settings, "tokens", with_token(issuer.token("one")))).message == "The token is not known."
    assert "not a JWT" in (await refusal(settings, "jwt", with_token(token))).message


@pytest.mark.parametrize("auth", ["tokens", "jwt", "tokens,jwt"])
@pytest.mark.parametrize(
    "value", [b"", b"Bearer", b"Bearer ", b"Basic dG9tOnRvbQ==", b"Bearer a b", b"Bearer a,b", b"\xff", b"Bearer \xff"]
)
async def test_a_header_without_a_token_is_refused(settings: dict[str, Any], auth: str, value: bytes) -> None:
    refused = await refusal(settings, auth, (b"authorization", value))
    assert 'error="invalid_token"' in refused.headers["www-authenticate"]


async def test_without_a_token_the_answer_has_no_error_code(settings: dict[str, Any]) -> None:
    assert (await refusal(settings, "tokens")).headers == {"www-authenticate": 'Bearer realm="model-registry"'}


@pytest.mark.parametrize("auth", ["tokens", "tokens,jwt", "tokens,gateway"])
async def test_two_authorization_headers_are_refused(settings: dict[str, Any], token: str, auth: str) -> None:
    for pair in (
        [with_token(token), with_token("x")],
        [with_token("x"), with_token(token)],
        [with_token(token), with_token(token)],
    ):
        assert "Several Authorization" in (await refusal(settings, auth, *pair)).message


@pytest.mark.parametrize("peer", [GATEWAY, "192.0.2.7", "2001:db8::1", "::ffff:10.1.2.3"])
async def test_the_identity_from_the_gateway_is_accepted(settings: dict[str, Any], peer: str) -> None:
    groups = (b"kubeflow-groups", " fraud,,risk , ü".encode())
    principal = await authenticated(settings, "gateway", ANN, groups, peer=peer)
    assert (principal.user, principal.groups, principal.way) == ("ann@example.com", {"fraud", "risk", "ü"}, "gateway")
    assert (await authenticated(settings, "gateway", ANN, peer=peer)).groups == set()


@pytest.mark.parametrize(
    "peer", ["10.2.0.1", "127.0.0.1", "::1", "2001:db9::1", "::ffff:10.2.0.1", "", None, "unix", "10.1"]
)
@pytest.mark.parametrize(
    "more",
    [
        (),
        ((b"x-forwarded-for", GATEWAY.encode()),),
        ((b"forwarded", b"for=10.1.2.3"),),
        ((b"x-real-ip", GATEWAY.encode()),),
    ],
)
async def test_the_same_headers_from_another_address_are_refused(
    settings: dict[str, Any], peer: str | None, more: Sequence[Header]
) -> None:
    assert "checked" in (await refusal(settings, "gateway", ANN, *more, peer=peer)).message


@pytest.mark.parametrize(
    "headers",
    [
        [ANN, (b"kubeflow-userid", b"root")],
        [ANN, ANN],
        [ANN, (b"kubeflow-groups", b"a"), (b"kubeflow-groups", b"admin")],
        [(b"kubeflow-userid", b"")],
        [(b"kubeflow-userid", b"  ")],
        [(b"kubeflow-userid", b"\xff")],
        [ANN, (b"kubeflow-groups", b"\xff")],
        [(b"kubeflow_userid", b"root")],
        [(b"kubeflow-groups", b"admin")],
        [],
    ],
)
async def test_ambiguous_headers_of_the_gateway_are_refused(
    settings: dict[str, Any], headers: Sequence[Header]
) -> None:
    await refusal(settings, "gateway", *headers)


async def test_a_token_goes_before_the_gateway_whether_it_is_valid_or_not(settings: dict[str, Any], token: str) -> None:
    assert (await authenticated(settings, "tokens,gateway", ANN, with_token(token))).user == "tom"
    assert (await authenticated(settings, "tokens,gateway", ANN)).user == "ann@example.com"
    assert (await authenticated(settings, "tokens,gateway", with_token(token), peer="203.0.113.1")).user == "tom"
    assert (await refusal(settings, "tokens,gateway", ANN, with_token("wrong"))).message == "The token is not known."


async def test_a_token_is_ignored_if_only_the_gateway_counts(settings: dict[str, Any], token: str) -> None:
    assert (await authenticated(settings, "gateway", ANN, with_token(token))).user == "ann@example.com"
    await refusal(settings, "gateway", with_token(token))


async def answered(known: Any, *headers: Header) -> tuple[list[Message], list[Scope]]:
    """The messages of the answer, and the scopes that the application behind received."""
    seen: list[Scope] = []
    sent: list[Message] = []

    async def app(scope: Scope, _: Receive, send: Send) -> None:
        seen.append(scope)
        await send_json(send, 200, {})

    async def receive() -> Message:
        raise AssertionError("nothing is read of a stranger's body")

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/api/x", "headers": list(headers), "client": None}
    await Authenticated(app, known)(scope, receive, send)
    return sent, seen


async def test_requests_without_an_identity_do_not_reach_the_api(settings: dict[str, Any], token: str) -> None:
    known = identification(Settings(auth="tokens", **settings))
    sent, seen = await answered(known)
    assert (sent[0]["status"], seen) == (401, [])
    assert (b"www-authenticate", b'Bearer realm="model-registry"') in sent[0]["headers"]
    assert sent[1]["body"] == (
        b'{"code":"Unauthorized","message":"A bearer token is needed in the header Authorization."}'
    )


async def test_requests_with_an_identity_reach_the_api_and_answers_are_private(
    settings: dict[str, Any], token: str
) -> None:
    sent, seen = await answered(identification(Settings(auth="tokens", **settings)), with_token(token))
    assert sent[0]["status"] == 200
    assert (b"cache-control", b"private, no-cache") in sent[0]["headers"]
    assert principal_of(seen[0]) == Principal("tom", frozenset({"tools"}), "tokens")


@pytest.mark.parametrize(("auth", "found"), [("", ()), ("none", ()), (" jwt , tokens,jwt", ("jwt", "tokens"))])
def test_ways_are_named_with_commas(auth: str, found: tuple[str, ...]) -> None:
    assert ways(Settings(auth=auth)) == found


@pytest.mark.parametrize("auth", ["None", "basic", "none,tokens", "tokens;jwt", "tokens jwt"])
def test_other_ways_are_refused(auth: str) -> None:
    with pytest.raises(
        SettingsError, match=r"--auth \(MR_AUTH\) must be none, or one or several of tokens, jwt, gateway"
    ):
        ways(Settings(auth=auth))


@pytest.mark.parametrize("auth", ["tokens", "jwt", "gateway", "tokens,gateway"])
def test_a_way_without_its_settings_is_refused(auth: str) -> None:
    with pytest.raises(SettingsError, match=r"^--auth [a-z]+ needs --") as refused:
        identification(Settings(auth=auth))
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("peers", ["10.1.0.0/99", "10.1.2.3/16", "gateway", "*"])
def test_texts_that_are_no_networks_are_refused(peers: str) -> None:
    with pytest.raises(SettingsError, match="--gateway-peers"):
        identification(Settings(auth="gateway", gateway_peers=peers))


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["127.0.0.1", "::1"], ["127.8.8.8"]])
def test_localhost_needs_no_choice(addresses: list[str]) -> None:
    check_exposure(Settings(), addresses)


@pytest.mark.parametrize("addresses", [["0.0.0.0"], ["127.0.0.1", "::"], ["10.0.0.1"], ["fe80::1%eth0"]])  # noqa: S104
def test_other_addresses_need_a_choice(addresses: list[str]) -> None:
    with pytest.raises(
        SettingsError,
        match=r"choose the clients that may use it by --auth \(MR_AUTH\), which is tokens, jwt, gateway, or none",
    ):
        check_exposure(Settings(), addresses)
    check_exposure(Settings(auth="none"), addresses)
    check_exposure(Settings(auth="tokens"), addresses)


def test_every_refusal_is_an_error_of_ours() -> None:
    assert issubclass(Unauthorized, RegistryError)
    assert issubclass(Forbidden, RegistryError)
