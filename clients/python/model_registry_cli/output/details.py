"""One entity in full, for people: a line per field, with times and references in words."""

import json
from collections.abc import Iterator
from typing import Any

from model_registry_client import Entity

from model_registry_cli.output.cells import age, date, printable
from model_registry_cli.references import References
from model_registry_cli.resources import REFERS_TO, entity_named

Detail = tuple[str, str]
"""A label and what it says, which may have several lines."""
PROPERTIES = "customProperties"


def of_entity(entity: Entity, told: dict[str, Any], references: References) -> list[Detail]:
    """The details of an entity. `told`: its plain form."""
    names = {info.alias or name: name for name, info in type(entity).model_fields.items()}
    return list(
        _details(told, {alias: _words(names.get(alias, alias), value, references) for alias, value in told.items()})
    )


def of_plain(told: dict[str, Any]) -> list[Detail]:
    """The details of anything else."""
    return list(_details(told, {name: in_words(value) for name, value in told.items()}))


def in_words(value: Any) -> str:
    """A plain value as text."""
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return ", ".join(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def lines(details: list[Detail]) -> Iterator[str]:
    """The lines of details: labels in a column, nothing that steers a terminal."""
    width = max((len(printable(label, None)) for label, _ in details), default=0)
    for label, told in details:
        first, *more = [printable(line, None) for line in told.splitlines()] or [""]
        yield f"{printable(label, None):<{width}}  {first}".rstrip()
        yield from (f"{'':<{width}}  {line}".rstrip() for line in more)


def _details(told: dict[str, Any], words: dict[str, str]) -> Iterator[Detail]:
    yield from ((name, text) for name, text in words.items() if name != PROPERTIES)
    if told.get(PROPERTIES):
        yield PROPERTIES, ""
        yield from ((f"  {name}", in_words(value)) for name, value in told[PROPERTIES].items())


def _words(name: str, value: Any, references: References) -> str:
    if name in REFERS_TO:
        known = references.name_of(entity_named(REFERS_TO[name]), value)
        return f"{known} (id:{value})" if known else f"id:{value}"
    if name.endswith("_time_since_epoch") or name == "timestamp":
        return f"{date(value)} ({age(value)})" if date(value) else in_words(value)
    return in_words(value)
