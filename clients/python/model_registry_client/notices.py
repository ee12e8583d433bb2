"""The warnings of this package. They point to the line of the program that called it."""

import sys
import warnings
from collections.abc import Mapping
from typing import Any

_PACKAGES = ("model_registry_client", "model_registry_cli")
READABLE = range(-999_999_999, 1_000_000_000)
"""The whole numbers that Kubeflow's newest Python client (model-registry 0.3.18) reads: its pattern is `-?([1-9][0-9]{0,8}|0)`."""


class NotLoggedWarning(UserWarning):
    """A value of a run cannot be stored, so it is left out. The message names it, its step and the reason."""


class LargeIntegerWarning(UserWarning):
    """A custom property holds a whole number that Kubeflow's newest Python client cannot read."""


def warn(message: str, category: type[Warning]) -> None:
    """Issues a warning that points to the first line outside of this package in the call stack."""
    level, frame = 1, sys._getframe()  # noqa: SLF001 (before 3.12, warnings cannot skip the frames of a package)
    while frame.f_back and str(frame.f_globals.get("__name__")).partition(".")[0] in _PACKAGES:
        level, frame = level + 1, frame.f_back
    warnings.warn(message, category, stacklevel=level)


def large_integers(sent: Mapping[str, Any]) -> dict[str, int]:
    """Returns the whole numbers that Kubeflow's newest client cannot read, by the name of the custom property. `sent`: JSON."""
    properties = sent.get("customProperties")
    held = properties.items() if isinstance(properties, Mapping) else ()
    numbers = {name: _whole(value) for name, value in held if isinstance(value, Mapping)}
    return {name: number for name, number in numbers.items() if number not in READABLE}


def warn_of_large_integers(words: str, sent: Mapping[str, Any]) -> None:
    """Issues one warning if the JSON to be sent holds such numbers. `words`: what the entity is called."""
    if found := large_integers(sent):
        large = ", ".join(f"{name} = {number}" for name, number in found.items())
        warn(
            f"Whole numbers of more than 9 digits in the custom properties of the {words}: {large}. Kubeflow's newest Python client"
            " cannot read them, and fails on every list that holds one. Write them as text where that client is used, or start the"
            " server with --client-safe-integers.",
            LargeIntegerWarning,
        )


def _whole(value: Mapping[str, Any]) -> int:
    try:
        return int(value.get("int_value", 0))
    except (TypeError, ValueError):
        return 0
