"""JWTs: the principal in a valid one, and forged ones."""

import asyncio
import json
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization

from model_registry_proxy.configuration import watched_files
from model_registry_proxy.configuration.settings import Settings, SettingsError
from model_registry_proxy.errors import StoreUnavailable, Unauthorized
from model_registry_proxy.security import fetched_keys
from model_registry_proxy.security.jwts import Jwts, jwts
from tests.support.issuer import AUDIENCE, Issuer, forged


def trusting(issuer: Issuer, **chosen: Any) -> Jwts:
    return jwts(Settings(**{"jwt_issuer": issuer.url, "jwt_audience": AUDIENCE, **chosen}))


@pytest.fixture
def issuer() -> Issuer:
    found = Issuer()
    found.add_key("one")
    return found


@pytest.fixture
def known(issuer: Issuer, tmp_path: Path) -> Jwts:
    """Verifies tokens of the issuer, by a file of its keys."""
    (tmp_path / "jwks").write_text(issuer.jwks())
    return trusting(issuer, jwt_jwks=str(tmp_path / "jwks"))


async def refusal(known: Jwts, token: str) -> str:
    with pytest.raises(Unauthorized) as refused:
        await known.principal(token)
    assert 'error="invalid_token"' in refused.value.headers["www-authenticate"]
    assert refused.value.headers["www-authenticate"].count('"') == 6
    return refused.value.message


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
async def test_a_valid_token_has_user_and_groups(algorithm: str, tmp_path: Path) -> None:
    issuer = Issuer()
    issuer.add_key("k", algorithm)
    (tmp_path / "jwks").write_text(issuer.jwks())
    principal = await trusting(issuer, jwt_jwks=str(tmp_path / "jwks")).principal(issuer.token("k"))
    assert (principal.user, principal.groups, principal.way) == ("ann", {"fraud"}, "jwt")


@pytest.mark.parametrize(
    ("claim", "said", "groups"),
    [
        ("groups", {"groups": "only"}, {"only"}),
        ("groups", {"groups": ["a", "", 1, None]}, {"a"}),
        ("groups", {"groups": None}, set()),
        ("realm_access.roles", {"realm_access": {"roles": ["a"]}}, {"a"}),
        ("https://example.com/groups", {"https://example.com/groups": ["a"]}, {"a"}),
        ("nowhere.at.all", {"nowhere": 3}, set()),
    ],
)
async def test_groups_are_where_the_setting_says(
    issuer: Issuer, tmp_path: Path, claim: str, said: dict[str, Any], groups: set[str]
) -> None:
    (tmp_path / "jwks").write_text(issuer.jwks())
    known = trusting(issuer, jwt_jwks=str(tmp_path / "jwks"), jwt_groups_claim=claim)
    assert (await known.principal(issuer.token("one", **said))).groups == groups


@pytest.mark.parametrize(
    ("claims", "words"),
    [
        ({"exp": 1}, "has expired"),
        ({"exp": int(time.time()) - 40}, "has expired"),
        ({"nbf": 2**33}, "not valid yet"),
        ({"iat": 2**33}, "not valid yet"),
        ({"aud": "others"}, "another audience"),
        ({"aud": []}, "lacks one of the claims"),
        ({"iss": "http://issuer.example/"}, "another issuer"),
        ({"iss": "http://evil.example"}, "another issuer"),
        ({"exp": "soon"}, "not a JWT"),
        ({"sub": ""}, "lacks the claim sub"),
        ({"sub": " "}, "lacks the claim sub"),
        ({"sub": 7}, "not a JWT"),
        ({"lacking": ("sub",)}, "lacks the claim sub"),
        *(({"lacking": (name,)}, "lacks one of the claims") for name in ("exp", "iss", "aud")),
    ],
)
async def test_claims_must_hold(known: Jwts, issuer: Issuer, claims: dict[str, Any], words: str) -> None:
    assert words in await refusal(known, issuer.token("one", **claims))


async def test_the_leeway_lets_clocks_differ(known: Jwts, issuer: Issuer) -> None:
    assert await known.principal(issuer.token("one", exp=int(time.time()) - 20, nbf=int(time.time()) + 20))


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "HS256", "HS512", "", None, ["ES256"], "RS256"])
async def test_the_token_does_not_choose_how_it_is_verified(known: Jwts, issuer: Issuer, algorithm: Any) -> None:
    """In particular not an HMAC whose secret is the public key of the issuer."""
    _, key = issuer.keys["one"]
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    claims = {"iss": issuer.url, "aud": AUDIENCE, "exp": 2**33, "sub": "root", "groups": ["admin"]}
    for secret in (b"", public, issuer.jwks().encode()):
        await refusal(known, forged({"alg": algorithm, "typ": "JWT", "kid": "one"}, claims, secret))


