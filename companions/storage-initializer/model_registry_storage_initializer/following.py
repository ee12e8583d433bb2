"""Makes the digest of a file whose parts come in any order, while they come: as far as all parts from the beginning are there."""

import os
import threading
from collections.abc import Callable

from model_registry_storage_initializer.digests import CHUNK, Digest


class Following:
    """A digest that follows a file.

    Args:
        digest: The digest.
        descriptor: The open file.
        complete: Returns up to which byte the file is complete.
    """

    def __init__(self, digest: Digest, descriptor: int, complete: Callable[[], int]) -> None:
        self.digest = digest
        self._descriptor, self._complete = descriptor, complete
        self._position, self._lock = 0, threading.Lock()

    def advance(self) -> None:
        """Takes what is complete by now, unless another thread does so at the moment."""
        if self._lock.acquire(blocking=False):
            try:
                self._take()
            finally:
                self._lock.release()

    def finish(self) -> Digest:
        """Takes the rest of a complete file."""
        with self._lock:
            self._take()
        return self.digest

    def _take(self) -> None:
        view = memoryview(bytearray(CHUNK))
        while self._position < (end := self._complete()):
            size = os.preadv(self._descriptor, [view[: end - self._position]], self._position)
            if not size:
                raise OSError(None, "the file was shortened while it was fetched")
            self.digest.update(view[:size])
            self._position += size
