"""The options of filters: which values texts have, and between which bounds numbers lie."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import orjson

from converters.filters.names import FieldKind, kind_of
from model_catalog.entries import JsonObject
from model_catalog.reading.settings import NamedQuery

from .columns import Column, Columns, json_list
from .fields import FieldTable

if TYPE_CHECKING:
    from .table import Table

_LONGEST, _MOST = 100, 50
_COLUMNS = ("id", "name", "externalId", "createTimeSinceEpoch", "lastUpdateTimeSinceEpoch", "uri")
_NOT_OFFERED = {
    "source_id",
    "logo",
    "licenseLink",
    "metricsType",
    "artifactType",
    "artifacts",
    "documentationUrl",
    "repositoryUrl",
    "sourceCode",
    "version",
    "endpoints",
    "runtimeMetadata",
    *_COLUMNS,
}
_CUSTOM_NOT_OFFERED = {"model_id"}
_NUMBERS = {"int_value": int, "double_value": float}


def options_of(table: "Table") -> Mapping[str, JsonObject]:
    """The options of all entries of a table, by the names that filters understand."""
    kind = table.kind
    found = _options("", kind.fields, [segment.columns for segment in table.segments], kind.offered)
    if parts := kind.fields.parts:
        found |= _options("artifacts.", parts, [segment.part_columns for segment in table.segments])
    return dict(sorted(found.items()))


def filter_options(options: Mapping[str, JsonObject], queries: Iterable[NamedQuery]) -> bytes:
    """The answer of a request for options as JSON, with the named queries of the kind of entries."""
    shown = {query.name: with_bounds(query.filters, options) for query in queries}
    return orjson.dumps({"filters": options, "namedQueries": shown}, option=orjson.OPT_SORT_KEYS)


def with_bounds(filters: Mapping[str, JsonObject], options: Mapping[str, JsonObject]) -> dict[str, JsonObject]:
    """The conditions of a named query, where the values `min` and `max` are the bounds of the option of this name."""
    return {name: _with_bound(given, options.get(name)) for name, given in filters.items()}


def _with_bound(given: JsonObject, option: JsonObject | None) -> JsonObject:
    value = given["value"]
    if option and "range" in option and value in ("min", "max"):
        return {**given, "value": option["range"][value]}
    return given


def _options(
    prefix: str, table: FieldTable, all_columns: Sequence[Columns], offered: Mapping[str, str] | None = None
) -> dict[str, JsonObject]:
    found: dict[str, JsonObject] = {}
    for field in table.fields:
        if table.is_parts or field.rest in _NOT_OFFERED or kind_of(field) not in {FieldKind.TEXT, FieldKind.TEXTS}:
            continue
        name = (offered or {}).get(field.rest, field.rest)
        values = _distinct(columns.fields.get(name) for columns in all_columns)
        _add(found, prefix + field.stored, _texts(_split(values)))
    for name in sorted({name for columns in all_columns for name in columns.customs} - _CUSTOM_NOT_OFFERED):
        pairs = _distinct(columns.customs.get(name) for columns in all_columns)
        lists = {pair: elements for pair in pairs if (elements := json_list(pair))}
        _add(found, f"{prefix}{name}.array_value", _texts(_split(lists.values())))
        _add(found, f"{prefix}{name}.string_value", _texts(v for k, v in pairs - set(lists) if k == "string_value"))
        for kind in _NUMBERS:
            _add(found, f"{prefix}{name}.{kind}", _range(kind, pairs))
    return found


def _add(found: dict[str, JsonObject], name: str, option: JsonObject | None) -> None:
    if option is not None:
        found[name] = option


def _distinct(columns: Iterable[Column | None]) -> set[Any]:
    return {value for column in columns if column for value in column.values[1:]}


def _split(values: Iterable[Any]) -> Iterable[str]:
    for value in values:
        if isinstance(value, tuple):
            yield from value
        else:
            yield value


def _texts(values: Iterable[str]) -> JsonObject | None:
    distinct = {value for value in values if value}
    if not distinct or len(distinct) >= _MOST or any(len(value) > _LONGEST for value in distinct):
        return None
    return {"type": "string", "values": sorted(distinct)}


def _range(kind: str, pairs: Iterable[tuple[str, Any]]) -> JsonObject | None:
    numbers = [_NUMBERS[kind](value) for own, value in pairs if own == kind]
    if not numbers:
        return None
    return {"type": "number", "range": {"min": min(numbers), "max": max(numbers)}}
