"""Uploads that have begun: in a file for the next process, and in memory for the end of this one."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Sessions:
    """The uploads of large blobs that have begun, in a file, so that the next process continues them."""

    def __init__(self, file: Path) -> None:
        self._file, self._lock = file, threading.Lock()

    def _all(self) -> dict[str, str]:
        try:
            found = json.loads(self._file.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def get(self, blob: str) -> str | None:
        """Returns the address of an upload."""
        with self._lock:
            return self._all().get(blob)

    def put(self, blob: str, address: str | None) -> None:
        """Notes the address of an upload; `None` removes it."""
        with self._lock:
            kept = {**self._all(), blob: address}
            partly = self._file.with_suffix(".part")
            partly.write_text(json.dumps({key: value for key, value in kept.items() if value}), "utf-8")
            partly.replace(self._file)

    def addresses(self) -> list[str]:
        """Returns all addresses."""
        with self._lock:
            return list(self._all().values())

    def clear(self) -> None:
        """Forgets all."""
        with self._lock:
            self._file.unlink(missing_ok=True)


class UnderWay:
    """The uploads of this process that are not complete, and the number of threads that send."""

    def __init__(self) -> None:
        self._addresses: dict[str, str] = {}
        self._threads, self._changed = 0, threading.Condition()

    @contextmanager
    def sending(self) -> Iterator[None]:
        """Counts a thread that sends."""
        with self._changed:
            self._threads += 1
        try:
            yield
        finally:
            with self._changed:
                self._threads -= 1
                self._changed.notify_all()

    def note(self, blob: str, address: str | None) -> None:
        """Notes the address of an upload; `None` for one that is complete."""
        with self._changed:
            self._addresses.pop(blob, None)
            if address:
                self._addresses[blob] = address

    def addresses(self) -> list[str]:
        """Returns all addresses."""
        with self._changed:
            return list(self._addresses.values())

    def wait(self, seconds: float) -> None:
        """Waits until no thread sends, but no longer than some seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self._threads == 0, seconds)
