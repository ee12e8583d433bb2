"""The lock on the database file of an engine."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from model_registry_proxy.engine.file_lock import lock
from model_registry_proxy.engine.supervisor import EngineError

if TYPE_CHECKING:
    from pathlib import Path


def test_lock_refuses_a_second_holder_and_names_the_first(tmp_path: Path) -> None:
    file = tmp_path / "new folder" / "registry.db"
    with lock(file):
        with (
            pytest.raises(EngineError, match=rf"in use by another engine \(process {os.getpid()}\)") as caught,
            lock(file),
        ):
            pass
        assert str(file) in str(caught.value)
        assert "MR_DATABASE" in str(caught.value)
    with lock(file):
        pass
    assert (tmp_path / "new folder" / "registry.db.lock").exists()


def test_lock_in_a_place_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(EngineError, match="cannot be used") as caught, lock(tmp_path / "file" / "registry.db"):
        pass
    assert "\n" not in str(caught.value)
