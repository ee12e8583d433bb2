"""The embedded MLMD engine: a process that serves MLMD over gRPC from Google's C++ store in the ml-metadata wheel.

`supervisor.py` runs it as a child of the proxy; the command `model-registry mlmd-server` runs it without a proxy. The proxy whose
child it is uses frames (`frames.py`). Requests and answers pass through as bytes.

As a child it reads one line of JSON from its standard input (database, hostname, port, socket, max_message_bytes),
answers with one line on its standard output, `{"port": 9090}` or `{"error": "..."}`, and ends when its input does: no
engine outlives its proxy. Lines before that, `{"warning": "..."}`, are for the log.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import errno
import json
import logging
import os
import select
import signal
import sys
import time
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc
import grpc.aio
import uvloop

from model_registry_proxy.engine.addresses import local_addresses, no_port
from model_registry_proxy.engine.database import SERVICE, one_line, open_store, service_methods
from model_registry_proxy.engine.frames import FrameServer
from model_registry_proxy.engine.supervisor import DEFAULT_MESSAGE_BYTES, DEFAULT_PORT, EngineError, printable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from model_registry_proxy.engine.database import StoreCall
    from model_registry_proxy.engine.frames import Answer

    Behaviour = Callable[[bytes, grpc.aio.ServicerContext[bytes, bytes]], Awaitable[bytes]]

MAX_DETAILS_BYTES = 2000
"""Of an error text. MLMD quotes whole SQL statements, and gRPC drops an answer whose trailers exceed 8 KiB."""
STOP_SECONDS = 5.0
"""How long received calls may still run after a signal to stop."""
QUIET_SECONDS = 0.05
"""After so long without a call, no call waits to be accepted."""

_log = logging.getLogger("model_registry_proxy.engine")
STATUS_OF_CODE = {status.value[0]: status for status in grpc.StatusCode}


@dataclass
class Traffic:
    """Counts the calls that the store has answered."""

    calls: int = 0


def answer_from(store: dict[str, StoreCall], traffic: Traffic) -> Answer:
    """Answer every RPC of MLMD's service by its name; those that the store lacks are UNIMPLEMENTED."""

    def answer(name: str, request: bytes) -> tuple[int, bytes]:
        # Runs on the event loop: the store holds the interpreter lock anyway and wants one call at a time.
        traffic.calls += 1
        if name not in store:
            lacking = f"The embedded MLMD engine does not offer {name}: the ml-metadata package has no such call."
            return grpc.StatusCode.UNIMPLEMENTED.value[0], lacking.encode()
        try:
            response, text, code = store[name](request)
        except Exception as error:  # noqa: BLE001 - whatever the binding raises is the server's fault
            return grpc.StatusCode.INTERNAL.value[0], f"{type(error).__name__}: {error}".encode()
        return (code, shortened(text)) if code else (0, response)

    return answer


def handlers(answer: Answer) -> grpc.GenericRpcHandler[bytes, bytes]:
    """Serve every RPC of MLMD's service."""
    return grpc.method_handlers_generic_handler(
        SERVICE, {name: grpc.unary_unary_rpc_method_handler(_behaviour(name, answer)) for name in service_methods()}
    )


def _behaviour(name: str, answer: Answer) -> Behaviour:
    async def behaviour(request: bytes, context: grpc.aio.ServicerContext[bytes, bytes]) -> bytes:
        code, content = answer(name, request)
        if code:
            await context.abort(STATUS_OF_CODE.get(code, grpc.StatusCode.UNKNOWN), content.decode("utf-8", "replace"))
        return content

    return behaviour


