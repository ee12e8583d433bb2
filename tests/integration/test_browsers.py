"""What a foreign web page can do to a server, and what the server's own pages can: over HTTP, and in a real browser."""

import http.server
import json
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import BrowserContext, Page

from tests.support.browser import browsing
from tests.support.processes import Proxy, proxy
from tests.support.tiers import slow

EVIL = "https://evil.example"
UI = "https://ui.example"
MODELS = "/registered_models"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """A server on this machine with default settings, as `make run` starts it."""
    with proxy(tmp_path_factory.mktemp("plain")) as running:
        yield running


@pytest.fixture(scope="module")
def listing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """A server whose operator has listed origins."""
    origins = f"{UI},https://*.example.org,http://localhost:9000"
    with proxy(tmp_path_factory.mktemp("listing"), "--cors-origins", origins) as running:
        yield running


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """A server that listens on all addresses, as in the image."""
    flags = ["-n", "0.0.0.0", "--auth", "none", "--allowed-hosts", "registry,*.example.org,exact:8443"]  # noqa: S104
    with proxy(tmp_path_factory.mktemp("public"), *flags) as running:
        yield running


def count(served: Proxy) -> int:
    """How many models there are."""
    return int(httpx.get(served.api + MODELS, timeout=60).json()["size"])


def new_model() -> dict[str, str]:
    return {"name": f"model-{uuid.uuid4().hex}"}


# Changes.


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "application/json"])
@pytest.mark.parametrize(
    "headers",
    [
        {"origin": EVIL},
        {"origin": "null"},
        {"origin": "http://localhost:1"},
        {"sec-fetch-site": "cross-site"},
        {"origin": EVIL, "sec-fetch-site": "cross-site"},
    ],
    ids=str,
)
def test_a_foreign_page_creates_nothing(served: Proxy, headers: dict[str, str], content_type: str) -> None:
    before = count(served)
    sent = {**headers, "content-type": content_type}
    answer = httpx.post(served.api + MODELS, json=new_model(), headers=sent, timeout=60)
    assert answer.status_code == 403
    assert answer.json()["code"] == "Forbidden"
    assert "--cors-origins" in answer.json()["message"]
    assert "access-control-allow-origin" not in answer.headers
    assert count(served) == before


@pytest.mark.parametrize("path", ["/registered_models/1", "/artifacts/1", "/nothing", "/"])
@pytest.mark.parametrize("method", ["PATCH", "PUT", "DELETE", "POST"])
def test_no_method_and_no_path_accepts_a_foreign_page(served: Proxy, method: str, path: str) -> None:
    answer = httpx.request(method, served.api + path, json={}, headers={"origin": EVIL}, timeout=60)
    assert answer.status_code == 403


@pytest.mark.parametrize("path", ["/", "/docs", "/openapi.json", "/elsewhere"])
def test_pages_outside_the_api_refuse_changes_of_a_foreign_page_too(served: Proxy, path: str) -> None:
    assert httpx.post(served.url + path, headers={"origin": EVIL}, timeout=60).status_code == 403


def test_our_own_page_and_clients_without_a_browser_may_change_things(served: Proxy) -> None:
    for headers in (
        {},
        {"content-type": "application/x-www-form-urlencoded"},
        {"origin": served.url, "sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "none"},
    ):
        answer = httpx.post(served.api + MODELS, json=new_model(), headers=headers, timeout=60)
        assert answer.status_code == 201, headers


def test_a_refused_change_is_audited(tmp_path: Path) -> None:
    log = tmp_path / "audit.log"
    with proxy(tmp_path, "--audit-log", str(log)) as audited:
        httpx.post(audited.api + MODELS, json=new_model(), headers={"origin": EVIL}, timeout=60)
        httpx.post(audited.api + MODELS, json=new_model(), headers={"host": "evil.example"}, timeout=60)
        text = log.read_text()
    assert '"status":403,"denied":"forbidden"' in text
    assert '"status":421,"denied":"misdirected"' in text


# Reading, and CORS.


@pytest.mark.parametrize("path", [MODELS, "/registered_models/0", "/nothing"])
@pytest.mark.parametrize("origin", [EVIL, "null", "http://localhost:1"])
def test_a_foreign_page_gets_no_permission_to_read(served: Proxy, path: str, origin: str) -> None:
    answer = httpx.get(served.api + path, headers={"origin": origin}, timeout=60)
    assert answer.status_code in (200, 404)
    assert not [name for name in answer.headers if name.startswith("access-control")]
    assert "origin" in answer.headers["vary"].lower()


@pytest.mark.parametrize("path", ["/docs", "/openapi.json", "/openapi.yaml", "/livez", "/readyz/health", "/"])
def test_a_foreign_page_gets_no_permission_to_read_pages(served: Proxy, path: str) -> None:
    answer = httpx.get(served.url + path, headers={"origin": EVIL}, timeout=60)
    assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH"])
def test_a_foreign_preflight_is_refused(served: Proxy, method: str) -> None:
    asked = {"origin": EVIL, "access-control-request-method": method}
    answer = httpx.options(served.api + MODELS, headers=asked, timeout=60)
    assert answer.status_code == 403
    assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH"])
@pytest.mark.parametrize("origin", [UI, "https://a.example.org", "http://localhost:9000"])
def test_a_preflight_of_a_listed_origin_allows_every_method_that_is_served(
    listing: Proxy, method: str, origin: str
) -> None:
    headers = {
        "origin": origin,
        "access-control-request-method": method,
        "access-control-request-headers": "authorization,content-type,idempotency-key,if-match",
        "access-control-request-private-network": "true",
    }
    answer = httpx.options(listing.api + "/registered_models/1", headers=headers, timeout=60)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["access-control-allow-origin"] == origin
    assert method in answer.headers["access-control-allow-methods"]
    allowed = answer.headers["access-control-allow-headers"].lower()
    assert all(name in allowed for name in ("accept", "authorization", "content-type", "x-csrf-token", "x-pingother"))
    assert answer.headers["access-control-allow-private-network"] == "true"
    assert answer.headers["access-control-max-age"] == "300"
    assert "origin" in answer.headers["vary"].lower()
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/registered_models"), ("GET", "/registered_models/0"), ("GET", "/nothing"), ("PUT", "/")],
)
def test_answers_to_a_listed_origin_echo_it_and_say_that_they_vary_with_it(
    listing: Proxy, method: str, path: str
) -> None:
    answer = httpx.request(method, listing.api + path, headers={"origin": UI}, timeout=60)
    assert answer.headers["access-control-allow-origin"] == UI
    assert answer.headers["access-control-expose-headers"] == "Link, ETag, X-Request-Id, Idempotent-Replayed"
    assert "origin" in answer.headers["vary"].lower()


