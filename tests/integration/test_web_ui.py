"""The web UI of real servers: with tokens, roles, an audit log and an access log, and as a server of its own before them."""

import html
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from companions.ui.tests.html_form import HtmlForm
from model_registry_proxy.security.tokens import new_token
from tests.support.ports import free_port
from tests.support.processes import COMMAND, Proxy, environment, proxy, running, wait_until

POLICY = """
roles:
  writer: {users: [wanda]}
  reader: {users: [rob]}
"""
SAME = {"sec-fetch-site": "same-origin"}


@dataclass(frozen=True)
class Guarded:
    """A server, the tokens of its users, and its folder."""

    served: Proxy
    tokens: dict[str, str]
    folder: Path

    def browser(self, user: str = "", base: str = "") -> httpx.Client:
        """A browser with the cookie of a user."""
        cookies = {"mr_ui": self.tokens[user]} if user else {}
        return httpx.Client(base_url=base or self.served.url, cookies=cookies, timeout=60)


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    """A server with tokens, a policy and an audit log, and with one model."""
    folder = tmp_path_factory.mktemp("ui")
    made = {user: new_token(user, ()) for user in ("wanda", "rob", "stranger")}
    (folder / "tokens.yaml").write_text("\n".join(line for _, line in made.values()))
    (folder / "policy.yaml").write_text(POLICY)
    flags = ["--auth", "tokens", "--auth-tokens", str(folder / "tokens.yaml"), "--policy", str(folder / "policy.yaml")]
    flags += ["--audit-log", str(folder / "audit.log"), "--log-level", "info"]
    with proxy(folder, *flags) as served:
        guarded = Guarded(served, {user: token for user, (token, _) in made.items()}, folder)
        headers = {"authorization": f"Bearer {guarded.tokens['wanda']}"}
        httpx.post(served.api + "/registered_models", json={"name": "fraud"}, headers=headers, timeout=60)
        yield guarded


def test_a_user_signs_in_sees_the_models_and_signs_out(guarded: Guarded) -> None:
    with guarded.browser() as browser:
        asked = browser.get("/ui/models")
        assert (asked.status_code, asked.headers["location"]) == (303, "/ui/login?next=%2Fui%2Fmodels")
        sent = {"token": guarded.tokens["rob"], "next": "/ui/models"}
        assert browser.post("/ui/login", data=sent, headers=SAME).headers["location"] == "/ui/models"
        text = browser.get("/ui/models").text
        assert ">fraud</a>" in text
        assert "rob" in text
        assert guarded.tokens["rob"] not in text
        browser.post("/ui/logout", headers=SAME)
        assert browser.get("/ui/models").status_code == 303


def test_the_cookie_means_nothing_to_the_api(guarded: Guarded) -> None:
    with guarded.browser("wanda") as browser:
        assert browser.get("/api/model_registry/v1alpha3/registered_models").status_code == 401


def test_a_reader_sees_no_button_and_a_user_without_a_role_sees_why(guarded: Guarded) -> None:
    def buttons(text: str) -> list[str]:
        main = text.partition("<main")[2]
        return re.findall(
            r'<form[^>]*method="post"(?! action="/ui/columns")|class="button[^"]*" href="[^"]*/(?:new|edit|properties)"',
            main,
        )

    for path in ("/ui/", "/ui/models", "/ui/models/1"):
        with guarded.browser("rob") as browser:
            answer = browser.get(path)
            assert answer.status_code == 200
            assert buttons(answer.text) == []
    with guarded.browser("stranger") as browser:
        refused = browser.get("/ui/models")
    assert refused.status_code == 403
    assert "You may not do this" in refused.text
    assert "stranger" in refused.text


def test_the_logs_name_the_page_and_the_user_and_no_token(guarded: Guarded) -> None:
    with guarded.browser("stranger") as browser:
        browser.get("/ui/versions", headers={"x-request-id": "asked-by-the-ui"})
    audit = (guarded.folder / "audit.log").read_text()
    assert '"request_id":"asked-by-the-ui"' in audit
    assert '"user":"stranger"' in audit
    assert "/ui/versions 403" in guarded.served.log.read_text()
    assert not [user for user, token in guarded.tokens.items() if token in audit + guarded.served.log.read_text()]


def test_the_first_code_of_an_empty_registry_works(tmp_path: Path) -> None:
    with proxy(tmp_path) as served, httpx.Client(base_url=served.url, timeout=60) as browser:
        code = re.search(r'<pre id="code-python"[^>]*><code>(.*?)</code>', browser.get("/ui/models").text, re.DOTALL)
        assert code
        subprocess.run([sys.executable, "-c", html.unescape(code[1])], check=True, timeout=60)
        assert ">fraud</a>" in browser.get("/ui/models").text


