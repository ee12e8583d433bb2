"""Optimistic concurrency: a change that reads, merges and writes is repeated when another process was quicker."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

from model_registry_proxy.mlmd.port import Conflict

Result = TypeVar("Result")

_ATTEMPTS = 20
_LONGEST_PAUSE = 0.01
"""Seconds before another attempt, so that two processes do not meet again and again."""


async def until_no_conflict(attempt: Callable[[], Awaitable[Result]]) -> Result:
    """Returns what `attempt` returns, which is repeated as long as it raises `Conflict`; raises the last `Conflict`."""
    for _ in range(_ATTEMPTS - 1):
        try:
            return await attempt()
        except Conflict:
            await asyncio.sleep(random.uniform(0, _LONGEST_PAUSE))  # noqa: S311 (no secret)
    return await attempt()
