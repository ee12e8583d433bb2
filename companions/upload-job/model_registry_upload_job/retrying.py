"""Tries again what may succeed later."""

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from model_registry_client.retries import retry_after

from model_registry_upload_job.problems import UploadError

log = logging.getLogger(__name__)
ATTEMPTS = 6
_LONGEST_PAUSE = 15.0
_LONGEST_WISH = 300.0
"""The longest `Retry-After` in seconds that is waited for."""
STALL_SECONDS, LEAST_BYTES = 60.0, 64 * 1024
"""A transfer that brings fewer bytes in this time is broken off."""
T = TypeVar("T")


class BrokenOffError(Exception):
    """A transfer was cut, or its server is overloaded: it may be continued.

    Attributes:
        wish: The seconds that the server asks to wait.
    """

    def __init__(self, text: str, wish: float | None = None) -> None:
        super().__init__(text)
        self.wish = wish or 0.0


class StalledError(BrokenOffError):
    """A transfer became so slow that it would not end."""


def asked_to_wait(text: str, headers: Mapping[str, str]) -> BrokenOffError:
    """Returns the error for a response of an overloaded server, with the time of its header `Retry-After`."""
    return BrokenOffError(text, retry_after(headers))


def pause_after(failures: int) -> float:
    """Returns the seconds to wait after a number of failures."""
    return min(0.25 * 2.0**failures, _LONGEST_PAUSE)


def pause_of(error: BrokenOffError, failures: int) -> float:
    """Returns the seconds to wait after a failure, which is not the first one.

    Raises:
        UploadError: It was the last attempt, or the server asks to wait too long.
    """
    cause = str(error).rstrip(".")
    if error.wish > _LONGEST_WISH:
        raise UploadError(f"{cause}, and asks to wait {error.wish:.0f} seconds.", "Try again then.") from error
    if failures >= ATTEMPTS:
        raise UploadError(f"{cause}, {ATTEMPTS} times.", "Try again later.") from error
    return max(pause_after(failures), error.wish)


def retried(action: Callable[[], T], pause: Callable[[float], None] = time.sleep) -> T:
    """Calls an action until it succeeds, at most 6 times. Raises `UploadError` after the last `BrokenOffError`."""
    failures = 0
    while True:
        try:
            return action()
        except BrokenOffError as error:
            failures += 1
            seconds = pause_of(error, failures)
            log.warning("%s; trying again in %.1f seconds", error, seconds)
            pause(seconds)


def unless_stalled(chunks: Iterator[bytes], what: str, clock: Callable[[], float] = time.monotonic) -> Iterator[bytes]:
    """Yields chunks. Only the time that is spent waiting for them counts.

    Args:
        chunks: The bytes of a transfer, as they arrive.
        what: The source in words for messages.
        clock: Returns seconds.

    Raises:
        StalledError: Fewer than 64 KiB came in 60 seconds.
    """
    waited, received = 0.0, 0
    while True:
        began = clock()
        chunk = next(chunks, None)
        waited += clock() - began
        if chunk is None:
            return
        received += len(chunk)
        if waited >= STALL_SECONDS:
            if received < LEAST_BYTES:
                raise StalledError(f"{what} sent only {received} bytes in {waited:.0f} seconds")
            waited, received = 0.0, 0
        yield chunk
