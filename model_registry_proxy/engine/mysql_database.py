"""Prepares a MySQL database for MLMD's store: it must exist, its schema must be whole, and its collation must distinguish names.

MLMD's store checks none of this. It creates a missing database in the server's default character set, and never gets past a
schema whose creation was cut off. `database.py` calls this before and after it opens the store.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import time
from typing import TYPE_CHECKING, Any

from model_registry_proxy.engine.supervisor import EngineError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pymysql

    from converters._generated.metadata_store_pb2 import MySQLDatabaseConfig

    Connection = pymysql.connections.Connection[Any]

CHARACTER_SET = "CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"
TABLES = (
    "Type", "TypeProperty", "ParentType", "Artifact", "ArtifactProperty", "Execution", "ExecutionProperty", "Event",
    "EventPath", "MLMDEnv", "Context", "ContextProperty", "ParentContext", "Association", "Attribution",
)  # fmt: skip
"""MLMD's tables. It writes the row of MLMDEnv last, so a schema is whole when that row is there."""
SCHEMA = ("1.17 or 1.21", 10)
"""The releases of ml-metadata that the engine runs on, and the version of their schema."""
CONNECT_SECONDS = 10
LOOK_SECONDS = 0.5
"""Between two looks at a schema that is not whole."""
MESSAGE_SECONDS = 3.0
"""Between two messages about a wait."""
WAIT_SECONDS = 60.0
"""The longest wait for other connections that create the schema or use it."""
_QUIET_LOOKS = 3
"""So many looks in a row must find no other connection to the database before its empty tables are dropped."""
_NAME = re.compile(r"[\w$]+")
"""MLMD writes the name into its statements without quotes."""
_UNKNOWN_DATABASE = 1049
_DENIED = {1044, 1142, 1227}


def create(mysql: MySQLDatabaseConfig) -> None:
    """Creates an empty database that distinguishes all names; an existing one stays as it is. Raises EngineError."""
    statement = f"CREATE DATABASE IF NOT EXISTS {_quoted(mysql.database)} {CHARACTER_SET}"
    with _connection(mysql) as connection:
        _run(connection, mysql, "SET SESSION sql_notes = 0")
        _run(connection, mysql, statement)


def check_exists(mysql: MySQLDatabaseConfig) -> None:
    """Raises EngineError where the database does not exist; MLMD would create it in the server's character set."""
    with _connection(mysql, mysql.database):
        pass


@contextlib.contextmanager
def prepared(mysql: MySQLDatabaseConfig, report: Callable[[str], None]) -> Iterator[None]:
    """Waits until the database is whole or empty. While the body runs, no other engine creates a schema there.

    Empty tables of a creation that was cut off are dropped. `report` gets one line every few seconds while this waits.
    Raises EngineError for a database that is missing, and for a broken schema that holds rows or is in use.
    """
    with _connection(mysql, mysql.database) as connection:
        if _is_whole(connection, mysql):
            yield
            return
        _lock(connection, mysql, report)
        _mend(connection, mysql, report)
        yield


def collation_warning(mysql: MySQLDatabaseConfig) -> str | None:
    """Returns a warning about a database that takes different names for the same, with the statements that change it; else None."""
    with _connection(mysql, mysql.database) as connection:
        default = _rows(
            connection,
            mysql,
            "SELECT DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = %s",
            mysql.database,
        )
        columns = _rows(
            connection,
            mysql,
            "SELECT TABLE_NAME, COLLATION_NAME FROM information_schema.COLUMNS "
            "WHERE TABLE_SCHEMA = %s AND COLLATION_NAME IS NOT NULL ORDER BY TABLE_NAME",
            mysql.database,
        )
    others = [str(name) for (name,) in default if not _distinguishes_names(name)]
    statements = [f"ALTER DATABASE {_quoted(mysql.database)} {CHARACTER_SET};"] if others else []
    wide = {table: name for table, name in columns if table in TABLES and not _distinguishes_names(name)}
    statements += [
        f"ALTER TABLE {_quoted(mysql.database)}.{_quoted(table)} CONVERT TO {CHARACTER_SET};" for table in wide
    ]
    if not statements:
        return None
    collations = ", ".join(sorted({*others, *wide.values()}))
    return (
        f"The database {mysql.database} has the collation {collations}, which takes different names for the same: v1 and V1, "
        f"\u00e9 and \u0129, and many signs of other scripts. To change it, make a backup and run: {' '.join(statements)}"
    )


