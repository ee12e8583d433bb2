"""What waiting and doing at once are: the one module that is written twice, for threads here."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

sleep = time.sleep
Lock = threading.Lock
Work = Callable[[], None]
"""Something to do later."""


def all_at_once(works: Sequence[Work], limit: int) -> None:
    """Does all of it, so much at a time. Raises the first error, after the rest is done."""
    if len(works) == 1:
        works[0]()
        return
    with ThreadPoolExecutor(min(limit, len(works)) or 1, "model-registry") as pool:
        done = [pool.submit(work) for work in works]
    for future in done:
        future.result()


class Worker:
    """Does a piece of work again and again in the background: when it is woken, and after so many seconds anyway."""

    def __init__(self, work: Work, seconds: float) -> None:
        self._work, self._seconds = work, seconds
        self._woken, self._is_stopped = threading.Event(), False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begins."""
        if not self._thread:
            self._thread = threading.Thread(target=self._run, name="model-registry-run", daemon=True)
            self._thread.start()

    def wake(self) -> None:
        """Lets it work soon."""
        self._woken.set()

    def stop(self) -> None:
        """Waits for what is being done, and does no more."""
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
