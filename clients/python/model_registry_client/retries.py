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
_UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


@dataclass(frozen=True)
class RetryPolicy:
    """How often, and with what pauses in seconds. Each pause doubles the one before, less up to half of it by chance."""

    attempts: int = 5
    first_pause: float = 0.2
    longest_pause: float = 10.0
    longest_retry_after: float = 60.0


@dataclass
class Patience:
    """What is left of a policy for one operation."""

    policy: RetryPolicy
    used: int = field(default=0)

    def pause(self, retry_after: float | None) -> float | None:
        """Seconds to wait before the next attempt; `None` when there is none left, or the server asks for more than we wait."""
        self.used += 1
        if self.used >= self.policy.attempts or (retry_after or 0) > self.policy.longest_retry_after:
            return None
        doubled = min(self.policy.first_pause * 2.0 ** (self.used - 1), self.policy.longest_pause)
        return max(doubled * random.uniform(0.5, 1.0), retry_after or 0.0)  # noqa: S311 (spreads load)


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
