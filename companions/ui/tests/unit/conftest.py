"""What the unit tests of the UI share: they do not depend on the speed of the machine."""

import dataclasses

import pytest
from model_registry_ui import api, markdown, options, worker
from model_registry_ui.experiments import small_curves

_PATIENT_SECONDS = 120.0


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages wait long for the registry and for work in threads. A test that is about a limit sets it."""
    monkeypatch.setattr(api, "SECONDS", str(_PATIENT_SECONDS))
    monkeypatch.setattr(markdown, "_SECONDS", _PATIENT_SECONDS)
    monkeypatch.setattr(worker, "_SECONDS", _PATIENT_SECONDS)
    monkeypatch.setattr(small_curves, "WAIT_SECONDS", _PATIENT_SECONDS)
    defaults = tuple(
        _PATIENT_SECONDS if field.name == "page_seconds" else default
        for field, default in zip(
            dataclasses.fields(options.Options), options.Options.__init__.__defaults__ or (), strict=True
        )
    )
    monkeypatch.setattr(options.Options.__init__, "__defaults__", defaults)
