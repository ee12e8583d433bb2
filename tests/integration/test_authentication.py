"""Authentication in a running server: the start, the open pages, tricks with paths, headers and bodies."""

import socket
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from model_registry_proxy.security.tokens import new_token
from tests.support.patience import PATIENCE_SECONDS
from tests.support.processes import API, PROXY, Proxy, environment, free_port, proxy
from tests.support.watching import await_true


@dataclass(frozen=True)
class Closed:
    """A server that accepts one token, and the headers of a gateway at an address that no machine has here."""

    proxy: Proxy
    token: str


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Closed]:
    folder = tmp_path_factory.mktemp("closed")
    token, line = new_token("tom", ("tools",))
    (folder / "tokens").write_text(line)
    flags = ["--auth", "tokens,gateway", "--auth-tokens", str(folder / "tokens"), "--gateway-peers", "192.0.2.1"]
    flags += ["--cors-origins", "https://ui.example"]
    with proxy(folder, *flags) as served:
        yield Closed(served, token)


def raw(served: Proxy, request: bytes) -> bytes:
    """Sends raw bytes and returns all answers. The last request asks the server to close the connection."""
    url = httpx.URL(served.url)
    with socket.create_connection((url.host, url.port), timeout=PATIENCE_SECONDS) as connection:
        connection.sendall(request)
        answer = b""
        with suppress(ConnectionResetError):
            while chunk := connection.recv(65536):
                answer += chunk
    return answer


def test_a_request_with_a_token_is_served(closed: Closed) -> None:
    mine = {"authorization": f"Bearer {closed.token}"}
    made = httpx.post(closed.proxy.api + "/registered_models", json={"name": "mine"}, headers=mine, timeout=30)
    assert made.status_code == 201
    listed = httpx.get(closed.proxy.api + "/registered_models", headers=mine, timeout=30)
    assert [item["name"] for item in listed.json()["items"]] == ["mine"]
    assert listed.headers["cache-control"] == "private, no-cache"


def test_a_client_sees_which_user_it_is(closed: Closed) -> None:
    found = httpx.get(
        closed.proxy.url + "/api/model_registry/ext/v1/whoami",
        headers={"authorization": f"Bearer {closed.token}"},
        timeout=30,
    )
    assert found.json()["authentication"] == "tokens"
    assert found.json()["mayWrite"] is True
    assert found.headers["cache-control"] == "private, no-cache"


@pytest.mark.parametrize(
    "path",
    [
        "/livez",
        "/readyz/health",
        "/readyz/isDirty",
        "/docs",
        "/docs/extensions",
        "/openapi.json",
        "/openapi.yaml",
        "/openapi/extensions.json",
        "/.well-known/model-registry",
    ],
)
def test_health_and_the_documents_stay_open(closed: Closed, path: str) -> None:
    assert httpx.get(closed.proxy.url + path, timeout=30).status_code == 200


def test_a_preflight_needs_no_token(closed: Closed) -> None:
    asking = {"origin": "https://ui.example", "access-control-request-method": "PATCH"}
    answer = httpx.options(closed.proxy.api + "/registered_models/1", headers=asking, timeout=30)
    assert answer.status_code == 200
    assert httpx.get(closed.proxy.api + "/registered_models", headers=asking, timeout=30).status_code == 401


MODELS = f"{API}/registered_models"