async def test_a_key_in_the_token_is_not_used(known: Jwts) -> None:
    stranger = Issuer()
    stranger.add_key("one")
    own = json.loads(stranger.jwks())["keys"][0]
    for header in ({}, {"jwk": own}, {"jku": "http://evil.example/keys"}, {"x5u": "http://evil.example/x"}):
        assert "signature does not hold" in await refusal(known, stranger.token("one", header=header))


@pytest.mark.parametrize("kid", ["two", "../../dev/null", "one' OR '1'='1", "", "one\x00", "o" * 5000])
async def test_a_key_that_is_not_published_is_not_accepted(known: Jwts, issuer: Issuer, kid: str) -> None:
    token = issuer.token("one", header={"kid": kid})
    assert "the issuer does not publish" in await refusal(known, token)


async def test_without_a_key_id_the_only_key_is_meant_and_of_several_none(issuer: Issuer, tmp_path: Path) -> None:
    (tmp_path / "jwks").write_text(issuer.jwks())
    token = jwt.encode({"iss": issuer.url, "aud": AUDIENCE, "exp": 2**33, "sub": "ann"}, issuer.keys["one"][1], "ES256")
    assert await trusting(issuer, jwt_jwks=str(tmp_path / "jwks")).principal(token)
    issuer.add_key("two")
    (tmp_path / "jwks").write_text(issuer.jwks())
    known = trusting(issuer, jwt_jwks=str(tmp_path / "jwks"))
    assert "does not say which" in await refusal(known, token)


@pytest.mark.parametrize(
    "token", ["", "a", "a.b", "a.b.c", "a.b.c.d", "....", "e30.e30.", "bnVsbA.e30.", "x" * 20_000, "é.é.é"]
)
async def test_what_is_no_jwt_is_refused(known: Jwts, token: str) -> None:
    await refusal(known, token)


async def test_an_unknown_critical_extension_is_refused(known: Jwts, issuer: Issuer) -> None:
    await refusal(known, issuer.token("one", header={"crit": ["x"], "x": 1}))


async def test_a_changed_payload_is_refused(known: Jwts, issuer: Issuer) -> None:
    head, _, tail = issuer.token("one").split(".")
    _, body, _ = issuer.token("one", sub="root").split(".")
    assert "signature does not hold" in await refusal(known, f"{head}.{body}.{tail}")


async def test_a_token_is_verified_once_and_expires_all_the_same(
    known: Jwts, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls, decode = [], jwt.decode
    monkeypatch.setattr(jwt, "decode", lambda *given, **named: calls.append(given) or decode(*given, **named))
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)
    token = issuer.token("one", exp=int(now) + 60)
    for _ in range(3):
        assert (await known.principal(token)).user == "ann"
    assert len(calls) == 1
    head, body, tail = token.split(".")
    _, other, _ = issuer.token("one", sub="root").split(".")
    for changed in (f"{head}.{other}.{tail}", f"{head}.{body}.{tail[:-4]}AAAA", token + "."):
        await refusal(known, changed)
    monkeypatch.setattr(time, "time", lambda: int(now) + 89)
    assert await known.principal(token)
    monkeypatch.setattr(time, "time", lambda: now + 91)
    real = jwt.api_jwt.datetime

    class Later(real):  # type: ignore[misc, valid-type]
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return real.now(tz) + timedelta(seconds=91)

    monkeypatch.setattr(jwt.api_jwt, "datetime", Later)
    assert "has expired" in await refusal(known, token)


async def test_a_token_may_expire_later_than_a_float_can_hold(known: Jwts, issuer: Issuer) -> None:
    token = issuer.token("one", exp=10**400)
    assert (await known.principal(token)).user == "ann"
    assert (await known.principal(token)).user == "ann"


async def test_a_file_of_keys_is_read_again(issuer: Issuer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watched_files, "LOOK_SECONDS", 0)
    (tmp_path / "jwks").write_text(issuer.jwks())
    known = trusting(issuer, jwt_jwks=str(tmp_path / "jwks"))
    old = issuer.token("one")
    assert await known.principal(old)
    issuer.keys.clear()
    issuer.add_key("two")
    (tmp_path / "jwks").write_text(issuer.jwks() + "\n")
    assert await known.principal(issuer.token("two"))
    assert "the issuer does not publish" in await refusal(known, old)