def test_a_listed_origin_may_change_things_and_other_origins_may_not(listing: Proxy) -> None:
    sent = {"origin": UI, "sec-fetch-site": "cross-site"}
    assert httpx.post(listing.api + MODELS, json=new_model(), headers=sent, timeout=60).status_code == 201
    for origin in (EVIL, "http://ui.example", "https://example.org", "https://evilexample.org", "null"):
        answer = httpx.post(listing.api + MODELS, json=new_model(), headers={"origin": origin}, timeout=60)
        assert answer.status_code == 403, origin


# Hosts.


@pytest.mark.parametrize(
    "path", ["/api/model_registry/v1alpha3/registered_models", "/docs", "/openapi.json", "/", "/x"]
)
@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example:80", "192.0.2.1"])
def test_a_foreign_host_is_misdirected(served: Proxy, path: str, host: str) -> None:
    answer = httpx.get(served.url + path, headers={"host": host}, timeout=60)
    assert answer.status_code == 421
    assert answer.json()["code"] == "Misdirected Request"
    assert "--allowed-hosts (MR_ALLOWED_HOSTS)" in answer.json()["message"]


def test_a_page_whose_host_name_was_rebound_to_this_server_changes_nothing(served: Proxy) -> None:
    before = count(served)
    rebound = {"host": "evil.example", "origin": "http://evil.example", "sec-fetch-site": "same-origin"}
    assert httpx.post(served.api + MODELS, json=new_model(), headers=rebound, timeout=60).status_code == 421
    assert count(served) == before


@pytest.mark.parametrize("path", ["/livez", "/readyz/health", "/readyz/isDirty", "/readyz/health?format=json"])
@pytest.mark.parametrize("host", ["10.244.0.17:8080", "evil.example"])
def test_probes_may_address_a_pod_by_its_ip(served: Proxy, path: str, host: str) -> None:
    assert httpx.get(served.url + path, headers={"host": host}, timeout=60).status_code == 200


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost:8080", 200),
        ("127.0.0.1", 200),
        ("registry:8080", 200),
        ("A.Example.org", 200),
        ("exact:8443", 200),
        ("exact:8080", 421),
        ("example.org", 421),
        ("evil.example", 421),
        ("0.0.0.0", 200),  # noqa: S104 (what --hostname says)
    ],
)
def test_a_server_on_all_addresses_is_reached_by_its_names(public: Proxy, host: str, status: int) -> None:
    assert httpx.get(public.api + MODELS, headers={"host": host}, timeout=60).status_code == status


# Headers of answers.


def test_every_answer_forbids_browsers_to_guess_its_type(served: Proxy) -> None:
    made = httpx.post(served.api + MODELS, json=new_model(), timeout=60)
    one = f"{served.api}{MODELS}/{made.json()['id']}"
    answers = [
        made,
        httpx.get(one, headers={"if-none-match": made.headers["etag"]}, timeout=60),
        httpx.get(one + "0000", timeout=60),
        httpx.delete(one, timeout=60),
        httpx.post(served.api + MODELS, content=b"{", timeout=60),
        httpx.get(served.api + MODELS, headers={"host": "evil.example"}, timeout=60),
        httpx.post(served.api + MODELS, headers={"origin": EVIL}, timeout=60),
        httpx.get(served.api + MODELS, headers={"x": "y" * 80_000}, timeout=60),
    ]
    paths = (
        "/",
        "/docs",
        "/docs/start.js",
        "/docs/assets/swagger-ui.css",
        "/openapi.json",
        "/openapi.yaml",
        "/nothing",
    )
    answers += [httpx.get(served.url + path, timeout=60) for path in (*paths, "/livez", "/readyz/health?format=json")]
    assert {answer.headers.get("x-content-type-options") for answer in answers} == {"nosniff"}
    assert len({answer.status_code for answer in answers}) > 7


