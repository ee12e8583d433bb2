"""The grammar of queries as a table for people: on the page with help, and next to each field for a query."""

from collections.abc import Mapping

from model_registry_client.entities import ENTITIES
from model_registry_client.entity import Entity
from pydantic.alias_generators import to_camel

GRAMMAR = (
    ("and, or, not", "AND  OR  NOT  ( )", "NOT binds first, then AND"),
    ("compare", "=  !=  <  <=  >  >=", "numbers as numbers: 5, 5.0 and 5e0 are the same"),
    ("a part of a text", "LIKE  ILIKE", "% is any text, _ one character; ILIKE ignores capital letters"),
    ("one of several", 'IN ("ann", "bob")', ""),
    ("missing or there", "IS NULL  IS NOT NULL", ""),
    ("a field", "owner", "as it is spelled in the list below"),
    ("a custom property", "accuracy", "any name that is no field"),
    ("an odd name", "`team name`", "in backquotes, any character is possible"),
    ("a property named like a field", "custom_properties.owner", ""),
    ("only one kind of value", "accuracy.double_value", "also int_value, string_value, bool_value"),
    ("a text", '"fraud"', "a backslash stands before a quote in a text"),
)
"""What one wants to say, what one writes, and a remark."""
_NO_FIELDS = {"customProperties", "artifactType"}
FIELDS: Mapping[type[Entity], tuple[str, ...]] = {
    kind: tuple(sorted({to_camel(name) for name in kind.model_fields} - _NO_FIELDS)) for kind in ENTITIES
}
"""The fields of each kind of entity that a query can name."""
