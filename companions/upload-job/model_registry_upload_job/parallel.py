"""Several transfers at once. The first failure, or a signal, ends all of them without waiting."""

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from typing import TypeVar

T = TypeVar("T")


def run_all(actions: Sequence[Callable[[], T]], at_once: int, stop: Callable[[], None]) -> list[T]:
    """Runs actions in threads. Returns their results in order.

    Args:
        actions: What is called.
        at_once: The number of threads.
        stop: Called after the first failure. It lets the actions that still run end soon.

    Raises:
        Exception: The first failure.
    """
    pool = ThreadPoolExecutor(at_once)
    try:
        futures = [pool.submit(action) for action in actions]
        done, _ = wait(futures, return_when=FIRST_EXCEPTION)
        for future in done:  # the failed ones are among them
            future.result()
        return [future.result() for future in futures]
    except BaseException:
        stop()
        raise
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
