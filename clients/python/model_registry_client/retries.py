"""When a request is retried, and after what pause. Pure: this module neither sends nor waits.

A read or an update may be retried, since its effect is the same. A create is retried only if it certainly did not take effect
(no connection, 429). Otherwise the entity is looked up first.
"""

import email.utils
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx

REPEATED = frozenset({429, 502, 503, 504})
"""The statuses after which a request is retried: they do not depend on its content."""
_TOO_MANY_REQUESTS = 429
_MOST_DOUBLINGS = 60
"""A limit, so that the pause does not exceed the range of a float."""
_UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


@dataclass(frozen=True)
class RetryPolicy:
    """How often a request is sent, and after what pauses. Each pause is twice the one before, minus a random part of up to half.

    Attributes:
        attempts: The largest number of attempts, the first one included.
        first_pause: Seconds before the second attempt.
        longest_pause: The longest pause in seconds.
        longest_retry_after: The longest `Retry-After` in seconds. If the server asks for more, there is no further attempt.
    """

    attempts: int = 5
    first_pause: float = 0.2
    longest_pause: float = 10.0
    longest_retry_after: float = 60.0

    def pause(self, failures: int, elapsed: float, retry_after: float | None) -> float | None:
        """Returns the seconds to wait before the next attempt; `None` if there is none.

        Args:
            failures: The number of failed attempts, at least 1.
            elapsed: Seconds since the first failure. A policy with a time limit overrides this method to use it.
            retry_after: The `Retry-After` of the server in seconds, if there is one.
        """
        del elapsed
        if failures >= self.attempts or (retry_after or 0) > self.longest_retry_after:
            return None
        return max(self.growing_pause(failures), retry_after or 0.0)

    def growing_pause(self, failures: int) -> float:
        """Returns the pause in seconds after this number of failed attempts, without the `Retry-After` of the server."""
        doubled = min(self.first_pause * 2.0 ** min(failures - 1, _MOST_DOUBLINGS), self.longest_pause)
        return doubled * random.uniform(0.5, 1.0)  # noqa: S311 (spreads load)


@dataclass
class RetryState:
    """The attempts of one operation so far, under a policy.

    Attributes:
        policy: The policy.
        used: The number of failed attempts.
        failing_since: The time of the first failure, in seconds of the monotonic clock.
    """

    policy: RetryPolicy
    used: int = field(default=0)
    failing_since: float = field(default=0.0)

    def pause(self, retry_after: float | None) -> float | None:
        """Counts a failed attempt. Returns the seconds to wait before the next one; `None` if there is none.

        Args:
            retry_after: The `Retry-After` of the server in seconds, if there is one.
        """
        now = time.monotonic()
        self.failing_since = self.failing_since if self.used else now
        self.used += 1
        return self.policy.pause(self.used, now - self.failing_since, retry_after)


class Unsure(Exception):
    """Internal: a create was interrupted, and may have taken effect. `pause`: seconds before the next attempt, if there is one."""

    def __init__(self, pause: float | None, cause: Exception) -> None:
        super().__init__(str(cause))
        self.pause, self.cause = pause, cause


def surely_unsent(failure: httpx.RequestError | int) -> bool:
    """Whether a failure, or the status of a response, proves that the request did not take effect."""
    return failure == _TOO_MANY_REQUESTS if isinstance(failure, int) else isinstance(failure, _UNSENT)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Returns the seconds of the header `Retry-After`, from either of its forms (RFC 9110); `None` if it is absent or not valid."""
    text = headers.get("retry-after")
    if not text:
        return None
    if text.strip().isdigit():
        return float(text)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(text).timestamp() - time.time())
    except (TypeError, ValueError):
        return None
