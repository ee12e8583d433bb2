"""Listening: every address of the name, one port, and a line that says what to do where that cannot be had."""

import errno
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from model_registry_proxy.configuration.settings import Settings, SettingsError
from model_registry_proxy.engine.supervisor import EmbeddedMlmd
from model_registry_proxy.serving import listening as listening_module
from model_registry_proxy.serving import server
from model_registry_proxy.serving.listening import listen


@contextmanager
def listening(hostname: str, port: int = 0) -> Iterator[list[socket.socket]]:
    """The sockets, closed in the end."""
    sockets = listen(hostname, port)
    try:
        yield sockets
    finally:
        for one in sockets:
            one.close()


def test_a_free_port_is_the_same_on_every_address() -> None:
    with listening("localhost") as sockets:
        assert len({one.getsockname()[1] for one in sockets}) == 1
        port = sockets[0].getsockname()[1]
        socket.create_connection(("127.0.0.1", port), timeout=5).close()


@pytest.mark.parametrize("hostname", ["127.0.0.1", "0.0.0.0"])  # noqa: S104 (what operators say)
def test_a_taken_port_is_reported_in_one_line(hostname: str) -> None:
    with listening("127.0.0.1") as sockets:
        port = sockets[0].getsockname()[1]
        with pytest.raises(SettingsError) as refused:
            listen(hostname, port)
    assert str(refused.value) == (
        f"Port {port} on {hostname} is taken: stop what listens there, or choose another with --port (MR_PORT)."
    )


def test_a_port_can_be_had_again_at_once() -> None:
    with listening("127.0.0.1") as sockets:
        port = sockets[0].getsockname()[1]
        client = socket.create_connection(("127.0.0.1", port), timeout=5)
        accepted, _ = sockets[0].accept()
        accepted.close()
        client.close()
    with listening("127.0.0.1", port):
        pass


def test_an_unknown_name_is_reported_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(
        SettingsError,
        match=r"^The host nowhere in --hostname \(MR_HOSTNAME\) is not known: Name or service not known\.$",
    ):
        listen("nowhere", 0)


def test_an_address_of_another_machine_is_reported_in_one_line() -> None:
    with pytest.raises(SettingsError, match=r"^Cannot listen on 192\.0\.2\.1:0: .*; see --hostname \(MR_HOSTNAME\)"):
        listen("192.0.2.1", 0)


@pytest.mark.parametrize("missing", [errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT])
@pytest.mark.parametrize("bad", [0, 1])
def test_an_address_that_the_machine_lacks_is_left_out(bad: int, missing: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: two_addresses())
    bound = listening_module._bound

    def failing(family: int, kind: int, protocol: int, address: tuple[Any, ...]) -> socket.socket:
        if address[0] == f"127.0.0.{bad + 1}":
            raise OSError(missing, "not here")
        return bound(family, kind, protocol, address)

    monkeypatch.setattr(listening_module, "_bound", failing)
    with listening("both") as sockets:
        assert [one.getsockname()[0] for one in sockets] == [f"127.0.0.{2 - bad}"]


def two_addresses() -> list[Any]:
    """What a name of two addresses resolves to."""
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (f"127.0.0.{number}", 0)) for number in (1, 2)]


def test_a_port_taken_on_one_address_is_not_taken_half() -> None:
    with listening("127.0.0.2") as sockets:
        port = sockets[0].getsockname()[1]
        with pytest.MonkeyPatch.context() as patch:
            found = [(*one[:4], (one[4][0], port)) for one in two_addresses()]
            patch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
            with pytest.raises(SettingsError, match="is taken"):
                listen("both", port)
        with listening("127.0.0.1", port):  # what had been bound was given back
            pass


def test_the_password_of_the_database_is_not_announced(capsys: pytest.CaptureFixture[str]) -> None:
    settings = Settings(database="mysql://registry:secret@db.example:3306/models")
    engine = EmbeddedMlmd(settings.database, port=9090)
    engine._first_answer.set()
    with listening("127.0.0.1") as sockets:
        server._announce(settings, sockets, engine)
    printed = capsys.readouterr().out
    assert "store mysql://db.example:3306/models" in printed
    assert "secret" not in printed
