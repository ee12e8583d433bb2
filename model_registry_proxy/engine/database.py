"""Opens the database of the embedded MLMD engine: an SQLite file or a MySQL address becomes the store's methods.

Only `engine/process.py` uses it, in its process. A fault that prevents opening becomes an EngineError of one line that says
what to do.
"""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from converters._generated import metadata_store_pb2, metadata_store_service_pb2
from model_registry_proxy.engine import mysql_database, wheels
from model_registry_proxy.engine.database_address import connection_config
from model_registry_proxy.engine.file_lock import lock
from model_registry_proxy.engine.supervisor import EngineError
from model_registry_proxy.mlmd.database_texts import database_is_gone, is_rolled_back

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

SERVICE = "ml_metadata.MetadataStoreService"
CONNECT_SECONDS = 10.0
REOPEN_SECONDS = 0.5
"""Between two attempts to open a lost database again; no call is answered during an attempt."""
SCHEMA_SECONDS = 30.0
"""The time for another engine to create the schema and the types in the empty database that both were started on."""
_REASON_LENGTH = 300
"""Of the text of a failed import: the advice after it is not cut off."""
_IN_THE_MAKING = "concurrent connection to the empty database"
UNAVAILABLE = 14
"""gRPC's number for an outage; a call in flight may have taken effect."""

StoreCall = Callable[[bytes], tuple[bytes, bytes, int]]
"""A method of the store: request bytes in; answer bytes, error text and gRPC status number out."""


def service_methods() -> list[str]:
    """List the RPC names of MLMD's service."""
    service = metadata_store_service_pb2.DESCRIPTOR.services_by_name[SERVICE.rpartition(".")[2]]
    return [method.name for method in service.methods]


def _import_binding() -> ModuleType:
    # Read when the library loads: the store logs every refused call, and the caller gets that text as an answer.
    # Level 3 keeps the message of a crash.
    os.environ.setdefault("GLOG_minloglevel", "3")
    try:
        from ml_metadata.metadata_store.pywrap import metadata_store_extension  # noqa: PLC0415 - only the engine needs it
    except ImportError as error:
        missing = isinstance(error, ModuleNotFoundError)
        reason = one_line(str(error))[:_REASON_LENGTH]
        found = "The ml-metadata package is not installed" if missing else f"ml-metadata cannot be loaded ({reason})"
        platform = wheels.here()
        raise EngineError(f"{found} on this {platform}. {wheels.way_out(platform)}") from None
    binding: ModuleType = metadata_store_extension.metadata_store
    return binding


@contextlib.contextmanager
def open_store(
    database: str, report: Callable[[str], None] = lambda _: None, *, is_upgrade: bool = False
) -> Iterator[dict[str, StoreCall]]:
    """Open the database and give the store's methods by their RPC names, request bytes in, (bytes, text, code) out.

    The schema is created in an empty database, also where that was cut off before; an older one is upgraded only with
    `is_upgrade`. `report` gets lines about waits and about a MySQL collation that takes names for the same. One call at a time.
    Raises EngineError, also where a MySQL database does not exist.
    """
    config = connection_config(database)
    binding = _import_binding()
    with contextlib.ExitStack() as stack:
        if config.HasField("sqlite"):
            stack.enter_context(lock(Path(config.sqlite.filename_uri)))
        elif not config.mysql.socket:
            _check_reachable(config.mysql.host, config.mysql.port)
        try:
            store = Store(binding, config, report, is_upgrade=is_upgrade)
        except RuntimeError as error:
            raise EngineError(_explain(config, str(error))) from None
        calls = {name: store.method(name) for name in service_methods() if hasattr(binding, name)}
        if config.HasField("mysql") and (warning := mysql_database.collation_warning(config.mysql)):
            report(warning)
        yield calls


