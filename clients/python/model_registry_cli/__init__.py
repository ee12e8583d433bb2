"""The command `mr`: a model registry from the shell. It stands on `model_registry_client` and the extra `cli`.

Nothing is imported here, nor in `catalogue.py`, that a command does not need: `mr --help` has to be there at once.
"""
