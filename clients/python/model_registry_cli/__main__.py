"""The entry point of `mr`."""

import importlib.util
import sys

_NEEDED = ("typer", "rich", "yaml", "platformdirs", "plotille")


def main() -> None:
    """Runs `mr`. Without the extra `cli` it prints what to install and exits with 1."""
    if missing := [name for name in _NEEDED if importlib.util.find_spec(name) is None]:
        needed = ", ".join(missing)
        sys.exit(
            f"mr: {needed} must be installed for this: run pip install './clients/python[cli]' in a checkout of its repository"
        )
    try:
        importlib.import_module("model_registry_cli.application").run()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
