"""Numbers of versions: MLflow knows versions by whole numbers, Kubeflow's REST API by names.

A version whose name is a whole number has this number. Any other has a number made from its id, far above all numbers that are
counted up. Numbers are never used twice, since no version is ever removed from the store.
"""

import re

from converters.entities import ModelVersion
from converters.kinds import JsonObject
from model_registry_proxy.errors import BadRequest

MODEL_ID = ModelVersion.parent_id or ""
"""The field of a version with the id of its model."""
FIRST_OF_IDS = 10**9
"""A version without a number of its own has this number and its id."""
_NUMBER = re.compile("[1-9][0-9]{0,8}")
_WHOLE = re.compile("[0-9]{1,19}")


def own_number(name: str) -> int | None:
    """Returns the number that a version has by its name; `None` if the name is none."""
    return int(name) if _NUMBER.fullmatch(name) else None


def number_of(row: JsonObject) -> int:
    """Returns the number of a version."""
    return own_number(row["name"]) or FIRST_OF_IDS + int(row["id"])


def read_number(text: str) -> int:
    """Returns the number that a client has sent; raises `BadRequest`."""
    if not _WHOLE.fullmatch(text):
        raise BadRequest(f"Parameter 'version' must be an integer, got {text!r}.")
    return int(text)


def is_numbered(row: JsonObject) -> bool:
    """Returns whether the name of a version is its number."""
    return own_number(row["name"]) is not None
