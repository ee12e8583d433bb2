"""Requests for hosts that are not this server (DNS rebinding) are refused."""

from typing import Any

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from model_registry_proxy.configuration.settings import Settings, SettingsError
from model_registry_proxy.http.hosts import KnownHosts, known_names
from model_registry_proxy.http.responses import send_json


async def served(scope: Scope, _: Receive, send: Send) -> None:
    """The application behind the check."""
    await send_json(send, 200, {})


async def ask(host: str, *, arrived_at: str = "127.0.0.1", trusts: bool = False, **chosen: Any) -> httpx.Response:
    """The answer to a request with this `Host` and these `headers`."""
    headers = chosen.pop("headers", {})
    app = KnownHosts(served, known_names(Settings(**chosen)), lambda _: trusts)

    async def arriving(scope: Scope, receive: Receive, send: Send) -> None:
        scope["server"] = (arrived_at, 8080)
        await app(scope, receive, send)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=arriving), base_url="http://any") as client:
        return await client.get("/x", headers={"host": host, **headers})


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST:8080", "localhost.", "127.0.0.1", "127.1.2.3:1", "[::1]:8080", "[::ffff:127.0.0.1]"],
)
async def test_names_of_this_machine_are_always_served(host: str) -> None:
    assert (await ask(host)).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "evil.example:8080",
        "192.0.2.7",
        "0.0.0.0",  # noqa: S104
        "localhost@evil.example",
        "localhost, evil.example",
        "evil.example, localhost",
        "",
    ],
)
async def test_other_hosts_are_refused_and_the_answer_names_the_setting_that_allows_them(host: str) -> None:
    answer = await ask(host)
    assert answer.status_code == 421
    assert answer.json()["code"] == "Misdirected Request"
    assert "--allowed-hosts (MR_ALLOWED_HOSTS)" in answer.json()["message"]
    assert host in answer.json()["message"]


@pytest.mark.parametrize("hostname", ["registry.example.org", "Registry.Example.org", "10.1.2.3", "fd00::1"])
async def test_the_name_in_hostname_is_served(hostname: str) -> None:
    host = f"[{hostname}]" if ":" in hostname else hostname
    assert (await ask(f"{host.lower()}:9999", hostname=hostname)).status_code == 200
    assert (await ask("evil.example", hostname=hostname)).status_code == 421


@pytest.mark.parametrize(("arrived_at", "host"), [("10.1.2.3", "10.1.2.3:8080"), ("fd00::1", "[fd00::1]")])
async def test_the_address_at_which_a_connection_arrives_is_served(arrived_at: str, host: str) -> None:
    assert (await ask(host, arrived_at=arrived_at, hostname="0.0.0.0")).status_code == 200  # noqa: S104
    assert (await ask(host, hostname="0.0.0.0")).status_code == 421  # noqa: S104


@pytest.mark.parametrize("host", ["registry", "a.example.org", "b.example.org:1", "exact:8443"])
async def test_allowed_hosts_are_served(host: str) -> None:
    chosen = {"allowed_hosts": " registry, *.Example.org ,exact:8443,"}
    assert (await ask(host, **chosen)).status_code == 200
    assert (await ask("exact:8444", **chosen)).status_code == 421
    assert (await ask("evil.example", **chosen)).status_code == 421


async def test_a_star_allows_every_host() -> None:
    assert (await ask("evil.example", allowed_hosts="*")).status_code == 200


async def test_only_a_gateway_may_say_which_host_the_client_asked_for() -> None:
    forwarded = {"x-forwarded-host": "registry.example.org"}
    chosen: dict[str, Any] = {"allowed_hosts": "registry.example.org", "headers": forwarded}
    assert (await ask("upstream", trusts=True, **chosen)).status_code == 200
    assert (await ask("upstream", **chosen)).status_code == 421
    chosen["headers"] = {"x-forwarded-host": "evil.example"}
    assert (await ask("localhost", trusts=True, **chosen)).status_code == 421
    assert (await ask("localhost", **chosen)).status_code == 200


async def test_a_request_without_a_host_is_served_because_no_browser_sends_one() -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "scheme": "http", "headers": [], "server": None}
    await KnownHosts(served, (), lambda _: False)(scope, None, send)  # type: ignore[arg-type]
    assert sent[0]["status"] == 200


@pytest.mark.parametrize("text", ["https://a", "a b", "a*", "a/", "good.example,ba d"])
def test_a_setting_that_is_no_host_ends_the_start(text: str) -> None:
    with pytest.raises(SettingsError, match=r"--allowed-hosts \(MR_ALLOWED_HOSTS\)"):
        known_names(Settings(allowed_hosts=text))
