"""The product's command with something changed in its process: `python -m tests.robustness.entry proxy ...`.

`repair` takes children for finished however young they are; and `ROBUSTNESS_PLANT` names a bug to plant.
"""

import os
import sys

from model_registry_proxy import __main__
from model_registry_proxy.commands import repair
from tests.robustness.planted import BUGS


def main() -> None:
    """Plants what the environment names, and runs the command."""
    repair._IN_PROGRESS_MS = -(10**6)
    plant = os.environ.get("ROBUSTNESS_PLANT", "")
    if plant:
        BUGS[plant]()
    sys.argv[0] = "model-registry"
    __main__.main()


if __name__ == "__main__":
    main()
