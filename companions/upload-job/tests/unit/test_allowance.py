"""The bound on memory that transfers share."""

import threading
from concurrent.futures import ThreadPoolExecutor

from model_registry_upload_job.allowance import Allowance


def test_threads_never_hold_more_than_there_is_and_a_larger_wish_gets_all() -> None:
    allowance, lock = Allowance(10), threading.Lock()
    held, most = 0, 0

    def hold(size: int) -> None:
        nonlocal held, most
        with allowance.taking(size):
            with lock:
                held += min(size, 10)
                most = max(most, held)
            with lock:
                held -= min(size, 10)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(hold, [1, 4, 9, 25] * 50))
    assert (held, most) == (0, 10)
