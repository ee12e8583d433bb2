"""The command `mr-storage-initializer SRC DEST [SRC DEST ...]`."""

import ctypes
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from model_registry_storage_initializer import environment
from model_registry_storage_initializer.errors import Failure, one_line
from model_registry_storage_initializer.initializing import initialize
from model_registry_storage_initializer.settings import settings
from model_registry_storage_initializer.staging import PUBLISHING

USAGE = "Usage: mr-storage-initializer SRC DEST [SRC DEST ...]"
_SIGNALS = {signal.SIGTERM, signal.SIGINT}
_M_ARENA_MAX = -8
_PUBLICATION_SECONDS = 3.0
"""How long a signal waits for files that get their names at the moment."""
logger = logging.getLogger("model_registry_storage_initializer")


def run(arguments: Sequence[str]) -> int:
    """Fetches each source into its destination. Returns the exit status; after a failure the last line of the log is its cause."""
    if arguments and arguments[0] in {"-h", "--help"}:
        sys.stdout.write(f"{USAGE}\n")
        return 0
    _log()
    try:
        if len(arguments) < 2 or len(arguments) % 2:  # noqa: PLR2004 (pairs)
            raise Failure(f"A source and a destination are needed; got {len(arguments)} arguments", USAGE)  # noqa: TRY301
        variables = environment.read()
        chosen = settings(variables)
        for source, destination in zip(arguments[::2], arguments[1::2], strict=True):
            initialize(source, Path(destination), variables, chosen)
    except Failure as failure:
        logger.error("%s", failure)  # noqa: TRY400 (one line, for people)
        return 1
    except Exception as error:
        logger.exception("An unexpected error")
        logger.error("Unexpected error: %s: %s. Please report it.", type(error).__name__, one_line(str(error)))  # noqa: TRY400
        return 1
    return 0


def main() -> NoReturn:
    """Runs the command, and ends the process even if threads still wait for a server."""
    with suppress(OSError, AttributeError):  # glibc keeps memory for each thread otherwise: 15 MiB
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 2)
    signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    threading.Thread(target=_end_at_a_signal, name="signals", daemon=True).start()
    _end(run(sys.argv[1:]))


def _end_at_a_signal() -> NoReturn:
    """Waits for a signal in a thread of its own: the main thread may be inside a library that waits for a server."""
    number = signal.sigwait(_SIGNALS)
    PUBLISHING.acquire(timeout=_PUBLICATION_SECONDS)
    logger.error("Terminated before the files were complete. Start again: what was fetched is kept")
    _end(128 + number)


def _end(status: int) -> NoReturn:
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _log() -> None:
    formatter = logging.Formatter("%(asctime)sZ %(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    logger.handlers = [handler]
    logger.propagate = False
    logger.setLevel(os.environ.get("LOGLEVEL", "INFO").upper())


if __name__ == "__main__":
    main()
