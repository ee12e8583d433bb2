"""A bound on the memory that transfers at the same time use together."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Allowance:
    """A number of bytes that threads share.

    Args:
        total: The bytes.
    """

    def __init__(self, total: int) -> None:
        self._total = self._left = total
        self._changed = threading.Condition()

    @contextmanager
    def taking(self, size: int) -> Iterator[None]:
        """Waits until `size` bytes are free, and keeps them. A wish for more than there are waits for all of them."""
        taken = min(size, self._total)
        with self._changed:
            self._changed.wait_for(lambda: self._left >= taken)
            self._left -= taken
        try:
            yield
        finally:
            with self._changed:
                self._left += taken
                self._changed.notify_all()
