"""Database addresses of the embedded engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from converters._generated import metadata_store_pb2
from model_registry_proxy.engine.database_address import connection_config
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
