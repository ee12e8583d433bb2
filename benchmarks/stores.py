"""The stores that are measured, and their databases. Each round begins with a new copy of one seeded database.

So the writes of a round do not slow down filters in the next round, and each round begins with the same rows.
"""

import shutil
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tests.support import processes


class Store(StrEnum):
    """An MLMD and the database below it."""

    SQLITE = "sqlite"
    MYSQL = "mysql"
    MYSQL_PER_RPC = "mysql-per-rpc"
    GOOGLE_MYSQL = "google-mysql"
    GOOGLE_SQLITE = "google-sqlite"
    SQLITE_SERVER = "sqlite-server"
    SQLITE_UNFILTERED = "sqlite-unfiltered"


WORDS = {
    Store.SQLITE: "embedded engine, SQLite",
    Store.MYSQL: "embedded engine, MySQL, one connection kept",
    Store.MYSQL_PER_RPC: "embedded engine, MySQL, a connection per RPC",
    Store.GOOGLE_MYSQL: "Google's server on MySQL",
    Store.GOOGLE_SQLITE: "Google's server on SQLite",
    Store.SQLITE_SERVER: "embedded engine as a server of its own, SQLite",
    Store.SQLITE_UNFILTERED: "the same, without filters",
}
USUAL = (Store.SQLITE, Store.MYSQL, Store.MYSQL_PER_RPC, Store.GOOGLE_MYSQL)


def is_google(store: Store) -> bool:
    """Whether a store needs Google's MLMD server."""
    return store.startswith("google")


def is_mysql(store: Store) -> bool:
    """Whether a store needs MariaDB or MySQL."""
    return "mysql" in store


def why_not(store: Store) -> str | None:
    """The reason why a store cannot run on this machine; `None` if it can."""
    if is_google(store) and (reason := processes.why_no_google_server()):
        return reason
    if is_mysql(store) and not processes.has_mysql():
        return "no MariaDB or MySQL server is installed"
    return None


@dataclass(frozen=True, slots=True)
class Database:
    """A database: its name for the embedded engine and for Google's server."""

    address: str
    connection: str


class Databases(ABC):
    """Makes databases of one kind."""

    pids: tuple[int, ...] = ()
    """The processes of the database server, if there is one."""

    @abstractmethod
    def empty(self) -> Database:
        """Creates a database without tables."""

    @abstractmethod
    def copy(self, seeded: Database) -> Database:
        """Creates a copy of a database, which no process may have open."""

    @abstractmethod
    def drop(self, database: Database) -> None:
        """Deletes a database."""


class SqliteFiles(Databases):
    """SQLite files in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._made = folder, 0

    def empty(self) -> Database:
        """A path in the folder where no file exists yet; SQLite creates the file."""
        self._made += 1
        file = self._folder / f"registry-{self._made}.db"
        return Database(str(file), processes.sqlite_connection(file))

    def copy(self, seeded: Database) -> Database:
        """Copies the file."""
        made = self.empty()
        shutil.copyfile(seeded.address, made.address)
        return made

    def drop(self, database: Database) -> None:
        """Deletes the file."""
        Path(database.address).unlink()


class MysqlDatabases(Databases):
    """Databases of a running MySQL-compatible server."""

    def __init__(self, server: processes.Database, pid: int) -> None:
        self._server, self.pids = server, (pid,)

    def empty(self) -> Database:
        """Creates a database without tables."""
        name = self._server.create()
        return Database(self._server.url(name), self._server.connection(name))

    def copy(self, seeded: Database) -> Database:
        """Creates a database with the same tables and rows."""
        made = self.empty()
        old, new = _name(seeded), _name(made)
        tables = self._server.run(f"SHOW TABLES FROM `{old}`").split()
        for table in tables:
            self._server.run(f"CREATE TABLE `{new}`.`{table}` LIKE `{old}`.`{table}`")
            self._server.run(f"INSERT INTO `{new}`.`{table}` SELECT * FROM `{old}`.`{table}`")  # noqa: S608 (our own names)
        return made

    def drop(self, database: Database) -> None:
        """Drops the database."""
        self._server.run(f"DROP DATABASE `{_name(database)}`")


def _name(database: Database) -> str:
    return database.address.rpartition("/")[2]


@contextmanager
def databases(store: Store, folder: Path) -> Iterator[Databases]:
    """The databases of a store in a folder. A MySQL server, where it is needed, runs until the end of the context."""
    if not is_mysql(store):
        yield SqliteFiles(folder)
        return
    with processes.mysql() as server:
        pid_file = Path(server.run("SELECT @@pid_file").strip())
        yield MysqlDatabases(server, int(pid_file.read_text()))
