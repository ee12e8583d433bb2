"""What a MySQL database needs before it can be prepared."""

import sys

import pytest

from model_registry_proxy.engine import mysql_database
from model_registry_proxy.engine.database_address import connection_config
from model_registry_proxy.engine.supervisor import EngineError


def test_without_the_package_for_mysql_one_line_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pymysql", None)
    mysql = connection_config("mysql://u:p@127.0.0.1:1/registry").mysql
    for prepare in (mysql_database.create, mysql_database.check_exists):
        with pytest.raises(EngineError, match="`embedded` extra") as refused:
            prepare(mysql)
        assert "\n" not in str(refused.value)
