"""Free space at the destination, checked before anything is fetched."""

import shutil
from pathlib import Path

from model_registry_storage_initializer.errors import Failure
from model_registry_storage_initializer.progress import size_text


def require(folder: Path, size: int, what: str) -> None:
    """Raises `Failure` if a file system has less than `size` bytes left. `what` names what needs them."""
    free = shutil.disk_usage(folder).free
    if size > free:
        raise Failure(
            f"{what} needs {size_text(size)}, and {folder} has {size_text(free)} left",
            "Give the pod a larger volume or ephemeral storage, or limit the files by STORAGE_ALLOW_PATTERNS.",
        )
