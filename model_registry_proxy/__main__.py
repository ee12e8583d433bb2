"""The command `model-registry`; see `commands/application.py`."""

from model_registry_proxy.commands.application import main

__all__ = ["main"]

if __name__ == "__main__":
    main()
