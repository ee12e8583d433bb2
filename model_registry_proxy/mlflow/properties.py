"""What MLflow knows of a model or version, in its custom properties: tags by their own names, facts by names of ours."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

import orjson

from converters.companion import COMPANION
from converters.errors import RefusedError
from converters.kinds import JsonObject
from converters.values import plain, struct_from_base64


class Fact(StrEnum):
    """A fact of MLflow that no field of ours holds, and the custom property that does."""

    SOURCE = "mlflow.source"
    RUN = "mlflow.run_id"
    RUN_LINK = "mlflow.run_link"
    LOGGED_MODEL = "mlflow.model_id"
    STAGE = "mlflow.stage"
    DELETED = "mlflow.deleted"


VERSION_NAME = "modelregistry.version_name"
"""The tag that shows the name of a version that is no number."""
_MOST_CHARACTERS = {"key": 250, "value": 100_000}
_RESERVED = {*Fact, VERSION_NAME, COMPANION}


def text_property(text: str) -> JsonObject:
    """Returns a custom property with a text."""
    return {"metadataType": "MetadataStringValue", "string_value": text}


def fact(row: JsonObject, which: str) -> str:
    """Returns the text of a custom property of a row; empty if it has none."""
    held = row["customProperties"].get(which)
    return _text_of(held) if held else ""


def tags_of(row: JsonObject) -> list[JsonObject]:
    """Returns the tags of a row. Values of other types are shown as text: `0.9`, `true`, JSON."""
    custom = row["customProperties"]
    return [{"key": key, "value": _text_of(value)} for key, value in custom.items() if key not in _RESERVED]


def from_tags(tags: Iterable[JsonObject]) -> dict[str, JsonObject]:
    """Returns the custom properties for tags; the last one of a name counts. Raises `RefusedError`."""
    return {checked(tag["key"], tag.get("value", "")): text_property(tag.get("value", "")) for tag in tags}


def checked(key: str, value: str = "") -> str:
    """Returns the name of a tag; raises `RefusedError` for one that is too long, or that this server keeps for itself."""
    for what, text in (("key", key), ("value", value)):
        if len(text) > (most := _MOST_CHARACTERS[what]):
            raise RefusedError(f"'{what}' exceeds the maximum length of {most} characters")
    if key in _RESERVED:
        raise RefusedError(f"The tag {key!r} is reserved: this server keeps what it shows in other fields there.")
    return key


def _text_of(value: Mapping[str, Any]) -> str:
    match value:
        case {"string_value": text} | {"int_value": text}:
            return str(text)
        case {"bool_value": truth}:
            return "true" if truth else "false"
        case {"double_value": number}:
            return orjson.dumps(number).decode()
        case {"struct_value": encoded}:
            struct = plain(struct_from_base64(encoded, ""))
            return orjson.dumps(struct).decode()
    return ""
