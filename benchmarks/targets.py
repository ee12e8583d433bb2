"""The target figures, with one worker: the proxy's rate as a multiple of the naive client's rate in the same run.

"get" on the embedded engine also has a target as a share of the rate of "noop".
"""

from collections.abc import Mapping

from benchmarks.stores import Store

Ratios = Mapping[str, float]

TARGETS: Mapping[tuple[Store, int], Ratios] = {
    (Store.SQLITE, 32): {
        "get": 4,
        "find": 10,
        "list 100": 1.5,
        "50 versions": 1.5,
        "list with filter": 1.2,
        "create model": 7,
        "patch": 8,
        "create version": 10,
        "create artifact": 7,
        "run with 10 metrics": 10,
        "register_model": 5,
    },
    (Store.SQLITE, 1): {
        "get": 0.8,
        "find": 2,
        "list 100": 0.8,
        "50 versions": 0.8,
        "list with filter": 0.8,
        "create model": 1,
        "patch": 1.5,
        "create version": 1.3,
        "create artifact": 1.7,
        "run with 10 metrics": 4,
        "register_model": 1.5,
    },
    (Store.MYSQL_PER_RPC, 32): {
        "get": 12,
        "find": 12,
        "list 100": 2,
        "50 versions": 2,
        "list with filter": 2,
        "create model": 8,
        "patch": 10,
        "create version": 12,
        "create artifact": 12,
        "run with 10 metrics": 15,
        "register_model": 6,
    },
    (Store.GOOGLE_MYSQL, 32): {
        "get": 5,
        "find": 6,
        "list 100": 1.5,
        "50 versions": 1.5,
        "list with filter": 1.5,
        "create model": 3.5,
        "patch": 6,
        "create version": 6,
        "create artifact": 8,
        "run with 10 metrics": 12,
        "register_model": 4,
    },
    (Store.GOOGLE_MYSQL, 1): {
        "get": 1,
        "find": 1.3,
        "list 100": 1,
        "50 versions": 1,
        "list with filter": 1,
        "create model": 1,
        "patch": 1.8,
        "create version": 1.5,
        "create artifact": 2.2,
        "run with 10 metrics": 4,
        "register_model": 1.5,
    },
}

NOOP_SHARES: Mapping[tuple[Store, int, str], float] = {(Store.SQLITE, 32, "get"): 0.5}

GROWTH_OF_LOOKUPS = 1.5
"""The most that the p50 of a get, find or create on a large store may be, as a multiple of that on the smallest store."""
GROWTH_OF_LISTS = 2.0
MOST_MIB = 90.0
"""The most resident memory of a worker after load, in MiB."""
MOST_START_SECONDS = 1.5


def target(store: str, connections: int, operation: str) -> float | None:
    """The target as a multiple of the rate of "naive"; `None` if there is none."""
    return TARGETS.get((Store(store), connections), {}).get(operation) if store in set(Store) else None


def noop_share(store: str, connections: int, operation: str) -> float | None:
    """The target as a share of the rate of "noop"; `None` if there is none."""
    return NOOP_SHARES.get((Store(store), connections, operation)) if store in set(Store) else None