async def test_keys_are_discovered_and_fetched_once_and_again_for_an_unknown_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    issuer = Issuer()
    issuer.add_key("one")
    with issuer.serving():
        known = trusting(issuer)
        await asyncio.gather(*(known.principal(issuer.token("one")) for _ in range(20)))
        assert issuer.visits == {"/.well-known/openid-configuration": 1, "/keys": 1}
        issuer.add_key("two")
        assert "the issuer does not publish" in await refusal(known, issuer.token("two"))  # fetched a moment ago
        monkeypatch.setattr(fetched_keys, "PAUSE_SECONDS", 0)
        await asyncio.gather(*(known.principal(issuer.token("two")) for _ in range(20)))
        assert issuer.visits["/keys"] == 2


async def test_unknown_key_ids_do_not_flood_the_issuer() -> None:
    issuer = Issuer()
    issuer.add_key("one")
    with issuer.serving():
        known = trusting(issuer, jwt_jwks=issuer.url + "/keys")
        for number in range(50):
            await refusal(known, issuer.token("one", header={"kid": f"made up {number}"}))
        assert issuer.visits == {"/keys": 1}


async def test_known_keys_count_while_the_issuer_is_down_and_without_keys_it_is_503(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    issuer = Issuer()
    issuer.add_key("one")
    monkeypatch.setattr(fetched_keys, "PAUSE_SECONDS", 0)
    with issuer.serving():
        issuer.is_down = True
        known = trusting(issuer)
        with pytest.raises(StoreUnavailable, match="keys of the issuer"):
            await known.principal(issuer.token("one"))
        issuer.is_down = False
        assert await known.principal(issuer.token("one"))
        issuer.is_down = True
        monkeypatch.setattr(fetched_keys, "FRESH_SECONDS", -1)
        for _ in range(3):
            assert await known.principal(issuer.token("one"))
            await asyncio.sleep(0.02)
        assert "the issuer does not publish" in await refusal(known, issuer.token("one", header={"kid": "new"}))
        assert await known.principal(issuer.token("one"))
        monkeypatch.setattr(fetched_keys, "USABLE_SECONDS", 0)
        with pytest.raises(StoreUnavailable):
            await known.principal(issuer.token("one"))


async def test_a_discovery_document_of_another_issuer_is_not_accepted(caplog: pytest.LogCaptureFixture) -> None:
    issuer = Issuer()
    issuer.add_key("one")
    with issuer.serving():
        issuer.says_it_is = "http://evil.example"
        with pytest.raises(StoreUnavailable):
            await trusting(issuer).principal(issuer.token("one"))
    assert "is about the issuer 'http://evil.example'" in caplog.text


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ({"jwt_issuer": ""}, "--auth jwt needs --jwt-issuer"),
        ({"jwt_audience": ""}, "--auth jwt needs --jwt-audience"),
        ({"jwt_algorithms": "HS256"}, "--jwt-algorithms"),
        ({"jwt_algorithms": "none"}, "--jwt-algorithms"),
        ({"jwt_algorithms": "RS256,none"}, "--jwt-algorithms"),
        ({"jwt_algorithms": " , "}, "--jwt-algorithms"),
        ({"jwt_issuer": "https://i.example", "jwt_jwks": "http://i.example/keys"}, "must be https"),
        ({"jwt_issuer": "i.example"}, "must be https"),
        ({"jwt_jwks": "/nowhere/jwks"}, "No such file"),
        ({"jwt_issuer": "https://i.example", "jwt_ca": "/nowhere/ca"}, "--jwt-ca /nowhere/ca"),
    ],
)
def test_settings_that_would_not_be_safe_are_refused(chosen: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingsError, match=words) as refused:
        trusting(Issuer(), **chosen)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "[]",
        "words",
        '{"keys": 1}',
        '{"keys": [1, {}, {"kty": "oct", "k": "c2VjcmV0", "kid": "one"}]}',
        '{"keys": [{"kty": "RSA", "n": "!", "e": "AQAB"}]}',
        '{"keys": [{"kty": "EC", "crv": "P-256", "x": "", "y": ""}]}',
    ],
)
def test_a_set_without_public_keys_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "jwks").write_text(text)
    with pytest.raises(SettingsError, match="holds no"):
        trusting(Issuer(), jwt_jwks=str(tmp_path / "jwks"))
