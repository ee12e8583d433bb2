"""The lock on the database file of an engine: two engines on one file would destroy it."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
from typing import TYPE_CHECKING

from model_registry_proxy.engine.supervisor import EngineError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextlib.contextmanager
def lock(file: Path) -> Iterator[None]:
    """Lock the database file for this process; raise EngineError if another engine has it.

    The lock is on `<file>.lock`, which is never deleted: otherwise two engines could hold locks of one name.
    """
    path = file.with_name(file.name + ".lock")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        message = f"The database {file} cannot be used: {path}: {error.strerror}."
        raise EngineError(message) from None
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in (errno.EWOULDBLOCK, errno.EACCES):
                message = f"The database {file} cannot be locked: {error.strerror}."
                raise EngineError(message) from None
            holder = os.read(descriptor, 20).decode("ascii", "replace").strip() or "unknown"
            message = (
                f"The database {file} is in use by another engine (process {holder}). "
                "Stop that one, or choose another file with --database or MR_DATABASE."
            )
            raise EngineError(message) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)
