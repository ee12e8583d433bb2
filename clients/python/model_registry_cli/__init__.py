"""The command `mr`: a model registry from the shell. It uses `model_registry_client` and needs the extra `cli`.

This module and `catalogue.py` import nothing that only one command needs, so that `mr --help` is fast.
"""
