"""Fixtures for the tests of the controller."""

from collections.abc import AsyncIterator

import pytest
from controller_support.world import World, world


@pytest.fixture
async def cluster() -> AsyncIterator[World]:
    """A world; its controller is not started."""
    async with world() as made:
        yield made