class Store:
    """The C++ store of `binding`, which is opened again after its database was lost: it never recovers by itself.

    Its connection stays in the broken transaction, and every later call is refused. Raises RuntimeError where the database
    cannot be opened at first.
    """

    def __init__(
        self,
        binding: Any,
        config: metadata_store_pb2.ConnectionConfig,
        report: Callable[[str], None] = lambda _: None,
        *,
        is_upgrade: bool = False,
    ) -> None:
        self._binding, self._config, self._report, self._is_upgrade = binding, config, report, is_upgrade
        self._next_try = 0.0
        self._store: object | None = self._first_opened()

    def method(self, name: str) -> StoreCall:
        """A method of MLMD's service; while the database is lost its answer is UNAVAILABLE."""
        function = getattr(self._binding, name)

        def call(request: bytes) -> tuple[bytes, bytes, int]:
            try:
                store = self._store = self._store or self._reopened()
            except (EngineError, RuntimeError) as error:
                return b"", str(error).encode(), UNAVAILABLE
            answer: tuple[bytes, bytes, int] = function(store, request)
            if answer[2] and _has_lost_database(answer[1].decode("utf-8", "replace")):
                self._store = None
                return b"", answer[1], UNAVAILABLE
            return answer

        return call

    def _first_opened(self) -> object:
        end = time.monotonic() + SCHEMA_SECONDS
        while True:
            try:
                with self._prepared():
                    return self._opened(is_upgrade=self._is_upgrade)
            except RuntimeError as error:
                is_in_the_making = _IN_THE_MAKING in str(error)
                # Stores that open together write the same types, and MySQL may give one of them up.
                if not (is_in_the_making or is_rolled_back(str(error))) or time.monotonic() > end:
                    raise
            if is_in_the_making:
                self._report("Another server is creating the schema of the database. Waiting.")
            time.sleep(REOPEN_SECONDS)

    def _prepared(self) -> contextlib.AbstractContextManager[None]:
        if not self._config.HasField("mysql"):
            return contextlib.nullcontext()
        return mysql_database.prepared(self._config.mysql, self._report)

    def _opened(self, *, is_upgrade: bool = False) -> object:
        migration = metadata_store_pb2.MigrationOptions(enable_upgrade_migration=is_upgrade)
        return self._binding.CreateMetadataStore(self._config.SerializeToString(), migration.SerializeToString())

    def _reopened(self) -> object:
        if time.monotonic() < self._next_try:
            raise EngineError("The database cannot be reached.")
        try:
            if self._config.mysql.host:
                _check_reachable(self._config.mysql.host, self._config.mysql.port)
            if self._config.HasField("mysql"):
                mysql_database.check_exists(self._config.mysql)
            return self._opened()
        finally:  # only attempts count: calls in between must not delay the next one
            self._next_try = time.monotonic() + REOPEN_SECONDS


def _has_lost_database(text: str) -> bool:
    return text.startswith("Transaction already open") or database_is_gone(text)


def _check_reachable(host: str, port: int) -> None:
    """Raise EngineError for a MySQL server that does not answer: MLMD has one empty error for this and for a refusal."""
    try:
        socket.create_connection((host, port), timeout=CONNECT_SECONDS).close()
    except OSError as error:
        message = (
            f"No MySQL server answers at {host}:{port} ({error.strerror or error}). Start it or correct the address."
        )
        raise EngineError(message) from None


def _explain(config: metadata_store_pb2.ConnectionConfig, reason: str) -> str:
    mysql = config.mysql
    if config.HasField("sqlite"):
        where = config.sqlite.filename_uri
    else:
        where = f"{mysql.database} at {mysql.socket or f'{mysql.host}:{mysql.port}'}"
    if "mysql_real_connect failed" in reason:
        return (
            f'MySQL refuses user "{mysql.user}" on the database {where}. Check the user, the password and its rights; '
            "the account must use mysql_native_password."
        )
    if "Access denied" in reason:
        return mysql_database.denied(mysql, one_line(reason.rpartition("error: ")[2]))
    if "Upgrade query failed" in reason:
        return one_line(
            f"The schema of the database {where} cannot be upgraded: {reason.partition('; ')[2] or reason}. "
            "Restore the backup, and try with the MLMD release that wrote it."
        )
    if "database version" in reason:
        advice = (
            "Make a backup, then upgrade the schema with `model-registry init --upgrade-schema --database ...`."
            if "older" in reason
            else "The ml-metadata that is installed cannot change that: choose another database, restore a backup from before "
            "the upgrade, or use the MLMD server that upgraded it with --mlmd-hostname."
        )
        return f"The schema of the database {where} does not fit ml-metadata: {reason.partition('. ')[0]}. {advice}"
    if "file is not a database" in reason:
        return f"The file {where} is not an SQLite database. Choose another with --database or MR_DATABASE."
    return one_line(f"MLMD cannot open the database {where}: {reason}")


def one_line(text: str) -> str:
    """Return an error text as one line of at most 500 characters."""
    return " ".join(text.split())[:500]
