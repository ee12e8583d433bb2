"""The engine's store: it opens a lost database again, and waits for a schema in the making."""

from __future__ import annotations

import re
import sys

import pytest

from model_registry_proxy.engine import database
from model_registry_proxy.engine.database_address import connection_config
from model_registry_proxy.engine.supervisor import EngineError
from model_registry_proxy.engine.wheels import Platform


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
    call = database.Store(binding, connection_config("x.db")).method("GetContexts")
    assert call(b"") == (b"", text, database.UNAVAILABLE)
    assert call(b"") == (b"answer of 2", b"", 0)


def test_a_store_whose_database_stays_away_says_so_and_tries_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "REOPEN_SECONDS", 0.0)
    binding = Binding(b"Transaction already open.")
    call = database.Store(binding, connection_config("x.db")).method("GetContexts")
    call(b"")
    binding.is_away = True
    assert call(b"")[2] == database.UNAVAILABLE
    binding.is_away = False
    assert call(b"") == (b"answer of 2", b"", 0)


def test_calls_that_come_all_the_time_do_not_put_off_the_next_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(database.time, "monotonic", lambda: now[0])
    binding = Binding(b"Transaction already open.")
    call = database.Store(binding, connection_config("x.db")).method("GetContexts")
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
    """The database was empty, and another engine makes its schema or its types."""

    def __init__(self, reason: str) -> None:
        super().__init__(b"")
        self._reason = reason

    def CreateMetadataStore(self, *_: bytes) -> int:  # noqa: N802
        self.opened += 1
        if self.opened < 3:
            raise RuntimeError(self._reason)
        return self.opened


@pytest.mark.parametrize(
    "reason",
    [
        "This may be due to concurrent connection to the empty database. Please retry.",
        "mysql_query SELECT `id` FROM `Type` LOCK IN SHARE MODE; errno: Deadlock found when trying to get lock",
    ],
)
def test_an_engine_waits_for_what_another_one_creates(monkeypatch: pytest.MonkeyPatch, reason: str) -> None:
    monkeypatch.setattr(database, "REOPEN_SECONDS", 0.0)
    config = connection_config("x.db")
    assert database.Store(BusyBinding(reason), config).method("GetContexts")(b"") == (b"answer of 3", b"", 0)
    monkeypatch.setattr(database, "SCHEMA_SECONDS", -1.0)
    with pytest.raises(RuntimeError, match=re.escape(reason)):
        database.Store(BusyBinding(reason), config)


def test_a_store_that_refuses_a_call_stays_open() -> None:
    binding = Binding(b"Out of range value")
    call = database.Store(binding, connection_config("x.db")).method("GetContexts")
    assert call(b"") == (b"", b"Out of range value", 13)
    assert call(b"") == (b"answer of 1", b"", 0)


@pytest.mark.parametrize(
    ("error", "found"),
    [
        (ModuleNotFoundError("No module named 'ml_metadata'"), "The ml-metadata package is not installed"),
        (ImportError("`GLIBC_2.39'\nnot found " * 50), "ml-metadata cannot be loaded (`GLIBC_2.39' not found `GLIBC"),
    ],
)
def test_an_engine_without_its_wheel_says_on_one_line_what_works_on_this_platform(
    monkeypatch: pytest.MonkeyPatch, error: ImportError, found: str
) -> None:
    class Finder:
        def find_spec(self, name: str, *_: object) -> None:
            if name.partition(".")[0] == "ml_metadata":
                raise error

    monkeypatch.setattr("sys.meta_path", [Finder(), *sys.meta_path])
    for name in [name for name in sys.modules if name.partition(".")[0] == "ml_metadata"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(database.wheels, "here", lambda: Platform("Linux", "x86_64", "3.12.1", (2, 36)))
    with pytest.raises(EngineError) as refused:
        database._import_binding()
    assert str(refused.value).startswith(found)
    assert "\n" not in str(refused.value)
    assert str(refused.value).endswith(
        "on this Linux x86_64 with Python 3.12.1 and glibc 2.36. "
        "Use Python 3.11, or point to a running MLMD server with --mlmd-hostname and --mlmd-port."
    )
