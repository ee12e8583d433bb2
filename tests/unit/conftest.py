"""A clock that unit tests may put forward."""

from collections.abc import Iterator

import pytest

from tests.support.clock import Clock


@pytest.fixture
def clock() -> Iterator[Clock]:
    """A clock that a test puts forward."""
    with pytest.MonkeyPatch.context() as patch:
        yield Clock(patch)
