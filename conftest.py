"""What the tests of the server and of the Python client share: the option `--tier`, and settings of the test process."""

import os
import shutil
import tempfile
from pathlib import Path

from tests.support.bytecode import share_bytecode
from tests.support.patience import be_patient_over_http
from tests.support.processes import pass_by_http_proxies
from tests.support.tls_contexts import share_tls_contexts

pytest_plugins = ["tests.support.tiers"]

MEMORY = Path("/dev/shm")  # noqa: S108 (each run makes a folder of its own there)
_ENOUGH_BYTES = 4 * 2**30
_MOST_BYTES_IN_A_NAME = 32


def pytest_configure() -> None:
    """Prepares this process, and the servers that it starts."""
    share_bytecode()
    share_tls_contexts()
    pass_by_http_proxies()
    be_patient_over_http()
    _keep_stores_in_memory()


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Names bytes of some length by their argument: the name of a test must be the same in each process.

    An archive holds the time when it was made, so processes of pytest-xdist that make it in different seconds would disagree.
    """
    return argname if isinstance(val, bytes) and len(val) > _MOST_BYTES_IN_A_NAME else None


def _keep_stores_in_memory() -> None:
    """Puts all temporary files in memory if there is enough. Hundreds of tests would wait for the disk otherwise."""
    if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > _ENOUGH_BYTES:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))
        tempfile.tempdir = str(MEMORY)
