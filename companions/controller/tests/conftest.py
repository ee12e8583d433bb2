"""Fixtures for the tests of the controller."""

from collections.abc import AsyncIterator

import pytest
from controller_support.world import World, world
from model_registry_controller.queue import BackOff
from model_registry_controller.registries import pool


@pytest.fixture
async def cluster(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    """A world; its controller is not started. It finds out soon that a registry is back."""
    monkeypatch.setattr(pool, "_PROBES", BackOff(0.02, 0.1))
    async with world() as made:
        yield made
