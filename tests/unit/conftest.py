"""Unit tests take the same examples in every run, and may put the clock forward."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.support.clock import Clock

settings.register_profile(
    "same-every-time",
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
settings.load_profile("same-every-time")


@pytest.fixture
def clock() -> Iterator[Clock]:
    """A clock that a test puts forward."""
    with pytest.MonkeyPatch.context() as patch:
        yield Clock(patch)
