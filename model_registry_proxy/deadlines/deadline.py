"""The deadline of a request: one time for all its calls and retries, which a client may set earlier.

Times are those of `time.monotonic`. The deadline is in a context variable. A call that several requests share has their latest
deadline, so that a client with little time does not end it for the others.
"""

import math
import re
import time
from contextvars import ContextVar

from model_registry_proxy.errors import BadRequest

deadline: ContextVar[float] = ContextVar("deadline", default=math.inf)
"""When the work of this task must end."""

_SECONDS = re.compile(rb"[0-9]{1,8}(\.[0-9]{1,9})?")
_GRPC_TIMEOUT = re.compile(rb"([0-9]{1,8})([HMSmun])")
_UNITS = {b"H": 3600.0, b"M": 60.0, b"S": 1.0, b"m": 1e-3, b"u": 1e-6, b"n": 1e-9}


def seconds_left() -> float:
    """Seconds until the deadline; below 0 when it has passed, infinite without one."""
    return deadline.get() - time.monotonic()


def _from_seconds(value: bytes) -> float:
    if not _SECONDS.fullmatch(value) or not (seconds := float(value)):
        raise BadRequest("X-Request-Timeout must be a number of seconds above 0, such as 2.5.")
    return seconds


def _from_grpc_timeout(value: bytes) -> float:
    found = _GRPC_TIMEOUT.fullmatch(value)
    if not found or not (amount := int(found[1])):
        raise BadRequest(
            "grpc-timeout must be a whole number above 0 with one of the units H, M, S, m, u, n: 500m is 0.5 s."
        )
    return amount * _UNITS[found[2]]


HEADERS = {b"x-request-timeout": _from_seconds, b"grpc-timeout": _from_grpc_timeout}
"""The request headers that say how long a client will wait, and how each becomes seconds; they raise `BadRequest`."""