def _distinguishes_names(collation: str) -> bool:
    return collation == "binary" or collation.endswith("_bin")


def _lock(connection: Connection, mysql: MySQLDatabaseConfig, report: Callable[[str], None]) -> None:
    """Takes the lock that ends with the connection, however the process ends."""
    name = "mlmd-schema-" + hashlib.sha256(mysql.database.encode()).hexdigest()[:40]
    end = time.monotonic() + WAIT_SECONDS
    seconds = 0
    while True:
        ((got,),) = _rows(connection, mysql, "SELECT GET_LOCK(%s, %s)", name, seconds)
        if got:
            return
        seconds = int(MESSAGE_SECONDS)
        if time.monotonic() > end:
            raise EngineError(
                f"Another engine has been creating the schema of the database {mysql.database} for {WAIT_SECONDS:.0f} s. "
                "See its messages, end it if it hangs, and start again."
            )
        report(f"Waiting for another engine, which is creating the schema of the database {mysql.database}.")


def _mend(connection: Connection, mysql: MySQLDatabaseConfig, report: Callable[[str], None]) -> None:
    """Waits until the schema is whole, or drops its empty tables."""
    now = time.monotonic()
    end, next_message, quiet = now + WAIT_SECONDS, now, 0
    while tables := _tables(connection, mysql):
        if _is_whole(connection, mysql):
            return
        others = _others(connection, mysql)
        quiet = 0 if others else quiet + 1
        if quiet >= _QUIET_LOOKS:
            _drop(connection, mysql, tables, report)
            return
        if time.monotonic() >= next_message:
            next_message = time.monotonic() + MESSAGE_SECONDS
            use = (
                f"connections {', '.join(map(str, others))} use it"
                if others
                else "looking whether any connection uses it"
            )
            report(f"The schema of the database {mysql.database} is incomplete; {use}. Waiting.")
        if time.monotonic() > end:
            raise EngineError(
                f"The schema of the database {mysql.database} is still incomplete after {WAIT_SECONDS:.0f} s, and others are "
                f"connected to it. End them (KILL {others[0] if others else '...'};) and start again: empty tables are then "
                "created again."
            )
        time.sleep(LOOK_SECONDS)


def _drop(connection: Connection, mysql: MySQLDatabaseConfig, tables: list[str], report: Callable[[str], None]) -> None:
    full = [table for table in tables if _has_rows(connection, mysql, table)]
    if _is_whole(connection, mysql):
        return
    if full and len(tables) == len(TABLES):
        raise EngineError(
            f"The schema of the database {mysql.database} has all tables but no version, and {', '.join(full)} hold rows, so "  # noqa: S608
            f"nothing was changed. Restore a backup; or, if ml-metadata {SCHEMA[0]} wrote it, run INSERT INTO "
            f"{_table(mysql, 'MLMDEnv')} (schema_version) VALUES ({SCHEMA[1]});"
        )
    if full:
        raise EngineError(
            f"The schema of the database {mysql.database} is incomplete, but {', '.join(full)} hold rows, so nothing was "
            f"changed. Restore a backup; or, if the rows are of no use, run DROP DATABASE {_quoted(mysql.database)}; and then "
            "model-registry init --create-database."
        )
    report(
        f"The schema of the database {mysql.database} is incomplete and empty: its creation was cut off. Creating it again."
    )
    _run(connection, mysql, "SET SESSION lock_wait_timeout = 10")
    _run(connection, mysql, f"DROP TABLE IF EXISTS {', '.join(_table(mysql, table) for table in tables)}")


def _tables(connection: Connection, mysql: MySQLDatabaseConfig) -> list[str]:
    found = _rows(
        connection,
        mysql,
        "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = %s",
        mysql.database,
    )
    names = {name.lower() for (name,) in found}  # servers with lower_case_table_names keep them so
    return [table for table in TABLES if table.lower() in names]


def _is_whole(connection: Connection, mysql: MySQLDatabaseConfig) -> bool:
    return "MLMDEnv" in _tables(connection, mysql) and _has_rows(connection, mysql, "MLMDEnv")


