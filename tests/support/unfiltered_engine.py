"""The embedded engine for tests, as `model-registry mlmd-server`, except that it refuses filters as MLMD 1.21 does.

python -m tests.support.unfiltered_engine DATABASE PORT
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from model_registry_proxy.engine import process
from model_registry_proxy.engine.database import StoreCall, open_store
from tests.support.no_filters import without_filters


@contextmanager
def _open(database: str, report: Callable[[str], None]) -> Iterator[dict[str, StoreCall]]:
    with open_store(database, report) as methods:
        yield without_filters(methods)


if __name__ == "__main__":
    process.open_store = _open  # type: ignore[attr-defined]
    process.serve_standalone(sys.argv[1], "127.0.0.1", int(sys.argv[2]))
