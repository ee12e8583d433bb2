"""MLMD as other programs use it: Google's own client over gRPC, and the C++ store in this process for a file."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.processes import Proxy

_store = pytest.importorskip("ml_metadata.metadata_store.metadata_store", reason="the ml-metadata wheel is missing")
pb: Any = pytest.importorskip("ml_metadata.proto.metadata_store_pb2")


def over_grpc(proxy: Proxy) -> Any:
    """A `MetadataStore` on the MLMD behind a proxy."""
    config = pb.MetadataStoreClientConfig(host="127.0.0.1", port=proxy.engine_port)
    config.channel_arguments.max_receive_message_length = (
        64 * 2**20
    )  # other tests may have put large rows into the store
    return _store.MetadataStore(config)


def in_file(file: Path) -> Any:
    """A `MetadataStore` on a SQLite file."""
    config = pb.ConnectionConfig()
    config.sqlite.filename_uri = str(file)
    config.sqlite.connection_mode = pb.SqliteMetadataSourceConfig.READWRITE
    return _store.MetadataStore(config)