FORMS = (
    "/ui/models/new",
    "/ui/models/1/edit",
    "/ui/models/1/properties",
    "/ui/models/1/archive",
    "/ui/models/1/labels",
)


@pytest.mark.parametrize("path", FORMS)
def test_a_reader_gets_no_form_and_may_send_none(guarded: Guarded, path: str) -> None:
    with guarded.browser("rob") as browser:
        shown = browser.get(path)
        assert shown.status_code == 403
        assert "This needs the role writer; rob has the role reader here." in shown.text
    with guarded.browser("wanda") as browser:
        form = HtmlForm(browser.get(path).text, -1)
    for name, value in (
        ("model-name", "x"),
        ("version-name", "x"),
        ("uri", "s3://x"),
        ("owner", "x"),
        ("label", "x"),
    ):
        form.fill(name, value)
    form.fill("property-name", "x").fill("property-value", "x")
    with guarded.browser("rob") as browser:
        refused = browser.post(path, data=dict(form.pairs), headers=SAME)
    assert refused.status_code == 403
    assert "This needs the role writer" in refused.text


def test_a_form_survives_a_token_that_ends_and_the_audit_log_names_the_user(guarded: Guarded) -> None:
    with guarded.browser("wanda") as browser:
        form = HtmlForm(browser.get("/ui/models/1/edit").text, -1)
        form.fill("owner", "typed <before> the token ended")
    with guarded.browser() as browser:
        browser.cookies.set("mr_ui", "a-token-that-has-ended")
        asked = browser.post("/ui/models/1/edit", data=dict(form.pairs), headers=SAME)
        assert asked.status_code == 401
        browser.cookies.clear()
        login = HtmlForm(asked.text, -1).fill("token", guarded.tokens["wanda"])
        again = HtmlForm(browser.post(login.action, data=dict(login.pairs), headers=SAME).text, -1)
        saved = browser.post(again.action, data=dict(again.pairs), headers={**SAME, "x-request-id": "form-sent-again"})
        assert saved.headers["location"] == "/ui/models/1"
        text = browser.get("/ui/models/1").text
    assert "typed &lt;before&gt; the token ended" in text
    audit = [line for line in (guarded.folder / "audit.log").read_text().splitlines() if "form-sent-again" in line]
    assert ['"user":"wanda"' in line for line in audit] == [True]


@pytest.fixture(scope="module")
def standalone(guarded: Guarded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a UI by itself before that server. Its environment has a token, which it must not use."""
    port = free_port()
    command = [*COMMAND, "ui", "--server", guarded.served.url, "--port", str(port), "--hostname", "127.0.0.1"]
    env = {**environment(), "MODEL_REGISTRY_TOKEN": guarded.tokens["wanda"]}
    address = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        try:
            return httpx.get(f"{address}/ui/login").is_success
        except httpx.TransportError:
            return False

    with running(command, tmp_path_factory.mktemp("standalone") / "ui.log", env) as process:
        wait_until(answers, process, "The UI")
        assert f"Web UI         {address}/ui" in process.log.read_text()
        yield address


def test_a_ui_by_itself_shows_the_registry_after_signing_in(guarded: Guarded, standalone: str) -> None:
    with guarded.browser(base=standalone) as browser:
        assert browser.get("/").headers["location"] == "/ui/"
        assert browser.get("/ui/models").status_code == 303
        browser.post("/ui/login", data={"token": guarded.tokens["rob"]}, headers=SAME)
        text = browser.get("/ui/models").text
    assert ">fraud</a>" in text
    assert f"pages of {guarded.served.url}" in text


def test_a_ui_by_itself_accepts_no_header_and_no_foreign_host(guarded: Guarded, standalone: str) -> None:
    with guarded.browser(base=standalone) as browser:
        assert browser.get("/ui/models", headers={"kubeflow-userid": "wanda"}).status_code == 303
        for host in ("evil.example", "localhost.evil.example", ""):
            assert browser.get("/ui/login", headers={"host": host}).status_code in {400, 421}
        assert browser.get("/ui/login", headers={"host": "localhost:9"}).status_code == 200
        for headers in ({}, {"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}, {"origin": "null"}):
            answer = browser.post("/ui/login", data={"token": guarded.tokens["rob"]}, headers=headers)
            assert answer.status_code == 403
            assert "set-cookie" not in answer.headers
