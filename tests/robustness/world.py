"""The servers of a run: two proxies on one store, with TCP proxies ("wires") before MLMD; and the faults of servers.

With the embedded engine, the first proxy owns the engine and calls it over a Unix socket; the second proxy calls the TCP port of
the engine over a wire. With Google's server, both proxies call it over wires.
"""

import asyncio
import signal
import sys
import time
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import httpx

from tests.robustness.programs import Program, send
from tests.robustness.wire import Wire
from tests.support import processes
from tests.support.watching import engine_of

READY_SECONDS = 90.0
REQUEST_SECONDS = 5
FLAGS = ("--request-timeout", str(REQUEST_SECONDS), "--metrics-port", "0")
PLANT = "ROBUSTNESS_PLANT"
"""The environment variable that names a bug for `entry` to plant."""


@dataclass
class World:
    """All servers of one run. Their files are in `folder`."""

    store: str
    folder: Path
    plant: str = ""
    proxies: list[Program] = field(default_factory=list)
    urls: list[str] = field(default_factory=list)
    wires: list[Wire] = field(default_factory=list)
    mlmd_server: Program | None = None
    database: Program | None = None
    mlmd_port: int = 0
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    _stopped: set[int] = field(default_factory=set)

    async def __aenter__(self) -> Self:
        try:
            await self._start()
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        self.heal()
        await self._stack.aclose()

    async def _start(self) -> None:
        address, connection = await self._place()
        self.mlmd_port = processes.free_port()
        if self.is_google:
            command = processes.mlmd_server_command(self.folder, connection, self.mlmd_port)
            self.mlmd_server = await self._run("MLMD", command)
            self.wires = [await self._wire(), await self._wire()]
            ways = [("", wire.port) for wire in self.wires]
        else:
            self.wires = [await self._wire()]
            ways = [(address, self.mlmd_port), ("", self.wires[0].port)]
        for number, (database, port) in enumerate(ways):
            own_port = processes.free_port()
            command = processes.proxy_command(own_port, port, database, *FLAGS)
            self.urls.append(f"http://127.0.0.1:{own_port}")
            self.proxies.append(await self._run(f"proxy-{number}", self._planted(command)))
        await self.ready()

    async def _place(self) -> tuple[str, str]:
        """The location of the store: for the flag `--database`, and for the configuration of Google's server."""
        if not self.store.endswith("mysql"):
            file = self.folder / "registry.db"
            return str(file), processes.sqlite_connection(file)
        data = self.folder / "database"
        data.mkdir()
        server, command = await asyncio.to_thread(processes.new_database, data)
        self.database = await self._run("database", command)
        await _until(server.socket.exists, "the database's socket")
        await asyncio.to_thread(server.allow_registry)
        name = await asyncio.to_thread(server.create)
        return server.url(name), server.connection(name)

    @property
    def is_google(self) -> bool:
        """Whether MLMD is Google's server."""
        return self.store.startswith("google")

    @property
    def mlmd_pid(self) -> int | None:
        """The process id of Google's server or of the embedded engine."""
        if self.mlmd_server:
            return self.mlmd_server.pid
        proxy = self.proxies[0].pid
        return engine_of(proxy) if proxy else None

    def kill(self, pid: int | None) -> None:
        """Sends SIGKILL."""
        send(pid, signal.SIGKILL)

    def stop(self, pid: int | None) -> None:
        """Sends SIGSTOP. The process stands still until `resume` or `heal`."""
        if pid is not None:
            self._stopped.add(pid)
            send(pid, signal.SIGSTOP)

    def resume(self, pid: int | None) -> None:
        """Sends SIGCONT."""
        if pid is not None:
            self._stopped.discard(pid)
            send(pid, signal.SIGCONT)

    def heal(self) -> None:
        """Ends all faults that last: resumes stopped processes and heals the wires."""
        for pid in list(self._stopped):
            self.resume(pid)
        for wire in self.wires:
            wire.heal()

    async def ready(self) -> None:
        """Waits until every proxy reports that it is ready."""
        async with httpx.AsyncClient(timeout=5) as client:
            for url in self.urls:
                end = time.monotonic() + READY_SECONDS
                while not await _is_ready(client, url):
                    if time.monotonic() > end:
                        raise AssertionError(f"{url} does not get ready:\n{self.logs()}")
                    await asyncio.sleep(0.05)

    async def repair(self) -> str:
        """Runs `model-registry repair`; returns what it printed. It repairs all incomplete children, however young they are."""
        command = [sys.executable, "-m", "tests.robustness.entry", "repair", "--json"]
        command += ["--mlmd-hostname", "127.0.0.1", "--mlmd-port", str(self.mlmd_port)]
        process = await asyncio.create_subprocess_exec(
            *command, env=self._environment(), cwd=self.folder, stdout=asyncio.subprocess.PIPE
        )
        output, _ = await process.communicate()
        assert process.returncode == 0, f"repair ended with status {process.returncode}"
        return output.decode()

    def logs(self) -> str:
        """The last lines of all logs."""
        return "\n".join(
            f"== {log.name}\n{log.read_text('utf-8', 'replace')[-1500:]}" for log in self.folder.glob("*.log")
        )

    def _planted(self, command: list[str]) -> list[str]:
        return (
            [part if part != "model_registry_proxy" else "tests.robustness.entry" for part in command]
            if self.plant
            else command
        )

    def _environment(self) -> dict[str, str]:
        return {**processes.environment(), **({PLANT: self.plant} if self.plant else {})}

    async def _run(self, name: str, command: list[str]) -> Program:
        program = Program(name, command, self.folder / f"{name}.log", self._environment())
        program.start()
        self._stack.push_async_callback(program.close)
        return program

    async def _wire(self) -> Wire:
        wire = Wire(self.mlmd_port)
        await wire.start()
        self._stack.push_async_callback(wire.close)
        return wire


async def _is_ready(client: httpx.AsyncClient, url: str) -> bool:
    with suppress(httpx.HTTPError):
        return (await client.get(f"{url}/readyz/health")).status_code == httpx.codes.OK
    return False


async def _until(condition: object, what: str) -> None:
    end = time.monotonic() + READY_SECONDS
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < end, f"waited in vain for {what}"
        await asyncio.sleep(0.05)
