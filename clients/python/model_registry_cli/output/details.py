"""One entity in full, for people: a line for each field, with readable times and references."""

import json
from collections.abc import Iterator
from typing import Any

from model_registry_client import Entity

from model_registry_cli.output.cells import age, date, printable
from model_registry_cli.references import References
from model_registry_cli.resources import REFERS_TO, entity_named

Detail = tuple[str, str]
"""A label and its text, which may have several lines."""
PROPERTIES = "customProperties"


def of_entity(entity: Entity, content: dict[str, Any], references: References) -> list[Detail]:
    """Returns the details of an entity. `content`: its plain form."""
    names = {info.alias or name: name for name, info in type(entity).model_fields.items()}
    return list(
        _details(
            content, {alias: _words(names.get(alias, alias), value, references) for alias, value in content.items()}
        )
    )


def of_plain(content: dict[str, Any]) -> list[Detail]:
    """Returns the details of any other object."""
    return list(_details(content, {name: in_words(value) for name, value in content.items()}))


def in_words(value: Any) -> str:
    """Formats a plain value as text."""
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return ", ".join(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def lines(details: list[Detail]) -> Iterator[str]:
    """Yields the lines of details: labels in a column, without control characters."""
    width = max((len(printable(label, None)) for label, _ in details), default=0)
    for label, text in details:
        first, *more = [printable(line, None) for line in text.splitlines()] or [""]
        yield f"{printable(label, None):<{width}}  {first}".rstrip()
        yield from (f"{'':<{width}}  {line}".rstrip() for line in more)


def _details(content: dict[str, Any], words: dict[str, str]) -> Iterator[Detail]:
    yield from ((name, text) for name, text in words.items() if name != PROPERTIES)
    if content.get(PROPERTIES):
        yield PROPERTIES, ""
        yield from ((f"  {name}", in_words(value)) for name, value in content[PROPERTIES].items())


def _words(name: str, value: Any, references: References) -> str:
    if name in REFERS_TO:
        known = references.name_of(entity_named(REFERS_TO[name]), value)
        return f"{known} (id:{value})" if known else f"id:{value}"
    if name.endswith("_time_since_epoch") or name == "timestamp":
        return f"{date(value)} ({age(value)})" if date(value) else in_words(value)
    return in_words(value)