def shortened(text: bytes) -> bytes:
    """The beginning of a long error text and what the database said, which stands between the quoted node and statement."""
    if len(text) <= MAX_DETAILS_BYTES:
        return text
    said = max(text.rfind(b"Error when executing query"), 0)
    return text[: MAX_DETAILS_BYTES // 4] + b" ... " + text[said : said + MAX_DETAILS_BYTES // 2]


def server_on(hostname: str, port: int, max_message_bytes: int) -> tuple[grpc.aio.Server, int]:
    """Make a server that listens on this port of all addresses of the host; 0 stands for any port."""
    addresses = local_addresses(hostname, port)
    options = [
        ("grpc.max_receive_message_length", max_message_bytes),
        ("grpc.max_send_message_length", max_message_bytes),
        ("grpc.so_reuseport", 0),  # else two engines share a port, each with its own data
    ]
    server = grpc.aio.server(options=options)
    try:
        for address in addresses:
            port = server.add_insecure_port(f"{address}:{port}")
    except RuntimeError:
        raise no_port(hostname, port, OSError(errno.EADDRINUSE, "")) from None
    return server, port


def _listening_server(hostname: str, port: int | None, max_message_bytes: int) -> tuple[grpc.aio.Server, int]:
    """Make a server on the port; without one on 9090 if that is free, else on any other."""
    any_port = [0, 0, 0]  # tries: a port that is free on one address may be taken on the next
    candidates = [DEFAULT_PORT, *any_port] if port is None else [port] if port else any_port
    for candidate in candidates[:-1]:
        with contextlib.suppress(EngineError):
            return server_on(hostname, candidate, max_message_bytes)
    return server_on(hostname, candidates[-1], max_message_bytes)


async def _serve(
    *,
    database: str,
    hostname: str,
    port: int | None,
    socket_path: str | None,
    max_message_bytes: int,
    ready: Callable[[int], None],
    report: Callable[[str], None],
    stop_signals: tuple[signal.Signals, ...],
    watch_input: bool,
) -> None:
    """Open the database, answer calls until a signal or the end of standard input, and close. Raises EngineError."""
    with open_store(database, report) as store:
        server, port = _listening_server(hostname, port, max_message_bytes)
        traffic = Traffic()
        answer = answer_from(store, traffic)
        server.add_generic_rpc_handlers((handlers(answer),))
        await server.start()
        loop = asyncio.get_running_loop()
        frames = socket_path and await loop.create_unix_server(lambda: FrameServer(answer), socket_path)

        stopping = asyncio.Event()
        for number in stop_signals:
            loop.add_signal_handler(number, stopping.set)
        if watch_input:
            loop.add_reader(0, lambda: None if os.read(0, 4096) else stopping.set())
        ready(port)
        await stopping.wait()
        if watch_input:
            loop.remove_reader(0)
        await _drain(traffic)
        if frames:
            frames.close()
        await server.stop(STOP_SECONDS)


async def _drain(traffic: Traffic) -> None:
    """Wait for a quiet moment: gRPC cancels calls that have arrived but were not yet handed to us when it stops."""
    end = time.monotonic() + STOP_SECONDS / 2
    calls = -1
    while calls != traffic.calls and time.monotonic() < end:
        calls = traffic.calls
        await asyncio.sleep(QUIET_SECONDS)


def serve_standalone(
    database: str,
    hostname: str = "localhost",
    port: int | None = None,
    max_message_bytes: int = DEFAULT_MESSAGE_BYTES,
) -> None:
    """Serve a database in the foreground until Ctrl-C or SIGTERM; raise EngineError with one line for the user.

    Without a port it takes 9090 if that is free, else any other.
    """
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")

    def ready(chosen: int) -> None:
        print(f"MLMD serves {printable(database)} at {hostname}:{chosen} (gRPC). Stop it with Ctrl-C.", flush=True)  # noqa: T201

    uvloop.run(
        _serve(
            database=database,
            hostname=hostname,
            port=port,
            socket_path=None,
            max_message_bytes=max_message_bytes,
            ready=ready,
            report=_log.warning,
            stop_signals=(signal.SIGINT, signal.SIGTERM),
            watch_input=False,
        )
    )


def main() -> int:
    """Run as a child of the proxy, by the protocol at the top; return the exit status."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    parent = os.getppid()
    _die_with_parent()
    output = os.dup(1)
    os.dup2(2, 1)  # whatever a library prints must not reach the parent as an answer

    def report(answer: dict[str, Any]) -> None:
        os.write(output, json.dumps(answer).encode() + b"\n")
        if "warning" not in answer:
            os.close(output)

    try:
        options = json.loads(_read_line())
    except ValueError:
        sys.stderr.write("This is the inner part of the proxy; use `model-registry mlmd-server`.\n")
        return 2
    try:
        uvloop.run(
            _serve(
                database=options["database"],
                hostname=options["hostname"],
                port=options["port"],
                socket_path=options["socket"],
                max_message_bytes=options["max_message_bytes"],
                ready=lambda port: report({"port": port}),
                report=lambda line: report({"warning": line}),
                stop_signals=(signal.SIGTERM,),
                watch_input=True,
            )
        )
    except EngineError as error:
        report({"error": str(error)})
        return 1
    except Exception as error:  # noqa: BLE001 - the parent shows one line, the rest goes to the log
        traceback.print_exc()
        with contextlib.suppress(OSError):
            report({"error": one_line(f"The MLMD engine failed: {type(error).__name__}: {error}")})
        return 1
    finally:
        _tidy(options["socket"], parent)
    return 0


def _read_line() -> bytes:
    """Read no further than the line: what follows is the end of input, which the event loop waits for."""
    line = b""
    while not line.endswith(b"\n") and (piece := os.read(0, 1)):
        line += piece
    return line


def _die_with_parent() -> None:
    """Let Linux send SIGTERM when the parent dies, should its end of our standard input live on in a fork of it."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)


def _tidy(socket_path: str | None, parent: int) -> None:
    """Remove the socket, and its folder too after a parent that was killed: a living one does that itself."""
    if socket_path:
        Path(socket_path).unlink(missing_ok=True)
        # A dying parent first closes our input, which is readable then, and a little later is no longer our parent.
        if os.getppid() != parent or select.select([0], [], [], 0)[0]:
            with contextlib.suppress(OSError):
                Path(socket_path).parent.rmdir()


if __name__ == "__main__":
    sys.exit(main())
