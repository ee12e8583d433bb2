"""The reference point "noop": the real server, with its sockets and uvicorn settings, and an application that returns a constant.

python -m benchmarks.noop PORT
"""

import json
import sys
from unittest import mock

from starlette.types import ASGIApp, Receive, Scope, Send

from benchmarks.operations import model_body
from model_registry_proxy.configuration.settings import Settings
from model_registry_proxy.http.responses import JSON, send_bytes
from model_registry_proxy.serving import server

_ANSWER = json.dumps({**model_body("constant"), "id": "1", "state": "LIVE"}).encode()


async def _noop(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        while (await receive())["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        await send({"type": "lifespan.shutdown.complete"})
    else:
        await send_bytes(send, 200, _ANSWER, JSON)


def _build(*_: object, **__: object) -> ASGIApp:
    return _noop


def main(port: int) -> None:
    """Serves the constant on a port of 127.0.0.1, until it gets a signal."""
    settings = Settings(hostname="127.0.0.1", port=port, mlmd_hostname="127.0.0.1", mlmd_port=1)
    with mock.patch.object(server, "build", _build):
        server.serve(settings)


if __name__ == "__main__":
    main(int(sys.argv[1]))
