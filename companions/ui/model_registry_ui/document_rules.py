"""The rules of a form's fields, read from the OpenAPI document of the server, so that form and server agree."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Document = Mapping[str, Any]
_MOST_LEVELS = 20
_NULL = "null"


@dataclass(frozen=True, slots=True)
class FieldRules:
    """What a field may hold.

    Attributes:
        name: The name in JSON.
        type: The type in JSON, such as `string`; empty if the document does not say one.
        is_required: Whether it must have a value.
        shortest: The fewest characters.
        longest: The most bytes of UTF-8. The server counts bytes for names and external ids.
        choices: The values that it may have; empty for any.
        preset: The value of an entity that is created without one.
        description: What it is, for people.
        patterns: Regular expressions that must match, each with what to say if it does not.
    """

    name: str
    type: str = ""
    is_required: bool = False
    shortest: int = 0
    longest: int | None = None
    choices: tuple[str, ...] = ()
    preset: str = ""
    description: str = ""
    patterns: tuple[tuple[str, str], ...] = ()

    def problem(self, text: str, *, prefix: int = 0) -> str | None:
        """Returns why the server would refuse a text, as a sentence without subject; `None` if it would not.

        Args:
            text: The text as typed. An empty text counts as no value.
            prefix: The number of bytes that the server puts before it, such as the parent's id and a colon.
        """
        if not text:
            return "must have a value" if self.is_required else None
        if self.choices and text not in self.choices:
            return f"must be one of: {', '.join(self.choices)}"
        if len(text) < self.shortest:
            return f"must have at least {self.shortest} characters"
        size = len(text.encode(errors="replace")) + prefix
        if self.longest is not None and size > self.longest:
            return f"is too long by {size - self.longest} bytes; {self.longest - prefix} are possible"
        return next((why for pattern, why in self.patterns if not re.search(_for_python(pattern), text)), None)


def fields_of(document: Document, schema: str) -> dict[str, FieldRules]:
    """Returns the rules of the fields of a schema such as `RegisteredModelCreate`, by JSON name. Without such a schema: none."""
    parts = list(_parts(document, {"$ref": f"#/components/schemas/{schema}"}))
    required = {name for part in parts for name in _list(part.get("required"))}
    written: dict[str, list[Document]] = {}
    for part in parts:
        for name, rule in _mapping(part.get("properties")).items():
            written.setdefault(name, []).extend(_parts(document, rule))
    return {name: _rules(name, rules, is_required=name in required) for name, rules in written.items()}


def _parts(document: Document, schema: Any, level: int = 0) -> Iterator[Document]:
    """All schemas that apply at the same time: the schema itself, what it refers to, and what its `allOf` holds."""
    if not isinstance(schema, Mapping) or level > _MOST_LEVELS:
        return
    if isinstance(reference := schema.get("$ref"), str):
        yield from _parts(document, _referred(document, reference), level + 1)
    for one in _list(schema.get("allOf")):
        yield from _parts(document, one, level + 1)
    yield schema


def _referred(document: Document, reference: str) -> Any:
    found: Any = document
    for step in reference.removeprefix("#/").split("/"):
        found = _mapping(found).get(step.replace("~1", "/").replace("~0", "~"))
    return found


def _rules(name: str, parts: list[Document], *, is_required: bool) -> FieldRules:
    """Joins rules that apply at the same time: the strictest limit, and the last word for texts, which is the most special one."""
    types = [one for part in parts for one in _types(part.get("type")) if one != _NULL]
    limits = [part["maxLength"] for part in parts if isinstance(part.get("maxLength"), int)]
    enums = [part["enum"] for part in parts if isinstance(part.get("enum"), list)]
    return FieldRules(
        name,
        type=types[-1] if types else "",
        is_required=is_required,
        shortest=max((part["minLength"] for part in parts if isinstance(part.get("minLength"), int)), default=0),
        longest=min(limits, default=None),
        choices=tuple(str(one) for one in enums[-1] if one is not None) if enums else (),
        preset=next((str(part["default"]) for part in reversed(parts) if part.get("default") is not None), ""),
        description=next((part["description"] for part in reversed(parts) if part.get("description")), ""),
        patterns=tuple(dict.fromkeys(_pattern(part) for part in parts if _is_readable(part.get("pattern")))),
    )


def _pattern(part: Document) -> tuple[str, str]:
    return part["pattern"], str(part.get("x-explained", f"must match {part['pattern']}"))


def _is_readable(pattern: Any) -> bool:
    try:
        return isinstance(pattern, str) and bool(re.compile(_for_python(pattern)))
    except re.error:
        return False


def _for_python(pattern: str) -> str:
    r"""The pattern with `\Z` for a `$` at its end: in Python `$` also matches before a last line feed."""
    return pattern[:-1] + r"\Z" if pattern.endswith("$") and not pattern.endswith(r"\$") else pattern


def _types(written: Any) -> list[str]:
    return [written] if isinstance(written, str) else [one for one in _list(written) if isinstance(one, str)]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