@pytest.mark.parametrize(
    "path",
    [
        MODELS,
        MODELS + "/",
        MODELS + "/1",
        MODELS.replace("v1alpha3", "v1"),
        "/" + MODELS,
        "//127.0.0.1" + MODELS,
        MODELS.replace("/registered", "//registered"),
        MODELS.replace("/registered", "%2Fregistered"),
        MODELS.replace("/api/", "/%61pi/"),
        MODELS.replace("/api/", "/API/"),
        "/docs/.." + MODELS,
        "/docs/%2e%2e" + MODELS,
        "/api/model_registry/ext/v1/whoami",
        "/livez;" + MODELS,
        MODELS + "/readyz/..",
        MODELS + "%00",
        MODELS + "?x=/livez",
        MODELS + "#/readyz/health",
        "http://127.0.0.1" + MODELS,
        "/api/../api/model_registry/v1alpha3/registered_models",
    ],
)
def test_no_spelling_of_a_path_avoids_authentication(closed: Closed, path: str) -> None:
    answer = raw(closed.proxy, f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    assert answer.split(b" ", 2)[1] in {b"400", b"401", b"404"}
    assert b"mine" not in answer
    assert b'"items"' not in answer


@pytest.mark.parametrize(
    "lines",
    [
        ["kubeflow-userid: root"],
        ["Kubeflow-UserID: root", "X-Forwarded-For: 192.0.2.1"],
        ["KUBEFLOW-USERID: root", "Forwarded: for=192.0.2.1", "X-Real-IP: 192.0.2.1"],
        ["kubeflow-userid : root"],
        ["X: y\r\n kubeflow-userid: root"],
        ["Authorization: Bearer "],
        ["Authorization: Bearer TOKEN", "Authorization: Bearer x"],
        ["Authorization: Bearer x", "authorization: Bearer TOKEN"],
        ["Authorization: Bearer TOKEN, Bearer x"],
        ["Authorization: Basic TOKEN"],
        ["Authorization: TOKEN"],
        ["Proxy-Authorization: Bearer TOKEN"],
        ["Cookie: Authorization=Bearer TOKEN"],
    ],
)
def test_no_spelling_of_a_header_avoids_authentication(closed: Closed, lines: list[str]) -> None:
    sent = [line.replace("TOKEN", closed.token) for line in lines]
    head = "\r\n".join([f"GET {MODELS} HTTP/1.1", "Host: localhost", *sent, "Connection: close", "", ""])
    answer = raw(closed.proxy, head.encode())
    assert answer.split(b" ", 2)[1] in {b"400", b"401"}


def test_a_token_in_the_query_does_not_count(closed: Closed) -> None:
    answer = httpx.get(f"{closed.proxy.api}/registered_models?access_token={closed.token}", timeout=30)
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "framing",
    [
        "Content-Length: 0\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 0",
        "Content-Length: 0\r\nContent-Length: 200",
        "Transfer-Encoding: xchunked\r\nContent-Length: 0",
        "Transfer-Encoding : chunked\r\nContent-Length: 0",
    ],
)
def test_a_request_cannot_hide_in_the_body_of_another(closed: Closed, framing: str) -> None:
    """A gateway and this server must agree where a body ends; bytes behind it are no request."""
    hidden = (
        f"GET {MODELS} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {closed.token}\r\nConnection: close\r\n\r\n"
    )
    answer = raw(
        closed.proxy, f"POST {MODELS} HTTP/1.1\r\nHost: localhost\r\n{framing}\r\n\r\n0\r\n\r\n{hidden}".encode()
    )
    assert b'"items"' not in answer


def test_a_request_without_a_token_is_refused_before_its_body_is_read(closed: Closed) -> None:
    url = closed.proxy.api + "/registered_models"
    with httpx.Client(timeout=30) as client:
        for _ in range(3):
            assert client.post(url, content=b"x" * 20_000_000).status_code == 401
        assert client.get(url, headers={"authorization": f"Bearer {closed.token}"}).status_code == 200


def start(folder: Path, *flags: str) -> "subprocess.CompletedProcess[str]":
    """A proxy that is expected to end at once."""
    command = [*PROXY, "-p", str(free_port()), "--database", str(folder / "x.db"), *flags]
    return subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=60, env=environment(), cwd=folder
    )


@pytest.mark.parametrize("hostname", ["0.0.0.0", "::"])  # noqa: S104
def test_a_server_that_other_machines_can_reach_needs_a_setting_for_authentication(
    tmp_path: Path, hostname: str
) -> None:
    ended = start(tmp_path, "-n", hostname)
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"model-registry: --hostname {hostname} can be reached from other machines: ")
    assert ended.stderr.count("\n") == 1
    assert not (tmp_path / "x.db").exists()


def test_the_setting_none_allows_requests_of_other_machines(tmp_path: Path) -> None:
    with proxy(tmp_path, "-n", "0.0.0.0", "--auth", "none") as served:  # noqa: S104 (the case of the test)
        assert httpx.get(served.api + "/registered_models", timeout=30).status_code == 200
        await_true(lambda: "Authentication none: everyone who reaches" in served.log.read_text(), "the announcement")


@pytest.mark.parametrize(
    "flags", [["--auth", "tokens"], ["--auth", "tokens", "--auth-tokens", "/nowhere"], ["--auth", "x"]]
)
def test_settings_that_contradict_each_other_end_the_start_with_one_line(tmp_path: Path, flags: list[str]) -> None:
    ended = start(tmp_path, "-n", "127.0.0.1", *flags)
    assert ended.returncode == 1
    assert ended.stderr.startswith("model-registry: --auth")
    assert ended.stderr.count("\n") == 1


@pytest.mark.parametrize("shown_below", ["", "/registry"])
def test_a_server_that_a_gateway_shows_below_a_path_is_served_and_guarded(tmp_path: Path, shown_below: str) -> None:
    token, line = new_token("tom", ())
    (tmp_path / "tokens").write_text(line)
    flags = ["--auth", "tokens", "--auth-tokens", str(tmp_path / "tokens"), "--root-path", "/registry"]
    with proxy(tmp_path, *flags) as served:
        url = served.url + shown_below
        assert httpx.get(url + MODELS, timeout=30).status_code == 401
        assert httpx.get(url + MODELS, headers={"authorization": f"Bearer {token}"}, timeout=30).status_code == 200
        assert httpx.get(url + "/livez", timeout=30).status_code == 200
        assert httpx.get(url + "/docs", timeout=30).status_code == 200
        servers = httpx.get(url + "/openapi.json", timeout=30).json()["servers"]
        assert [server["url"] for server in servers] == [
            f"/registry/api/model_registry/{v}" for v in ("v1alpha3", "v1")
        ]
        assert "url: /api" not in httpx.get(url + "/openapi.yaml", timeout=30).text
