"""A cache of compiled modules for the tests and for all servers that they start, whatever the environment says about bytecode.

The tests start some hundred Python processes. Each takes twice the processor time to start if it must compile its modules.
"""

import os
import sys
from pathlib import Path

_FOLDER = Path(sys.prefix) / "bytecode"


def share_bytecode() -> None:
    """Makes this process, and the processes that it starts, read and write one cache in the virtual environment."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = str(_FOLDER)
    sys.dont_write_bytecode, sys.pycache_prefix = False, str(_FOLDER)
