"""What the tests of the server and of the Python client share: the option `--tier`, and settings of the test process."""

from tests.support.tls_contexts import share_tls_contexts

pytest_plugins = ["tests.support.tiers"]


def pytest_configure() -> None:
    """Saves processor time in every test that speaks HTTP."""
    share_tls_contexts()
