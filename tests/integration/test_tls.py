"""TLS as an operator sets it up: HTTPS for clients, and TLS both ways to Google's MLMD server."""

import json
import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest

from tests.support import processes
from tests.support.certificates import Authority, Pair
from tests.support.processes import Proxy, free_port, mlmd_server, proxy, running, sqlite_connection
from tests.support.tiers import slow
from tests.support.watching import await_true

needs_google = pytest.mark.skipif(
    processes.why_no_google_server() is not None, reason=str(processes.why_no_google_server())
)


def trusting(authority: Authority) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=authority.ca)


def https(pair: Pair) -> list[str]:
    return ["--tls-cert", str(pair.cert), "--tls-key", str(pair.key)]


def certificate_at(url: str, authority: Authority) -> bytes:
    """The certificate that a new connection gets."""
    port = httpx.URL(url).port
    with (
        socket.create_connection(("127.0.0.1", port), timeout=10) as plain,
        trusting(authority).wrap_socket(plain, server_hostname="127.0.0.1") as wrapped,
    ):
        return wrapped.getpeercert(binary_form=True) or b""


@pytest.mark.parametrize("workers", ["1", *slow("2")])
def test_clients_connect_by_https_and_get_a_renewed_certificate(tmp_path: Path, workers: str) -> None:
    authority = Authority(tmp_path)
    pair = authority.issue("127.0.0.1")
    with proxy(tmp_path, *https(pair), "--workers", workers, ca=authority.ca) as served:
        client = httpx.Client(base_url=served.api, verify=trusting(authority), timeout=30)
        long = {"name": "over TLS", "description": "x" * 300_000}
        with client:
            made = client.post("/registered_models", json=long)
            assert made.status_code == 201
            assert client.get(f"/registered_models/{made.json()['id']}").json() == made.json()
        before = certificate_at(served.url, authority)
        authority.issue("127.0.0.1")
        await_true(lambda: certificate_at(served.url, authority) != before, "the new certificate")
        with pytest.raises(httpx.RemoteProtocolError):  # in the clear
            httpx.get(served.url.replace("https", "http") + "/livez", timeout=10)
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            httpx.get(served.url + "/livez", timeout=10)


def pem(name: str, path: Path) -> str:
    """A field of Google's configuration that holds the text of a PEM file."""
    return f"{name}: {json.dumps(path.read_text())}"


@contextmanager
def mlmd_with_tls(folder: Path, authority: Authority, *names: str, verify: bool) -> Iterator[int]:
    """Google's server with a certificate for `names`; it may ask its clients for one of the same authority."""
    pair = authority.issue(*names, name="mlmd")
    tls = " ".join([pem("server_key", pair.key), pem("server_cert", pair.cert), pem("custom_ca", authority.ca)])
    tls += f" client_verify: {'true' if verify else 'false'}"
    with mlmd_server(folder, sqlite_connection(folder / "mlmd.db"), tls=tls) as (_, port):
        yield port


@contextmanager
def before(mlmd_port: int, folder: Path, *flags: str) -> Iterator[Proxy]:
    with proxy(folder, *flags, mlmd_port=mlmd_port) as served:
        yield served


def works(served: Proxy) -> None:
    made = httpx.post(served.api + "/registered_models", json={"name": "kept behind TLS"}, timeout=30)
    assert made.status_code == 201
    listed = httpx.get(served.api + "/registered_models", timeout=30).json()
    assert [item["name"] for item in listed["items"]] == ["kept behind TLS"]


@pytest.mark.parametrize("workers", ["1", *slow("2")])
def test_a_handshake_takes_no_longer_than_a_head_may(tmp_path: Path, workers: str) -> None:
    authority = Authority(tmp_path)
    flags = [*https(authority.issue("127.0.0.1")), "--header-timeout", "1", "--workers", workers]
    with (
        proxy(tmp_path, *flags, ca=authority.ca) as served,
        socket.create_connection(("127.0.0.1", httpx.URL(served.url).port or 0), timeout=20) as silent,
    ):
        assert silent.recv(1) == b""


@needs_google
def test_calls_to_googles_server_go_over_tls(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    with (
        mlmd_with_tls(tmp_path, authority, "127.0.0.1", verify=False) as port,
        before(port, tmp_path, "--mlmd-tls-ca", str(authority.ca)) as served,
    ):
        works(served)


@needs_google
def test_googles_server_may_ask_for_our_certificate_and_have_another_name(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    ours = authority.issue("proxy.example", name="proxy")
    mutual = ["--mlmd-tls-ca", str(authority.ca), "--mlmd-tls-cert", str(ours.cert), "--mlmd-tls-key", str(ours.key)]
    with (
        mlmd_with_tls(tmp_path, authority, "mlmd.example", verify=True) as port,
        before(port, tmp_path, *mutual, "--mlmd-tls-server-name", "mlmd.example") as served,
    ):
        works(served)


@needs_google
def test_certificates_that_do_not_fit_are_reported_in_the_log(tmp_path: Path) -> None:
    """Another authority, another name, no certificate where one is asked for, and TLS where there is none."""
    authority, stranger = Authority(tmp_path), Authority(tmp_path, "stranger")
    with (
        mlmd_with_tls(tmp_path, authority, "127.0.0.1", verify=True) as mutual,
        mlmd_server(tmp_path, sqlite_connection(tmp_path / "plain.db")) as (_, plain),
    ):
        cases = {
            "CERTIFICATE_VERIFY_FAILED": (mutual, ["--mlmd-tls-ca", str(stranger.ca)]),
            "Hostname Verification Check failed": (
                mutual,
                ["--mlmd-tls-ca", str(authority.ca), "--mlmd-tls-server-name", "other.example"],
            ),
            "CERTIFICATE_REQUIRED|Socket closed|recvmsg": (mutual, ["--mlmd-tls-ca", str(authority.ca)]),
            "WRONG_VERSION_NUMBER|Ssl handshake failed": (plain, ["--mlmd-tls-ca", str(authority.ca)]),
            "Socket closed|recvmsg|Connection reset": (mutual, []),
        }
        with ExitStack() as stack:
            logs = {}
            for number, (words, (port, flags)) in enumerate(cases.items()):
                folder = tmp_path / str(number)
                folder.mkdir()
                command = [*processes.PROXY, "-n", "127.0.0.1", "-p", str(free_port()), *flags]
                command += ["--mlmd-hostname", "127.0.0.1", "--mlmd-port", str(port)]
                stack.enter_context(running(command, folder / "log", processes.environment()))
                logs[words] = folder / "log"
            for words, log in logs.items():
                await_true(
                    lambda log=log, words=words: any(word in log.read_text() for word in words.split("|")), words
                )  # type: ignore[misc]
