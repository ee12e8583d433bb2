"""Changes that pages of other origins send are refused, unless the operator lists the origin."""

from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from model_registry_proxy.configuration.settings import Settings, SettingsError
from model_registry_proxy.http.origins import Origins, listed_origins
from model_registry_proxy.http.responses import send_json
from model_registry_proxy.http.same_origin import SameOrigin

Header = tuple[str, str]
OWN = ("host", "registry.example.org:8080")
CHANGES = ("POST", "PATCH", "PUT", "DELETE")


async def served(scope: Scope, _: Receive, send: Send) -> None:
    """The application behind the check."""
    await send_json(send, 200, {})


async def status(
    *headers: Header, method: str = "POST", scheme: str = "http", listed: str = "", trusts: bool = False
) -> int:
    """The answer to a request with these headers."""
    sent: list[Message] = []

    async def receive() -> Message:
        raise AssertionError("nothing is read of a refused request")

    async def send(message: Message) -> None:
        sent.append(message)

    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers]
    scope: Any = {"type": "http", "method": method, "scheme": scheme, "path": "/x", "headers": raw}
    app = SameOrigin(served, Origins(listed_origins(Settings(cors_origins=listed)), lambda _: trusts))
    await app(scope, receive, send)
    return int(sent[0]["status"])


@pytest.mark.parametrize("method", CHANGES)
async def test_clients_other_than_browsers_are_served(method: str) -> None:
    assert await status(OWN, method=method) == 200
    assert await status(OWN, ("content-type", "application/x-www-form-urlencoded"), method=method) == 200


@pytest.mark.parametrize("method", CHANGES)
@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "http://evil.example:8080",
        "http://registry.example.org",  # another port
        "http://registry.example.org:80801",
        "https://registry.example.org:8080",  # another scheme
        "http://registry.example.org.evil.example:8080",
        "http://registry.example.org:8080@evil.example",
        "http://registry.example.org:8080/",
        "http://registry.example.org:8080, https://evil.example",
        "//registry.example.org:8080",
        "null",
        "file://",
        "",
    ],
)
async def test_pages_of_other_origins_change_nothing(method: str, origin: str) -> None:
    assert await status(OWN, ("origin", origin), method=method) == 403
    assert await status(OWN, ("origin", origin), ("sec-fetch-site", "same-origin"), method=method) == 403


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
async def test_reads_are_served_because_cors_decides_about_them(method: str) -> None:
    assert await status(OWN, ("origin", "https://evil.example"), method=method) == 200
    assert await status(OWN, ("sec-fetch-site", "cross-site"), method=method) == 200


@pytest.mark.parametrize(
    ("scheme", "host", "origin"),
    [
        ("http", "registry.example.org:8080", "http://registry.example.org:8080"),
        ("http", "Registry.example.org:8080", "HTTP://registry.example.ORG:8080"),
        ("http", "registry.example.org", "http://registry.example.org"),
        ("http", "registry.example.org:80", "http://registry.example.org"),
        ("https", "registry.example.org", "https://registry.example.org:443"),
        ("https", "registry.example.org:8443", "https://registry.example.org:8443"),
        ("http", "[::1]:8080", "http://[::1]:8080"),
    ],
)
async def test_pages_of_this_server_may_change_things(scheme: str, host: str, origin: str) -> None:
    assert await status(("host", host), ("origin", origin), scheme=scheme) == 200


async def test_several_origins_count_as_a_foreign_one() -> None:
    own = ("origin", "http://registry.example.org:8080")
    assert await status(OWN, own, own) == 403
    assert await status(OWN, own, ("origin", "https://evil.example")) == 403


@pytest.mark.parametrize("site", ["cross-site", "Cross-Site ", "same-site", "whatever"])
async def test_a_foreign_page_without_its_origin_changes_nothing(site: str) -> None:
    assert await status(OWN, ("sec-fetch-site", site)) == 403


@pytest.mark.parametrize("site", ["same-origin", "none"])
async def test_requests_of_our_page_and_typed_addresses_are_served(site: str) -> None:
    assert await status(OWN, ("sec-fetch-site", site)) == 200


@pytest.mark.parametrize(
    "origin", ["https://ui.example", "https://a.b.example.org", "http://localhost:9000", "https://UI.example:443"]
)
async def test_listed_origins_may_change_things(origin: str) -> None:
    listed = "https://ui.example, https://*.example.org ,http://localhost:9000/,"
    assert await status(OWN, ("origin", origin), ("sec-fetch-site", "cross-site"), listed=listed) == 200


@pytest.mark.parametrize(
    "origin",
    [
        "http://ui.example",
        "https://ui.example:8443",
        "https://example.org",
        "https://evilexample.org",
        "http://a.example.org",
        "https://a.example.org:1",
        "http://localhost:9001",
        "null",
    ],
)
async def test_origins_that_are_not_listed_may_not_change_things(origin: str) -> None:
    listed = "https://ui.example,https://*.example.org,http://localhost:9000"
    assert await status(OWN, ("origin", origin), listed=listed) == 403


async def test_only_a_gateway_may_say_how_the_client_addressed_it() -> None:
    behind = [("host", "upstream:8080"), ("origin", "https://registry.example.org")]
    behind += [("x-forwarded-proto", "https"), ("x-forwarded-host", "registry.example.org")]
    assert await status(*behind, trusts=True) == 200
    assert await status(*behind) == 403
    # The value of the nearest gateway counts; the values before it may be from the client.
    behind[3] = ("x-forwarded-host", "registry.example.org, other.example")
    assert await status(*behind, trusts=True) == 403


async def test_a_gateway_that_ends_tls_and_keeps_the_host_needs_to_send_only_the_scheme() -> None:
    behind = [("host", "registry.example.org"), ("origin", "https://registry.example.org")]
    assert await status(*behind) == 403
    assert await status(*behind, ("x-forwarded-proto", "https"), trusts=True) == 200


@pytest.mark.parametrize(
    "text",
    ["*", "https://*", "ui.example", "ftp://ui.example", "https://ui.example/path", "null", "https://a*.example"],
)
def test_a_setting_that_is_no_origin_ends_the_start(text: str) -> None:
    with pytest.raises(SettingsError, match=r"--cors-origins \(MR_CORS_ORIGINS\)"):
        listed_origins(Settings(cors_origins=f"https://good.example,{text}"))
