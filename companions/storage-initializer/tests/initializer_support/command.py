"""The command in this process: what it leaves at the destination, and what it says."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from model_registry_storage_initializer.__main__ import run


@dataclass(frozen=True)
class Ended:
    """How the command ended.

    Attributes:
        status: Its exit status.
        log: The lines of its log.
        files: The content of the files at the destination, without the mark of a complete download.
        hidden: The names of files that the command keeps for itself there.
    """

    status: int
    log: list[str]
    files: dict[str, bytes]
    hidden: list[str]

    @property
    def last(self) -> str:
        """The last line of the log, without its time."""
        return self.log[-1].partition(" ")[2]


@dataclass(frozen=True)
class Command:
    """Runs the command with a destination of the test."""

    destination: Path
    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    def having(self, **variables: str) -> "Command":
        """Sets variables."""
        for name, value in variables.items():
            self.monkeypatch.setenv(name, value)
        return self

    def __call__(self, uri: str) -> Ended:
        """Fetches a URI."""
        self.capsys.readouterr()
        status = run([uri, str(self.destination)])
        log = self.capsys.readouterr().err.splitlines()
        found = {
            str(path.relative_to(self.destination)): path for path in self.destination.rglob("*") if path.is_file()
        }
        hidden = [name for name in found if name.startswith(".model-registry-")]
        files = {name: path.read_bytes() for name, path in found.items() if name not in hidden}
        return Ended(status, log, files, sorted(hidden))

    def fails(self, uri: str) -> str:
        """Fetches a URI, which must fail and leave nothing; returns the last line."""
        ended = self(uri)
        assert (ended.status, ended.files, ended.hidden) == (1, {}, []), ended
        assert ended.last.startswith("ERROR ")
        return ended.last.removeprefix("ERROR ")
