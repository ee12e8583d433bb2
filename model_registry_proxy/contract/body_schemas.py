"""Checks and completes the JSON bodies of requests by the schemas of the document."""

from functools import cached_property
from itertools import islice
from typing import Any

import jsonschema_rs

from model_registry_proxy.contract import explanations
from model_registry_proxy.contract.document import Contract, JsonObject
from model_registry_proxy.contract.explanations import Spelled
from model_registry_proxy.contract.spelling import Names, member_named
from model_registry_proxy.errors import BadRequest, MissingField

_FEW = 5
"""The number of members of each part of a body that are checked for an error message."""


class BodyValidator:
    """Checks and completes bodies of one schema. A discriminator chooses the schema of the variant."""

    def __init__(self, contract: Contract, schema: JsonObject) -> None:
        self._contract = contract
        found = contract.discriminator(schema)
        self._discriminator, mapping = found or ("", {})
        variants = {value: {**schema, "allOf": [{"$ref": reference}]} for value, reference in mapping.items()}
        self._variants = {value: _Variant(contract, variant) for value, variant in (variants or {"": schema}).items()}

    def __call__(self, body: Any) -> JsonObject:
        """Returns the body without null members and with defaults; raises `BadRequest` or `MissingField`.

        The body `null` lacks all required fields, as in the Go servers; it is refused even if no field is required.
        """
        if body is None:
            self._variant({}).check({})
        if not isinstance(body, dict):
            raise BadRequest(f"The body must be a JSON object; got {explanations.shown(body)}.")
        return self._variant(body).check(body)

    def _variant(self, body: JsonObject) -> "_Variant":
        name = self._discriminator
        if not name:
            return self._variants[""]
        value = member_named(body, name)
        if isinstance(value, str) and value in self._variants:
            return self._variants[value]
        got = "it is missing" if value is None else f"got {explanations.shown(value)}"
        raise BadRequest(f"{name} must be one of {', '.join(self._variants)}; {got}.")


class _Variant:
    """One closed object schema, with what the error messages about it need."""

    def __init__(self, contract: Contract, schema: JsonObject) -> None:
        self._contract = contract
        self._schema = schema
        self._validator = jsonschema_rs.Draft202012Validator(contract.standalone(schema))
        branches = list(contract.branches(schema))
        self._known = {name for branch in branches for name in branch.get("properties", {})}
        self._required = list(dict.fromkeys(name for branch in branches for name in branch.get("required", ())))
        self._defaults = {
            name: schema["default"]
            for branch in branches
            for name, schema in branch.get("properties", {}).items()
            if "default" in schema
        }

    @cached_property
    def _names(self) -> Names:
        return Names(self._contract, self._schema)

    def check(self, sent: JsonObject) -> JsonObject:
        body = self._without_nulls(sent)
        if not self._validator.is_valid(body):
            body = self._respelled(sent)
        if "id" not in body:  # with an id it is an update, and an update must not reset fields to their defaults
            for name, value in self._defaults.items():
                body.setdefault(name, value)
        return body

    def _without_nulls(self, body: JsonObject) -> JsonObject:
        if None not in body.values():
            return body
        return {key: value for key, value in body.items() if value is not None or key not in self._known}

    def _respelled(self, sent: JsonObject) -> JsonObject:
        """A refused body with its names in their documented spelling, if it is valid then; else raises."""
        spelled: Spelled = {}
        body = self._without_nulls(self._names.documented(sent, spelled))
        if not spelled or not self._validator.is_valid(body):
            self._explain(body, spelled)
        return body

    def _explain(self, body: JsonObject, spelled: Spelled) -> None:
        """Raises the first error: unknown fields come first, then wrong types and enums, then missing fields."""
        for name in body:
            if name not in self._known:
                raise BadRequest(f'json: unknown field "{explanations.shortened(name)}"')
        missing = next((name for name in self._required if body.get(name) in (None, "")), None)
        first = self._first_error(body)
        if first.instance_path and not (list(first.instance_path) == [missing] and first.instance == ""):
            raise BadRequest(explanations.explain(self._contract, first, spelled=spelled))
        errors = (
            error
            for error in self._validator.iter_errors(_pruned(body))
            if not (list(error.instance_path) == [missing] and error.instance == "")
        )
        of_the_whole: list[jsonschema_rs.ValidationError] = []
        for error in errors:
            if error.instance_path:
                raise BadRequest(explanations.explain(self._contract, error, spelled=spelled))
            of_the_whole.append(error)
        if missing:
            raise MissingField(missing)
        # If a part is wrong, the fields next to it count as unknown too: the real reason is any other error.
        of_the_whole.sort(key=lambda error: error.kind.name == "unevaluatedProperties")
        raise BadRequest(explanations.explain(self._contract, of_the_whole[0], spelled=spelled))

    def _first_error(self, body: JsonObject) -> jsonschema_rs.ValidationError:
        try:
            self._validator.validate(body)
        except jsonschema_rs.ValidationError as error:
            return error
        raise AssertionError


def _pruned(body: JsonObject) -> JsonObject:
    """A body with at most `_FEW` members of each part: the validator finds all errors, each in time by the size of the body."""
    few: JsonObject = {}
    for key, value in body.items():
        few[key] = dict(islice(value.items(), _FEW)) if isinstance(value, dict) else value
        few[key] = value[:_FEW] if isinstance(value, list) else few[key]
    return few
