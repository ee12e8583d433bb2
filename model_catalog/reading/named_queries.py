"""Named queries: filters that a sources file gives names.

They come in two forms: `{field: {operator, value}}` is for models, and `{assetType, filters: {...}}` says for what it is.
"""

from dataclasses import dataclass
from typing import Any

from model_catalog.entries import AssetType, JsonObject

from .checks import FieldError, checked, kind_of, mapping, one_of, text

_OPERATORS = ("=", "!=", "<>", ">", "<", ">=", "<=", "LIKE", "ILIKE", "IN", "NOT IN")
_WITH_LIST = ("IN", "NOT IN")


@dataclass(frozen=True, slots=True)
class GivenQuery:
    """A query as one file has it.

    Attributes:
        asset_type: What it filters; None if the file does not say so.
        filters: The condition of each field, as written.
    """

    asset_type: AssetType | None
    filters: dict[str, JsonObject]


def read_query(value: Any) -> GivenQuery:
    """A query of a file. Raises FieldError, whose text continues the name of the query."""
    if not isinstance(value, dict):
        raise FieldError(f"must be a mapping of fields to conditions, but is {kind_of(value)}")
    asset_type, filters = None, value
    if any(key.lower() == "filters" for key in value):
        rules = {"assetType": one_of(*AssetType), "filters": mapping}
        parts = checked(mapping(value), rules, "a query with filters")
        asset_type, filters = parts.get("assetType"), parts.get("filters", {})
    if not filters:
        raise FieldError('has no filter; write such as provider: {operator: "=", value: Acme}')
    return GivenQuery(
        AssetType(asset_type) if asset_type else None, {name: _condition(name, each) for name, each in filters.items()}
    )


def _condition(name: str, value: Any) -> JsonObject:
    try:
        parts = checked(mapping(value), {"operator": text, "value": lambda each: each}, "a condition")
    except FieldError as error:
        raise FieldError(f"{name[:60]}: {error}") from None
    operator = parts.get("operator")
    if operator is None or " ".join(operator.upper().split()) not in _OPERATORS:
        raise FieldError(
            f"{name[:60]}: the operator must be one of {', '.join(_OPERATORS)}, but is {kind_of(operator)}"
        )
    given = parts.get("value")
    if " ".join(operator.upper().split()) in _WITH_LIST:
        if not isinstance(given, list) or any(isinstance(each, list | dict) or each is None for each in given):
            raise FieldError(f"{name[:60]}: {operator} needs a list of values such as [a, b], but has {kind_of(given)}")
    elif given is None or isinstance(given, list | dict):
        raise FieldError(f"{name[:60]}: {operator} needs one value, but has {kind_of(given)}")
    return {"operator": operator, "value": given}
