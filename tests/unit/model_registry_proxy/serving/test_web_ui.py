"""The web UI as a part of the server: where it is shown, what browsers may do with it, and that its calls are those of the user."""

from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from starlette.types import Receive, Scope, Send

from model_registry_proxy.configuration.settings import Settings, SettingsError
from model_registry_proxy.http.responses import send_json
from model_registry_proxy.security.browsers import browser_rules
from model_registry_proxy.serving.app import build
from model_registry_proxy.serving.web_ui import public_origins, web_ui

BROWSER = {"accept": "text/html,application/xhtml+xml"}


def client_of(app: Any, **headers: str) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app, client=("192.0.2.7", 5000))
    return httpx.AsyncClient(transport=transport, base_url="http://localhost:8080", headers=headers)


def server(**settings: Any) -> Any:
    """A server without a store: its pages need none."""
    return build(Settings(**settings), "127.0.0.1:1", lambda _: None)


@pytest.mark.parametrize(("settings", "to"), [({}, "ui/"), ({"ui": False}, "docs")])
async def test_the_root_leads_browsers_to_the_ui_where_there_is_one(settings: dict[str, Any], to: str) -> None:
    async with client_of(server(**settings)) as client:
        by_browser = await client.get("/", headers=BROWSER)
        by_curl = await client.get("/", headers={"accept": "*/*"})
    assert by_browser.headers["location"] == to
    assert by_curl.headers["location"] == "docs"


async def test_without_the_ui_nothing_is_served_there() -> None:
    async with client_of(server(ui=False)) as client:
        assert (await client.get("/ui/")).status_code == 404


async def test_the_ui_is_found_by_programs() -> None:
    async with client_of(server(root_path="/registry")) as client:
        found = (await client.get("/.well-known/model-registry")).json()
    assert found["ui"] == "/registry/ui/"


async def test_links_begin_with_the_root_path() -> None:
    async with client_of(server(root_path="/registry")) as client:
        for path in ("/ui/look", "/registry/ui/look"):
            text = (await client.get(path)).text
            assert 'action="/registry/ui/look"' in text


async def test_no_origin_may_read_a_page_of_the_ui() -> None:
    async with client_of(server(cors_origins="https://ui.example"), origin="https://ui.example") as client:
        page, document = await client.get("/ui/look"), await client.get("/openapi.json")
    assert not [name for name in page.headers if name.startswith("access-control")]
    assert document.headers["access-control-allow-origin"] == "https://ui.example"


async def test_a_page_of_a_listed_origin_may_not_send_a_form() -> None:
    headers = {"origin": "https://ui.example", "sec-fetch-site": "cross-site"}
    async with client_of(server(cors_origins="https://ui.example"), **headers) as client:
        assert (await client.post("/ui/look", data={"theme": "dark"})).status_code == 403


async def test_a_foreign_host_gets_no_page() -> None:
    async with client_of(server(), host="evil.example") as client:
        refused = await client.get("/ui/look")
    assert refused.status_code == 421
    assert refused.headers["content-security-policy"].startswith("default-src 'none'")


@pytest.mark.parametrize("bad", ["ml.example.org", "https://a.example/path", "ftp://a.example"])
def test_a_public_address_must_be_an_origin(bad: str) -> None:
    with pytest.raises(SettingsError, match="--ui-origin"):
        public_origins(Settings(ui_origin=bad))


async def test_a_call_of_the_ui_is_a_request_of_the_same_user_from_the_same_connection() -> None:
    seen: list[Scope] = []

    async def api(scope: Scope, _: Receive, send: Send) -> None:
        seen.append(scope)
        await send_json(send, 200, {"items": [], "nextPageToken": "", "pageSize": 1, "size": 0})

    settings = Settings(auth="none")
    ui = web_ui(settings, browser_rules(settings), api, "/api/x", "")
    sent = {
        "cookie": "mr_ui=secret",
        "kubeflow-userid": "ann",
        "x-forwarded-for": "10.0.0.1",
        "user-agent": "x",
        "x-request-id": "id-1",
    }
    async with client_of(ui, **sent) as client:
        assert (await client.get("/ui/models")).status_code == 200
    [scope] = seen
    assert scope["client"] == ("192.0.2.7", 5000)
    assert scope["path"] == "/api/x/registered_models"
    headers = {name.decode(): value.decode() for name, value in scope["headers"]}
    assert (
        headers.items()
        >= {"authorization": "Bearer secret", "kubeflow-userid": "ann", "x-forwarded-for": "10.0.0.1"}.items()
    )
    assert headers["x-request-id"] == scope["state"]["request_id"] == "id-1"
    assert not headers.keys() & {"cookie", "user-agent", "host"}


async def test_a_user_without_a_token_is_asked_for_one_by_the_api_itself(tmp_path: Path) -> None:
    tokens = tmp_path / "tokens.yaml"
    tokens.write_text("[]\n")
    async with client_of(server(auth="tokens", auth_tokens=str(tokens))) as client:
        answer = await client.get("/ui/models", headers=BROWSER)
        said = await client.get("/api/model_registry/v1alpha3/registered_models")
    assert said.status_code == 401
    assert answer.status_code in {303, 401}
    assert orjson.loads(said.content)["code"] == "Unauthorized"


@pytest.mark.parametrize(
    ("path", "operation"),
    [("/ui/look", "ui.look"), ("/ui/static/nothing.css", "ui.static"), ("/ui/nothing", None)],
)
async def test_logs_and_metrics_name_the_page(path: str, operation: str | None) -> None:
    app, seen = server(), []

    async def noting(scope: Scope, receive: Receive, send: Send) -> None:
        await app(scope, receive, send)
        seen.append(scope["state"].get("operation"))

    async with client_of(noting) as client:
        await client.get(path)
    assert seen == [operation]
