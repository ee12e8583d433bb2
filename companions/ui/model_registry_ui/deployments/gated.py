"""Versions whose serves the registry refuses: those of models that need a licence or a login at Hugging Face."""

from collections.abc import Mapping
from typing import Any

_GATES = ("hf_gated", "hf_private")


def gate_of(properties: Mapping[str, Any]) -> str:
    """Returns the custom property of a version because of which its serves are refused; an empty text if there is none."""
    return next((name for name in _GATES if str(properties.get(name, "")).lower() not in {"", "false"}), "")


def warning(name: str, properties: Mapping[str, Any]) -> str:
    """Returns a sentence about such a version; an empty text for every other one."""
    gate = gate_of(properties)
    return f"Serves of the version {name} are refused, since it has the property {gate}." if gate else ""