@pytest.mark.parametrize("path", ["/docs", "/nothing", "/docs/start.js"])
def test_pages_run_no_foreign_script_and_show_in_no_foreign_frame(served: Proxy, path: str) -> None:
    headers = httpx.get(served.url + path, timeout=60).headers
    rules = dict(rule.strip().split(" ", 1) for rule in headers["content-security-policy"].split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == "'self'"
    assert rules["frame-ancestors"] == "'none'"
    assert "unsafe" not in headers["content-security-policy"]


# In a browser.


@contextmanager
def foreign_site(html: str) -> Iterator[str]:
    """A page on another origin of this machine; yields its address."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, *_: object) -> None:
            """Nothing on stderr."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[BrowserContext]:
    """A browser in which the name evil.example leads to this machine, as a rebound DNS name does."""
    with browsing("--host-resolver-rules=MAP evil.example 127.0.0.1") as context:
        yield context


@pytest.fixture
def page(browser: BrowserContext) -> Iterator[Page]:
    opened = browser.new_page()
    yield opened
    opened.close()


ATTACKS = {
    "a simple request": "fetch(URL, {method: 'POST', mode: 'no-cors', headers: {'Content-Type': 'text/plain'}, body: BODY})",
    "a request with JSON": "fetch(URL, {method: 'POST', headers: {'Content-Type': 'application/json'}, body: BODY})",
    "a beacon": "new Promise(done => { navigator.sendBeacon(URL, BODY); setTimeout(done, 500); })",
    "a change": "fetch(URL + '/1', {method: 'PATCH', headers: {'Content-Type': 'application/json'}, body: BODY})",
    "a reading": "fetch(URL).then(answer => answer.text())",
}


@pytest.mark.parametrize(
    "attack", ["a simple request", "a beacon", *slow("a request with JSON", "a change", "a reading")]
)
def test_a_hostile_page_reads_and_changes_nothing(served: Proxy, page: Page, attack: str) -> None:
    before = httpx.get(served.api + MODELS, timeout=60).json()
    script = ATTACKS[attack].replace("URL", f"'{served.api}{MODELS}'").replace("BODY", """'{"name": "hacked"}'""")
    with foreign_site("<p>Hello</p>") as address:
        page.goto(address)
        result = page.evaluate(
            f"async () => {{ try {{ return String(await ({script})); }} catch (e) {{ return 'no'; }} }}"
        )
    assert "items" not in result
    assert httpx.get(served.api + MODELS, timeout=60).json() == before


def test_a_hostile_form_changes_nothing(served: Proxy, page: Page) -> None:
    before = httpx.get(served.api + MODELS, timeout=60).json()
    form = (
        f'<form method="post" enctype="text/plain" action="{served.api}{MODELS}">'
        """<input name='{"name": "hacked", "description": "' value='"}'><button>Win a prize</button></form>"""
    )
    with foreign_site(form) as address:
        page.goto(address)
        with page.expect_navigation() as sent:
            page.click("button")
    assert sent.value.status == 403
    assert httpx.get(served.api + MODELS, timeout=60).json() == before


def test_a_rebound_name_shows_nothing(served: Proxy, page: Page) -> None:
    answer = page.goto(f"http://evil.example:{httpx.URL(served.api).port}{httpx.URL(served.api).path}{MODELS}")
    assert answer
    assert answer.status == 421


def test_a_hostile_page_cannot_frame_the_documentation(served: Proxy, page: Page) -> None:
    with (
        foreign_site(f'<iframe src="{served.url}/docs"></iframe>') as address,
        page.expect_console_message(lambda message: "frame-ancestors" in message.text),
    ):
        page.goto(address)


def test_the_page_of_each_document_links_to_the_other(served: Proxy, page: Page) -> None:
    page.goto(served.url + "/docs")
    page.get_by_role("link", name="Model Registry Extensions").click()
    operation = page.locator("[id^=operations-][id$=-getIdentity]")
    operation.locator(".opblock-summary-control").click()
    operation.locator("button.try-out__btn").click()
    operation.locator("button.execute").click()
    operation.locator(".live-responses-table .response-col_status", has_text="200").wait_for()
    page.get_by_role("link", name="Model Registry", exact=True).click()
    page.locator("[id^=operations-][id$=-createRegisteredModel]").wait_for()


def test_the_documentation_works_within_its_own_rules(served: Proxy, page: Page) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(served.url + "/docs")
    operation = page.locator("[id^=operations-][id$=-createRegisteredModel]")
    operation.locator(".opblock-summary-control").click()
    operation.locator("button.try-out__btn").click()
    operation.locator("textarea").fill(json.dumps(new_model()))
    operation.locator("button.execute").click()
    operation.locator(".live-responses-table .response-col_status", has_text="201").wait_for()
    assert complaints == []