def _has_rows(connection: Connection, mysql: MySQLDatabaseConfig, table: str) -> bool:
    return bool(_rows(connection, mysql, f"SELECT 1 FROM {_table(mysql, table)} LIMIT 1"))  # noqa: S608 (quoted)


def _others(connection: Connection, mysql: MySQLDatabaseConfig) -> list[int]:
    """The connections to the database as far as this user may see them; ours are to none (see `_connection`)."""
    found = _rows(connection, mysql, "SHOW PROCESSLIST")
    return [int(row[0]) for row in found if row[3] == mysql.database]


@contextlib.contextmanager
def _connection(mysql: MySQLDatabaseConfig, database: str | None = None) -> Iterator[Connection]:
    """A connection that has seen that `database` exists, and does not count as one of its users."""
    try:
        import pymysql  # noqa: PLC0415 - only the engine needs it
    except ImportError:
        raise EngineError(
            "A MySQL database is prepared with the package PyMySQL, which comes with the `embedded` extra. Install that, use the "
            "image `embedded`, or point to a running MLMD server with --mlmd-hostname and --mlmd-port."
        ) from None
    if not _NAME.fullmatch(mysql.database):
        raise EngineError(
            f'MLMD cannot use a database named "{mysql.database}": choose a name of letters, digits, underscores and "$".'
        )
    where: dict[str, Any] = {"unix_socket": mysql.socket} if mysql.socket else {"host": mysql.host, "port": mysql.port}
    try:
        connection = pymysql.connect(
            user=mysql.user,
            password=mysql.password,
            database=database,
            autocommit=True,
            connect_timeout=CONNECT_SECONDS,
            **where,
        )
        connection.select_db("information_schema")
    except (pymysql.MySQLError, RuntimeError) as error:  # RuntimeError: a way to log in that needs another package
        raise _refusal(mysql, error) from None
    try:
        yield connection
    finally:
        with contextlib.suppress(pymysql.MySQLError):
            connection.close()


def _rows(connection: Connection, mysql: MySQLDatabaseConfig, statement: str, *values: object) -> list[Any]:
    import pymysql  # noqa: PLC0415

    try:
        with connection.cursor() as cursor:
            cursor.execute(statement, values or None)
            return list(cursor.fetchall())
    except pymysql.MySQLError as error:
        raise _refusal(mysql, error) from None


def _run(connection: Connection, mysql: MySQLDatabaseConfig, statement: str) -> None:
    _rows(connection, mysql, statement)


def _refusal(mysql: MySQLDatabaseConfig, error: Exception) -> EngineError:
    """Returns one line with MySQL's text and advice."""
    number, text = error.args if len(error.args) == 2 else (0, str(error))  # noqa: PLR2004
    where = mysql.socket or f"{mysql.host}:{mysql.port}"
    said = " ".join(str(text).split())[:300]
    if number == _UNKNOWN_DATABASE:
        return EngineError(
            f'There is no database "{mysql.database}" at {where}. Correct the name, or create it with '
            "`model-registry init --create-database --database mysql://...` or with "
            f"CREATE DATABASE {_quoted(mysql.database)} {CHARACTER_SET};"
        )
    if number in _DENIED:
        return EngineError(denied(mysql, said))
    return EngineError(
        f'MySQL refuses user "{mysql.user}" on the database {mysql.database} at {where}: {said}. Check the user, the password '
        "and its rights; the account must use mysql_native_password."
    )


def denied(mysql: MySQLDatabaseConfig, said: str) -> str:
    """Returns one line for a user without the needed rights. MLMD needs them all, CREATE even on a database that exists."""
    name, where = _quoted(mysql.database), mysql.socket or f"{mysql.host}:{mysql.port}"
    return (
        f'MySQL at {where} does not let user "{mysql.user}" do this: {said}. Let an administrator run: CREATE DATABASE IF NOT '
        f"EXISTS {name} {CHARACTER_SET}; GRANT ALL ON {name}.* TO '{mysql.user}'@'%';"
    )


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _table(mysql: MySQLDatabaseConfig, table: str) -> str:
    """For statements without values, so a percent sign stands for itself."""
    return f"{_quoted(mysql.database)}.{_quoted(table)}"
