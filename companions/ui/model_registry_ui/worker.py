"""Work that takes long for large values: in one of two threads, so that it does not hold up the pages of other users."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from model_registry_ui.backend import Unreachable

SMALL = 65_536
"""Bytes that are worked on at once, since changing the thread would take longer."""
LARGE = 2**18
"""Bytes of answers of the registry that are read, and made into a page, in a thread. A list of usual rows has fewer."""
_SECONDS = 5.0
_THREADS = ThreadPoolExecutor(max_workers=2, thread_name_prefix="forms")
P = ParamSpec("P")
T = TypeVar("T")


async def apart(size: int, work: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """Returns the result of work on values of `size` bytes; in a thread if they are many.

    Raises:
        Unreachable: It takes too long, because it is much or because others wait too.
    """
    return await in_thread(size > SMALL, work, *arguments, **named)


async def in_thread(is_long: bool, work: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:  # noqa: FBT001
    """Returns the result of work; in a thread if it is long. Raises `Unreachable` as `apart` does."""
    if not is_long:
        return work(*arguments, **named)
    begun = asyncio.get_running_loop().run_in_executor(_THREADS, partial(work, *arguments, **named))
    try:
        async with asyncio.timeout(_SECONDS):
            return await begun
    except TimeoutError:
        raise Unreachable("This is large, and the server is too busy for it now.") from None
