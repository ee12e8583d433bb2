"""The command: reads the settings, waits for the lease, and runs the controller until a signal."""

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path

from model_registry_client.credentials import Token

from model_registry_controller.controller import Controller
from model_registry_controller.kubernetes.api import KubernetesApi
from model_registry_controller.kubernetes.connection import ConfigurationError, Connection, connect
from model_registry_controller.kubernetes.lease import Lease, LeaseLost
from model_registry_controller.logs import set_up
from model_registry_controller.measuring import Measures
from model_registry_controller.probes import Health, serve
from model_registry_controller.settings.reading import HelpWanted, Settings, read

log = logging.getLogger(__name__)
_FAILED, _WRONG_USE = 1, 2
PROJECTED_TOKEN = Path("/var/run/secrets/model-registry/token")
"""Where the manifests mount a token of its own audience for registries."""
_BEAT = 5.0


def run(arguments: Sequence[str], environment: Mapping[str, str] | None = None) -> int:
    """Runs the controller until SIGTERM or SIGINT. Returns its exit status: 0, 1 after a failure, 2 for wrong settings."""
    environment = os.environ if environment is None else environment
    try:
        settings = read(arguments, environment)
        set_up(settings)
        connection = connect(settings.text("kubeconfig"), environment)
        token = registry_token(settings, connection)
    except HelpWanted as wanted:
        sys.stdout.write(f"{wanted}\n")
        return 0
    except (ConfigurationError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return _WRONG_USE
    try:
        return asyncio.run(_main(settings, connection, token))
    except ConfigurationError as error:
        log.error("%s", error)  # noqa: TRY400 (a stack trace does not help)
        return _WRONG_USE


def registry_token(settings: Settings, connection: Connection) -> Token:
    """Returns the token for registries: of the file in the settings, else the projected one, else that of the API server.

    Raises:
        ConfigurationError: The file in the settings cannot be read.
    """
    if path := settings.text("registry-token-path"):
        if not os.access(path, os.R_OK):
            raise ConfigurationError(f"--registry-token-path must be a file that can be read; got {path!r}.")
        return Token(None, Path(path))
    return Token(None, PROJECTED_TOKEN) if PROJECTED_TOKEN.exists() else connection.token


async def _main(settings: Settings, connection: Connection, token: Token) -> int:
    health, measures = Health(), Measures()
    serve(settings, health, measures)
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    api = KubernetesApi(connection)
    work = asyncio.create_task(_lead(api, settings, connection, token, measures))
    beats = asyncio.create_task(_beat(health))
    health.is_ready = True
    waiting = asyncio.create_task(stopped.wait())
    try:
        await asyncio.wait({work, waiting}, return_when=asyncio.FIRST_COMPLETED)
        return await _ended(work)
    finally:
        beats.cancel()
        waiting.cancel()
        await api.aclose()


async def _ended(work: "asyncio.Task[None]") -> int:
    if not work.done():
        log.info("Stopping")
        work.cancel()
    try:
        await work
    except asyncio.CancelledError:
        return 0
    except LeaseLost as error:
        log.error("This replica stops: %s", error)  # noqa: TRY400 (a stack trace does not help)
        return _FAILED
    return 0


async def _lead(
    api: KubernetesApi, settings: Settings, connection: Connection, token: Token, measures: Measures
) -> None:
    """Works as long as this replica has the lease. Raises `LeaseLost`."""
    if not settings.is_managed:
        log.info("INFERENCE_SERVICE_CONTROLLER is not 'managed', so nothing is done")
        await asyncio.Event().wait()
    if not settings.flag("leader-elect"):
        measures.leader.set(1)
        await Controller(api, settings, token, measures).run()
        return
    namespace = settings.text("leader-election-namespace") or connection.namespace
    if not namespace:
        raise ConfigurationError("--leader-elect needs --leader-election-namespace outside a pod.")
    lease = Lease(api, namespace, f"{socket.gethostname()}_{uuid.uuid4()}")
    await lease.acquire()
    measures.leader.set(1)
    working = asyncio.create_task(Controller(api, settings, token, measures).run())
    keeping = asyncio.create_task(lease.keep())
    try:
        await asyncio.wait({working, keeping}, return_when=asyncio.FIRST_COMPLETED)
        (keeping if keeping.done() else working).result()
    finally:
        measures.leader.set(0)
        for task in (working, keeping):
            task.cancel()
        await asyncio.gather(working, keeping, return_exceptions=True)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(3):
                await lease.give_back()


async def _beat(health: Health) -> None:
    while True:
        health.beat()
        await asyncio.sleep(_BEAT)
