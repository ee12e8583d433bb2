"""Processes under a supervisor that starts each of them again when it ends."""

import asyncio
import contextlib
import os
import signal
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

_LOOK_SECONDS = 0.02
_RESTART_SECONDS = 0.1
_STOP_SECONDS = 20.0


@dataclass
class Program:
    """A command that runs until `close`. Signals go only to its own process."""

    name: str
    command: list[str]
    log: Path
    env: dict[str, str] | None = None
    child: "subprocess.Popen[bytes] | None" = None
    _watcher: "asyncio.Task[None] | None" = field(default=None, repr=False)

    def start(self) -> None:
        """Starts the process and its supervision."""
        self._launch()
        self._watcher = asyncio.get_running_loop().create_task(self._watch())

    @property
    def pid(self) -> int | None:
        """The process id; `None` while the process does not run."""
        return self.child.pid if self.child and self.child.poll() is None else None

    async def close(self) -> None:
        """Ends the process and its supervision; sends SIGKILL after 20 seconds."""
        if self._watcher:
            self._watcher.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watcher
        if self.child is None:
            return
        send(self.pid, signal.SIGCONT)
        send(self.pid, signal.SIGTERM)
        try:
            await asyncio.to_thread(self.child.wait, _STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()

    def _launch(self) -> None:
        with self.log.open("ab") as output:
            self.child = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=self.env, cwd=self.log.parent
            )

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            if self.pid is None:
                await asyncio.sleep(_RESTART_SECONDS)
                self._launch()


def send(pid: int | None, number: signal.Signals) -> None:
    """Sends a signal to a process if it still exists."""
    if pid is not None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
