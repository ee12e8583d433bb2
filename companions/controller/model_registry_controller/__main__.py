"""The entry point of `model-registry-controller`."""

import sys


def main() -> None:
    """Runs the controller with the arguments of the process, and exits with its status."""
    from model_registry_controller.command import run  # noqa: PLC0415 (its imports take long)

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
