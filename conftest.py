"""Adds the option `--tier` for the tests of the server and of the Python client."""

pytest_plugins = ["tests.support.tiers"]
