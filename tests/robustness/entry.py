"""The command `model-registry` with changes in its process: `python -m tests.robustness.entry proxy ...`.

`repair` repairs incomplete children however young they are; the variable `ROBUSTNESS_PLANT` names a bug to plant.
"""

import os
import sys

from model_registry_proxy import __main__
from model_registry_proxy.commands import repair
from tests.robustness.planted import BUGS


def main() -> None:
    """Plants the bug that the environment names, if any, and runs the command."""
    repair._IN_PROGRESS_MS = -(10**6)
    plant = os.environ.get("ROBUSTNESS_PLANT", "")
    if plant:
        BUGS[plant]()
    sys.argv[0] = "model-registry"
    __main__.main()


if __name__ == "__main__":
    main()
