"""An embedded engine for the benchmark only: it opens a MySQL connection for every RPC, as Google's server does.

python -m benchmarks.connection_per_rpc MYSQL_ADDRESS PORT
"""

import asyncio
import importlib
import os
import signal
import sys

import uvloop

from converters._generated.metadata_store_pb2 import MigrationOptions
from model_registry_proxy.engine import process
from model_registry_proxy.engine.database import StoreCall, open_store
from model_registry_proxy.engine.database_address import connection_config
from model_registry_proxy.engine.supervisor import DEFAULT_MESSAGE_BYTES


def _reopening(name: str, config: bytes) -> StoreCall:
    binding = importlib.import_module("ml_metadata.metadata_store.pywrap.metadata_store_extension").metadata_store
    function, options = getattr(binding, name), MigrationOptions().SerializeToString()

    def call(request: bytes) -> tuple[bytes, bytes, int]:
        # The store is deleted after this expression, which closes its connection.
        answer: tuple[bytes, bytes, int] = function(binding.CreateMetadataStore(config, options), request)
        return answer

    return call


async def _serve(database: str, port: int) -> None:
    with open_store(database) as store:  # creates the schema
        names = list(store)
    config = connection_config(database).SerializeToString()
    calls = {name: _reopening(name, config) for name in names}
    server, _ = process.server_on("127.0.0.1", port, DEFAULT_MESSAGE_BYTES)
    server.add_generic_rpc_handlers((process.handlers(process.answer_from(calls, process.Traffic())),))
    await server.start()
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    await stopping.wait()
    await server.stop(None)


if __name__ == "__main__":
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    uvloop.run(_serve(sys.argv[1], int(sys.argv[2])))
