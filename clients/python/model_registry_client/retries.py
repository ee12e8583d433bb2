"""When a request is sent again, and after how long. Pure: nothing is sent or waited for here.

A read or a change may be repeated, since twice is the same as once. A create may not: it is repeated only where it surely did
not happen (no connection, 429); otherwise it is looked up first.
"""

import email.utils
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx

REPEATED = frozenset({429, 502, 503, 504})
"""Answers that say nothing about the request itself."""
_PATIENCE_ASKED = 429
_MOST_DOUBLINGS = 60
"""More of them a float may not hold, and no pause is so long."""
_UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


@dataclass(frozen=True)
class RetryPolicy:
    """How often, and with what pauses in seconds. Each pause doubles the one before, less up to half of it by chance."""

    attempts: int = 5
    first_pause: float = 0.2
    longest_pause: float = 10.0
    longest_retry_after: float = 60.0

    def pause(self, failures: int, elapsed: float, retry_after: float | None) -> float | None:
        """Seconds to wait before the next attempt; `None` when there is none.

        Args:
            failures: How many attempts have failed so far, at least 1.
            elapsed: Seconds since the first of them failed. A policy that ends by time overrides this method.
            retry_after: Seconds that the server asks to wait, if it does.
        """
        del elapsed
        if failures >= self.attempts or (retry_after or 0) > self.longest_retry_after:
            return None
        return max(self.growing_pause(failures), retry_after or 0.0)

    def growing_pause(self, failures: int) -> float:
        """The pause in seconds after so many failed attempts, without what the server asks for."""
        doubled = min(self.first_pause * 2.0 ** min(failures - 1, _MOST_DOUBLINGS), self.longest_pause)
        return doubled * random.uniform(0.5, 1.0)  # noqa: S311 (spreads load)


@dataclass
class Patience:
    """What is left of a policy for one operation."""

    policy: RetryPolicy
    used: int = field(default=0)
    failing_since: float = field(default=0.0)

    def pause(self, retry_after: float | None) -> float | None:
        """Seconds to wait before the next attempt; `None` when there is none left, or the server asks for more than we wait."""
        now = time.monotonic()
        self.failing_since = self.failing_since if self.used else now
        self.used += 1
        return self.policy.pause(self.used, now - self.failing_since, retry_after)


class Unsure(Exception):
    """Internal: a request that must not be repeated blindly was interrupted. `pause`: seconds to wait, if it may go on."""

    def __init__(self, pause: float | None, cause: Exception) -> None:
        super().__init__(str(cause))
        self.pause, self.cause = pause, cause


def surely_unsent(failure: httpx.RequestError | int) -> bool:
    """Whether a failure, or the status of an answer, tells that the server has not done what it was asked."""
    return failure == _PATIENCE_ASKED if isinstance(failure, int) else isinstance(failure, _UNSENT)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that the server asks to wait, from either form of the header."""
    text = headers.get("retry-after")
    if not text:
        return None
    if text.strip().isdigit():
        return float(text)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(text).timestamp() - time.time())
    except (TypeError, ValueError):
        return None
