"""Runs the application: its sockets, its workers, its engine and its end."""

import json
import logging
import multiprocessing
import os
import signal
import socket
import sys
import threading
from functools import partial
from multiprocessing.process import BaseProcess

from starlette.types import ASGIApp
from uvicorn.config import STARTUP_FAILURE

from model_registry_proxy.configuration.settings import Settings, SettingsError
from model_registry_proxy.configuration.tls import mlmd_tls, server_context
from model_registry_proxy.engine.supervisor import EmbeddedMlmd, EngineError, printable
from model_registry_proxy.http.dispatch import UI
from model_registry_proxy.observability import engine_restarts, trace_settings
from model_registry_proxy.observability.exposition import exposing
from model_registry_proxy.observability.logs import configure_logging
from model_registry_proxy.security.authentication import check_exposure, ways
from model_registry_proxy.security.stack import stack
from model_registry_proxy.serving.app import build
from model_registry_proxy.serving.graceful import GracefulServer, GracefulWorkers
from model_registry_proxy.serving.listening import listen
from model_registry_proxy.serving.mlmd_servers import targets
from model_registry_proxy.serving.protocol import configuration
from model_registry_proxy.serving.web_ui import is_shown, public_origins

_log = logging.getLogger(__name__)
_FOR_WORKERS = "MODEL_REGISTRY_PROXY_WORKER"
_ENGINE_HEAD_START_SECONDS = 5.0
"""After that, or when the engine reports a wait, the proxy answers: /livez with 200, all others with 503."""


def serve(settings: Settings) -> None:
    """Serves until SIGINT or SIGTERM. Raises `SettingsError` or `EngineError` with one line for the operator."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit(0))  # while starting; later uvicorn's own handlers end in good order
    check(settings)
    sockets = listen(settings.hostname, settings.port)
    try:
        check_exposure(settings, [listening.getsockname()[0] for listening in sockets])
        with exposing(settings) as exposed:
            if servers := targets(exposed):
                _run(exposed, ",".join(servers), sockets, None)
            else:
                engine = EmbeddedMlmd(
                    exposed.database,
                    port=exposed.mlmd_port,
                    max_message_bytes=exposed.max_message_bytes,
                    on_restart=engine_restarts(exposed),
                )
                try:
                    engine.begin()
                    engine.wait_for_news(_ENGINE_HEAD_START_SECONDS)
                    engine.is_ready_within(0)
                    _run(exposed, engine.target, sockets, engine)
                finally:
                    engine.stop()
    finally:
        for listening in sockets:
            listening.close()


def _run(settings: Settings, target: str, sockets: list[socket.socket], engine: EmbeddedMlmd | None) -> None:
    os.environ[_FOR_WORKERS] = json.dumps([settings.model_dump(mode="json"), target])
    refusals: list[str] = []

    def give_up(reason: str) -> None:
        refusals.append(reason)
        os.kill(os.getpid(), signal.SIGTERM)

    application = (
        "model_registry_proxy.serving.server:worker"
        if settings.workers > 1
        else partial(build, settings, target, give_up)
    )
    config = configuration(settings, application, workers=settings.workers)
    is_ready = engine is not None and engine.is_ready_within(0)
    _announce(settings, sockets, engine if is_ready else None)
    over = threading.Event()
    if engine and not is_ready:
        threading.Thread(target=_watch_start, args=[engine, settings.database, refusals, over], daemon=True).start()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)  # uvicorn ends in good order and then raises the signal once more
    try:
        if settings.workers > 1:
            supervisor = GracefulWorkers(config, sockets)
            supervisor.run()
            if any(process.exitcode == STARTUP_FAILURE for process in supervisor.processes):
                raise SettingsError("The workers cannot serve; see their messages above.")
        else:
            GracefulServer(config).run(sockets=sockets)
    finally:
        over.set()
    if refusals:
        raise SettingsError(refusals[0])


def _watch_start(engine: EmbeddedMlmd, database: str, refusals: list[str], over: threading.Event) -> None:
    """Prints the address of the engine once it is ready; if it cannot run, ends the process with the reason in `refusals`."""
    try:
        engine.is_ready_within(None)
        _say(_engine_line(engine, database))
    except EngineError as error:
        refusals.append(str(error))
        while not over.wait(1):  # a signal before uvicorn has its handlers would be lost
            os.kill(os.getpid(), signal.SIGTERM)


def check(settings: Settings) -> None:
    """Raises `SettingsError` in one line for unusable names of servers, certificates, or settings of security."""
    targets(settings)
    trace_settings.check()
    server_context(settings)
    mlmd_tls(settings)
    public_origins(settings)
    stack(settings).close()


def worker() -> ASGIApp:
    """Returns the application of one worker, with the settings that `serve` has put into the environment."""
    content, target = json.loads(os.environ[_FOR_WORKERS])
    settings = Settings.model_construct(**content)
    configure_logging(settings.log_level, settings.log_format)
    if parent := multiprocessing.parent_process():
        threading.Thread(target=_end_with, args=[parent], daemon=True).start()
    return build(settings, target, _end_worker)


def _end_worker(reason: str) -> None:
    """Ends a worker with the status that makes its parent and the other workers end too; after any other it is replaced."""
    _log.error(reason)
    os._exit(STARTUP_FAILURE)


def _end_with(parent: BaseProcess) -> None:
    """Ends a worker whose parent was killed, since only the parent watches the engine."""
    parent.join()
    os._exit(1)


def _announce(settings: Settings, sockets: list[socket.socket], engine: EmbeddedMlmd | None) -> None:
    """Prints all addresses; that of an engine that is not ready yet (`None`) is printed later."""
    url = f"{'https' if settings.tls_cert else 'http'}://{settings.hostname}:{sockets[0].getsockname()[1]}{settings.root_path}"
    lines = [f"Web UI         {url}{UI}"] if is_shown(settings) else []
    lines += [
        f"REST API       {url}/api/model_registry/v1alpha3",
        f"Documentation  {url}/docs",
        f"Authentication {', '.join(ways(settings)) or 'none: everyone who reaches this address may read and change everything'}",
    ]
    if servers := targets(settings):
        lines.append(f"MLMD server    {', '.join(servers)}")
    elif engine:
        lines.append(_engine_line(engine, settings.database))
    if settings.metrics_port:
        lines.append(f"Metrics        http://{settings.metrics_hostname}:{settings.metrics_port}/metrics")
    _say("\n".join(lines))


def _engine_line(engine: EmbeddedMlmd, database: str) -> str:
    return f"MLMD gRPC      {engine.hostname}:{engine.port}, store {printable(database)}"


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 (what the operator asked for)
