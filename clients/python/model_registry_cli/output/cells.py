"""Formats one value for a cell of a table."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from model_registry_client import Entity, InferenceService, ModelVersion
from model_registry_client.entity import moment, on_wire

from model_registry_cli.output.plain import kind_of, plain
from model_registry_cli.references import References
from model_registry_cli.resources import REFERS_TO, Column, entity_named

LONGEST = 60
"""The most characters in a cell. JSON is not cut."""
STYLES = {
    "LIVE": "green",
    "DEPLOYED": "green",
    "FINISHED": "green",
    "RUNNING": "cyan",
    "SCHEDULED": "cyan",
    "ARCHIVED": "dim",
    "UNDEPLOYED": "dim",
    "KILLED": "yellow",
    "FAILED": "red",
}
DRIFT = " (drift)"
"""The end of a cell with what was seen, if something else is meant to run."""
_UNITS = ((86400 * 365, "y"), (86400, "d"), (3600, "h"), (60, "m"), (1, "s"))


def cell(column: Column, entity: Entity, references: References) -> tuple[str, str]:
    """Returns the text of a cell and its style."""
    shown = SHOWN[column.kind](column.field, entity, references)
    style = STYLES.get(shown, "") if column.kind == "state" else ""
    return printable(shown), "yellow" if column.kind == "seen" and shown.endswith(DRIFT) else style


def printable(text: str, longest: int | None = LONGEST) -> str:
    """Returns a text on one line, without control characters, cut to `longest` characters."""
    clean = "".join(letter if letter.isprintable() else " " for letter in text)
    return clean if longest is None or len(clean) <= longest else clean[: longest - 1] + "…"


def age(value: str | None) -> str:
    """Formats the age of a time of the API, such as `5m ago`. `value`: milliseconds since 1970-01-01 UTC, as text."""
    then = moment(value)
    return span(time.time() - then.timestamp()) + " ago" if then else ""


def span(seconds: float) -> str:
    """Formats a duration by its largest unit, such as `5m`."""
    for length, unit in _UNITS:
        if seconds >= length:
            return (
                f"{seconds / length:.0f}{unit}"
                if seconds >= 10 * length or length == 1
                else _two(seconds, length, unit)
            )
    return "0s"


def _two(seconds: float, length: int, unit: str) -> str:
    shorter, name = next(each for each in _UNITS if each[0] < length)
    rest = int(seconds % length // shorter)
    return f"{int(seconds // length)}{unit}{rest}{name}" if rest else f"{int(seconds // length)}{unit}"


def date(value: str | None) -> str:
    """Formats a time of the API (milliseconds since 1970-01-01 UTC, as text) as date and time in UTC."""
    then = moment(value)
    return then.strftime("%Y-%m-%d %H:%M:%SZ") if then else ""


def number(value: float | None) -> str:
    """Formats a number with at most six significant digits."""
    return "" if value is None else f"{value:.6g}"


def text(value: Any) -> str:
    """Formats any value as text."""
    value = on_wire("", value)
    return "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _content(entity: Entity) -> str:
    value = getattr(entity, "value", None)
    return text(value) if value is not None else text(getattr(entity, "uri", None))


def _duration(entity: Entity) -> str:
    begun = moment(getattr(entity, "start_time_since_epoch", None))
    ended = moment(getattr(entity, "end_time_since_epoch", None))
    if begun is None or (ended is None and getattr(entity, "status", None) != "RUNNING"):
        return ""
    return span(max(((ended or datetime.now(UTC)) - begun).total_seconds(), 0))


def _reference(field: str, entity: Entity, references: References) -> str:
    id_ = getattr(entity, field)
    return (references.name_of(entity_named(REFERS_TO[field]), id_) or f"id:{id_}") if id_ else ""


def _seen(_: str, entity: Entity, references: References) -> str:
    serve, has_drift = references.seen(entity) if isinstance(entity, InferenceService) else (None, False)
    if not serve:
        return ""
    version = references.name_of(ModelVersion, serve.model_version_id) or f"id:{serve.model_version_id}"
    return f"{text(serve.last_known_state)} {version}{DRIFT if has_drift else ''}"


def _properties(entity: Entity) -> str:
    return " ".join(f"{name}={text(value)}" for name, value in plain(entity)["customProperties"].items())


SHOWN: dict[str, Callable[[str, Entity, References], str]] = {
    "text": lambda field, entity, _: text(getattr(entity, field)),
    "state": lambda field, entity, _: text(getattr(entity, field)),
    "kind": lambda _, entity, __: kind_of(entity),
    "age": lambda field, entity, _: age(getattr(entity, field)),
    "moment": lambda field, entity, _: date(getattr(entity, field)),
    "number": lambda field, entity, _: number(getattr(entity, field)),
    "properties": lambda _, entity, __: _properties(entity),
    "content": lambda _, entity, __: _content(entity),
    "duration": lambda _, entity, __: _duration(entity),
    "reference": _reference,
    "seen": _seen,
    "version": lambda field, entity, references: _reference(field, entity, references) or "newest",
}
"""The function that formats a cell, by `Column.kind`."""
