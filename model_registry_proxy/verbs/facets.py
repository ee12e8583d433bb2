"""facets: which values the rows of a list have, and how often: what a filter can be made of."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from converters.entity import Entity
from converters.kinds import JsonObject
from model_registry_proxy.registry.request import Request
from model_registry_proxy.verbs.list import variants_of
from model_registry_proxy.verbs.scans import scan_for
from model_registry_proxy.verbs.sweeps import Sweep

_MOST_VALUES = 1000
"""The most values of a field, and the most names of custom properties, in an answer."""
_KIND, _TEXT = "artifactType", "string_value"


async def facets(request: Request, entity: type[Entity], query: Mapping[str, Any]) -> JsonObject:
    """Returns the values of the fields that are marked as facets, and the names and kinds of custom properties, with counts.

    It looks at as many of the newest rows as the scan limit says; `isComplete` says whether these were all. Raises `FilterError`.
    """
    variants = variants_of(entity, query)
    sweep = Sweep(request, scan_for(request, variants, {**query, "sortOrder": "DESC"}, None))
    fields = list(dict.fromkeys(field.rest for each in variants for field in each.fields.values() if field.is_facet))
    counted = _Counted([*fields, _KIND] if len(variants) > 1 else fields)
    async for page in sweep.pages():
        for _, row in page:
            counted.add(row)
    return {"count": counted.rows, "isComplete": sweep.is_complete, **counted.shown()}


class _Counted:
    """Counts the values of rows. `fields` are the JSON names of the fields that are looked at."""

    def __init__(self, fields: list[str]) -> None:
        self.rows = 0
        self._values: dict[str, Counter[str]] = {field: Counter() for field in fields}
        self._properties: Counter[str] = Counter()
        self._labels: Counter[str] = Counter()
        self._kinds: dict[str, Counter[str]] = {}

    def add(self, row: JsonObject) -> None:
        self.rows += 1
        for field, values in self._values.items():
            found = row.get(field, ())
            values.update(found if isinstance(found, list) else (found,) if found else ())
        for name, value in row["customProperties"].items():
            self._properties[name] += 1
            self._labels[name] += value.get(_TEXT) == ""
            self._kinds.setdefault(name, Counter())[value["metadataType"]] += 1

    def shown(self) -> JsonObject:
        fields = [
            {
                "name": field,
                "distinct": len(values),
                "values": [{"value": value, "count": count} for value, count in _frequent(values)],
            }
            for field, values in self._values.items()
        ]
        properties = [
            {
                "name": name,
                "count": count,
                "emptyTexts": self._labels[name],
                "kinds": [{"metadataType": kind, "count": number} for kind, number in _frequent(self._kinds[name])],
            }
            for name, count in _frequent(self._properties)
        ]
        return {"fields": fields, "customProperties": {"distinct": len(self._properties), "properties": properties}}


def _frequent(counter: Counter[str]) -> Iterator[tuple[str, int]]:
    """The values by their number, largest first, and then by the value itself."""
    ordered = sorted(counter.items(), key=lambda item: (-item[1], item[0]))
    yield from ordered[:_MOST_VALUES]
