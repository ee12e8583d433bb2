"""Waiting and concurrent work, for threads. This is the only module that is written by hand for both halves."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

sleep = time.sleep
Lock = threading.Lock
Work = Callable[[], None]
"""A piece of work to do later."""


def all_at_once(works: Sequence[Work], limit: int) -> None:
    """Does all works, at most `limit` at the same time. Raises the first error after all have ended."""
    if len(works) == 1:
        works[0]()
        return
    with ThreadPoolExecutor(min(limit, len(works)) or 1, "model-registry") as pool:
        done = [pool.submit(work) for work in works]
    for future in done:
        future.result()


class Worker:
    """Repeats a piece of work in the background: after each call of `wake`, and every `seconds`."""

    def __init__(self, work: Work, seconds: float) -> None:
        self._work, self._seconds = work, seconds
        self._woken, self._is_stopped = threading.Event(), False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Starts the worker."""
        if not self._thread:
            self._thread = threading.Thread(target=self._run, name="model-registry-run", daemon=True)
            self._thread.start()

    def wake(self) -> None:
        """Starts the next round of work now."""
        self._woken.set()

    def stop(self) -> None:
        """Ends the worker, after the current round of work."""
        self._is_stopped = True
        self._woken.set()
        if self._thread:
            self._thread.join()

    def _run(self) -> None:
        while not self._is_stopped:
            self._woken.wait(self._seconds)
            self._woken.clear()
            if not self._is_stopped:
                self._work()
