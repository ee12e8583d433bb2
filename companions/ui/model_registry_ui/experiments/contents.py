"""Values of entities as contents of a comparison."""

import json
from collections.abc import Mapping
from enum import Enum
from typing import Any

from model_registry_ui.experiments.comparison import Content
from model_registry_ui.experiments.measurements import Measure

_EXACT = 2**53
"""Larger whole numbers are compared as texts, since a double cannot hold them."""


def of_measure(measure: Measure) -> Content:
    """Returns the content for a parameter or metric."""
    return Content(measure.text, measure.number)


def of_entity(fields: Mapping[str, Any]) -> dict[str, Content]:
    """Returns the contents for fields that have a value. A `Content` stays as it is."""
    return {name: _of_field(value) for name, value in fields.items() if value not in (None, "", [])}


def of_properties(properties: Mapping[str, Any]) -> dict[str, Content]:
    """Returns the contents for custom properties."""
    return {name: of_property(value) for name, value in properties.items()}


def of_property(value: Any) -> Content:
    """Returns the content for the value of a custom property. A label, which is an empty text, is shown as "label"."""
    match value:
        case bool():
            return Content("yes" if value else "no")
        case int():
            return Content(str(value), float(value) if abs(value) <= _EXACT else None)
        case float():
            return Content(repr(value), value)
        case "":
            return Content("label")
        case str():
            return Content(value)
        case Mapping():
            return Content(json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True))
    return Content("a value of another kind")


def _of_field(value: Any) -> Content:
    if isinstance(value, Content):
        return value
    return Content(str(value.value), is_state=True) if isinstance(value, Enum) else Content(str(value))
