"""Database addresses of the embedded engine, and the lock on its file."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from converters._generated import metadata_store_pb2
from model_registry_proxy.engine import database
from model_registry_proxy.engine.database import connection_config, lock
from model_registry_proxy.engine.supervisor import EngineError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("mysql://u:p@db.example:3307/reg", {"host": "db.example", "port": 3307, "user": "u", "password": "p"}),
        ("mysql://u:p@db.example/reg", {"host": "db.example", "port": 3306}),
        ("mysql://u%40x:p%40%2F%3A%25@h/reg", {"user": "u@x", "password": "p@/:%"}),
        ("mysql://u@h/reg", {"user": "u", "password": ""}),
        ("mysql://u:a+b@h/reg", {"password": "a+b"}),
        ("mysql://u:p@localhost:3306/reg", {"host": "127.0.0.1", "socket": ""}),
        ("mysql://u:p@[::1]:3306/reg", {"host": "::1", "port": 3306}),
        ("mysql://u:p@localhost/reg?socket=/run/my%20sql.sock", {"host": "", "socket": "/run/my sql.sock"}),
        ("mysql://u:p@/reg?socket=/run/mysqld.sock", {"socket": "/run/mysqld.sock"}),
        ("mysql://u:p@h/my%20reg", {"database": "my reg"}),
    ],
)
def test_mysql_address_is_read(address: str, expected: dict[str, object]) -> None:
    mysql = connection_config(address).mysql
    assert {name: getattr(mysql, name) for name in expected} == expected


@pytest.mark.parametrize(
    "address",
    [
        "mysql://u:SECRET@h",
        "mysql://u:SECRET@h/",
        "mysql://u:SECRET@h/a/b",
        "mysql://u:SECRET@h:port/reg",
        "mysql://u:SECRET@h:99999/reg",
        "mysql://u:SECRET/x@h/reg",
        "mysql://u:SECRET#x@h/reg",
        "mysql://u:SECRET@h/reg?ssl=1",
        "mysql://u:SECRET@[h/reg",
        "postgres://u:SECRET@h/reg",
    ],
)
def test_unreadable_address_is_one_line_without_the_password(address: str) -> None:
    with pytest.raises(EngineError) as caught:
        connection_config(address)
    assert "\n" not in str(caught.value)
    assert "SECRET" not in str(caught.value)
    assert "mysql://" in str(caught.value) or "MySQL address" in str(caught.value)


def test_path_is_made_absolute_and_opened_for_writing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    sqlite = connection_config("registry.db").sqlite
    assert sqlite.filename_uri == str(tmp_path.resolve() / "registry.db")
    assert sqlite.connection_mode == metadata_store_pb2.SqliteMetadataSourceConfig.READWRITE_OPENCREATE


def test_empty_path_is_refused() -> None:
    with pytest.raises(EngineError, match="no name"):
        connection_config("")


def test_lock_refuses_a_second_holder_and_names_the_first(tmp_path: Path) -> None:
    file = tmp_path / "new folder" / "registry.db"
    with lock(file):
        with (
            pytest.raises(EngineError, match=rf"in use by another engine \(process {os.getpid()}\)") as caught,
            lock(file),
        ):
            pass
        assert str(file) in str(caught.value)
        assert "MR_DATABASE" in str(caught.value)
    with lock(file):
        pass
    assert (tmp_path / "new folder" / "registry.db.lock").exists()


def test_lock_in_a_place_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(EngineError, match="cannot be used") as caught, lock(tmp_path / "file" / "registry.db"):
        pass
    assert "\n" not in str(caught.value)


class Binding:
    """Stands in for the C++ store: each opening is a number, and the first one breaks as MySQL's connection does."""

    def __init__(self, *says: bytes) -> None:
        self.says, self.opened, self.is_away = list(says), 0, False

    def CreateMetadataStore(self, *_: bytes) -> int:  # noqa: N802 (as it is named there)
        if self.is_away:
            raise RuntimeError("mysql_real_connect failed")
        self.opened += 1
        return self.opened

    def GetContexts(self, store: int, _: bytes) -> tuple[bytes, bytes, int]:  # noqa: N802
        if store == 1 and self.says:
            return b"", self.says.pop(0), 13
        return b"answer of %d" % store, b"", 0


@pytest.mark.parametrize(
    "text",
    [b"mysql_query failed: errno: 2013, error: Lost connection to server during query", b"Transaction already open."],
)
def test_a_store_that_lost_its_database_is_opened_again(text: bytes) -> None:
    binding = Binding(text)
    call = database.Store(binding, database.connection_config("x.db")).method("GetContexts")
    assert call(b"") == (b"", text, database.UNAVAILABLE)
    assert call(b"") == (b"answer of 2", b"", 0)


def test_a_store_whose_database_stays_away_says_so_and_tries_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "REOPEN_SECONDS", 0.0)
    binding = Binding(b"Transaction already open.")
    call = database.Store(binding, database.connection_config("x.db")).method("GetContexts")
    call(b"")
    binding.is_away = True
    assert call(b"")[2] == database.UNAVAILABLE
    binding.is_away = False
    assert call(b"") == (b"answer of 2", b"", 0)


def test_calls_that_come_all_the_time_do_not_put_off_the_next_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(database.time, "monotonic", lambda: now[0])
    binding = Binding(b"Transaction already open.")
    call = database.Store(binding, database.connection_config("x.db")).method("GetContexts")
    call(b"")
    binding.is_away = True
    call(b"")
    binding.is_away = False
    answers = []
    for _ in range(10):
        now[0] += database.REOPEN_SECONDS / 4
        answers.append(call(b"")[2])
    assert answers == [database.UNAVAILABLE] * 3 + [0] * 7


class BusyBinding(Binding):
    """The database was empty, and another engine makes its schema."""

    def CreateMetadataStore(self, *_: bytes) -> int:  # noqa: N802
        self.opened += 1
        if self.opened < 3:
            raise RuntimeError("This may be due to concurrent connection to the empty database. Please retry.")
        return self.opened


def test_an_engine_waits_for_the_schema_that_another_one_makes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "REOPEN_SECONDS", 0.0)
    config = database.connection_config("x.db")
    assert database.Store(BusyBinding(), config).method("GetContexts")(b"") == (b"answer of 3", b"", 0)
    monkeypatch.setattr(database, "SCHEMA_SECONDS", -1.0)
    with pytest.raises(RuntimeError, match="concurrent"):
        database.Store(BusyBinding(), config)


def test_a_store_that_refuses_a_call_stays_open() -> None:
    binding = Binding(b"Out of range value")
    call = database.Store(binding, database.connection_config("x.db")).method("GetContexts")
    assert call(b"") == (b"", b"Out of range value", 13)
    assert call(b"") == (b"answer of 1", b"", 0)
