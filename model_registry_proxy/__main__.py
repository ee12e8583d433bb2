"""The command `model-registry`; see `commands/application.py`."""

import gc


def main() -> None:
    """The entry point. What is loaded first stays for the life of the process, so no garbage collection visits it."""
    gc.disable()
    from model_registry_proxy.commands.application import main as run  # noqa: PLC0415 (this takes longest)

    gc.freeze()
    gc.enable()
    run()


if __name__ == "__main__":
    main()
