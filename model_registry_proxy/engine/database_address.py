"""The address of the engine's database, as an operator writes it, becomes MLMD's `ConnectionConfig`."""

from __future__ import annotations

import urllib.parse
from pathlib import Path

from converters._generated import metadata_store_pb2
from model_registry_proxy.engine.supervisor import EngineError


def connection_config(database: str) -> metadata_store_pb2.ConnectionConfig:
    """Read a database address: an SQLite path, or `mysql://user:password@host:port/database[?socket=path]`.

    The parts of a MySQL address are percent-decoded. Raises EngineError for an address of neither form.
    """
    if "://" not in database:
        return _sqlite_config(database)
    scheme = database.partition("://")[0]
    if scheme != "mysql":
        message = f'A database is an SQLite file or mysql://user:password@host:port/database; got "{scheme}://...".'
        raise EngineError(message)
    try:
        address = urllib.parse.urlsplit(database)
        port = address.port or 3306
        query = urllib.parse.parse_qs(address.query, strict_parsing=bool(address.query), keep_blank_values=True)
    except ValueError:  # its text may quote the password
        message = "The MySQL address cannot be read; percent-encode the special characters of user and password."
        raise EngineError(message) from None
    name = urllib.parse.unquote(address.path.removeprefix("/"))
    if not name or "/" in name or address.fragment or set(query) - {"socket"}:
        message = "A MySQL address is mysql://user:password@host:port/database, with ?socket=path at most after it."
        raise EngineError(message)
    config = metadata_store_pb2.ConnectionConfig()
    mysql = config.mysql
    mysql.database = name
    mysql.port = port
    mysql.user = urllib.parse.unquote(address.username or "")
    mysql.password = urllib.parse.unquote(address.password or "")
    if "socket" in query:
        mysql.socket = query["socket"][0]
    else:
        # To the MySQL library "localhost" is a Unix socket of its own choice; an address with a port means TCP.
        host = address.hostname or "localhost"
        mysql.host = "127.0.0.1" if host == "localhost" else host
    return config


def _sqlite_config(database: str) -> metadata_store_pb2.ConnectionConfig:
    if not database:
        message = "The database has no name; give the path of an SQLite file."
        raise EngineError(message)
    config = metadata_store_pb2.ConnectionConfig()
    config.sqlite.filename_uri = str(Path(database).expanduser().resolve())
    config.sqlite.connection_mode = metadata_store_pb2.SqliteMetadataSourceConfig.READWRITE_OPENCREATE
    return config
