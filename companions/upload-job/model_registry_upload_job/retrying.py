"""Tries again what may succeed later."""

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from model_registry_upload_job.problems import UploadError

log = logging.getLogger(__name__)
ATTEMPTS = 6
_LONGEST_PAUSE = 15.0
T = TypeVar("T")


class BrokenOffError(Exception):
    """A transfer was cut, or its server is overloaded: it may be continued."""


def pause_after(failures: int) -> float:
    """Returns the seconds to wait after a number of failures."""
    return min(0.25 * 2.0**failures, _LONGEST_PAUSE)


def retried(action: Callable[[], T], pause: Callable[[float], None] = time.sleep) -> T:
    """Calls an action until it succeeds, at most 6 times. Raises `UploadError` after the last `BrokenOffError`."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return action()
        except BrokenOffError as error:
            if attempt == ATTEMPTS:
                raise UploadError(f"{str(error).rstrip('.')}, {ATTEMPTS} times.", "Try again later.") from error
            log.warning("%s; trying again", error)
            pause(pause_after(attempt))
    raise AssertionError("unreachable")
