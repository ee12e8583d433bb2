"""Requests against the document: bytes in, a `Call` out, or an error that names the field and what would work.

Everything is compiled from the document at start-up; no constraint of an entity is written here.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes

import jsonschema_rs

from converters.errors import RefusedError
from converters.values import whole_number
from model_registry_proxy import deletion, explanations
from model_registry_proxy.contract import Contract, Described, JsonObject
from model_registry_proxy.entity_tags import Tags
from model_registry_proxy.errors import BadRequest, MethodNotAllowed, MissingField, NotFound
from model_registry_proxy.explanations import Spelled
from model_registry_proxy.json_bodies import read_json
from model_registry_proxy.spelling import Names, member_named

_FEW = 5
_PREFIX_SEGMENTS = len(["", "api", "model_registry", "v1alpha3"])
_WHOLE_NUMBER = re.compile("[+-]?[0-9]+")


class Call(NamedTuple):
    """A request that the document allows: path ids, decoded query parameters and the body with its defaults.

    `condition` is what a PATCH asks of the present version.
    """

    operation_id: str
    ids: tuple[int, ...]
    query: Mapping[str, Any]
    body: JsonObject
    condition: Tags | None = None


class BodyValidator:
    """Checks and completes bodies of one schema. A discriminator chooses the schema of the variant."""

    def __init__(self, contract: Contract, schema: JsonObject) -> None:
        self._contract = contract
        found = contract.discriminator(schema)
        self._discriminator, mapping = found or ("", {})
        variants = {value: {**schema, "allOf": [{"$ref": reference}]} for value, reference in mapping.items()}
        self._variants = {value: _Variant(contract, variant) for value, variant in (variants or {"": schema}).items()}

    def __call__(self, body: Any) -> JsonObject:
        """The body without its nulls and with defaults; raises `BadRequest` or `MissingField`.

        Null for the whole body lacks what is required, as the Go servers have it, and is refused all the same without.
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
    """One closed object schema with what is needed to explain a refusal."""

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
        if "id" not in body:  # which makes it an update, and an update resets nothing
            for name, value in self._defaults.items():
                body.setdefault(name, value)
        return body

    def _without_nulls(self, body: JsonObject) -> JsonObject:
        if None not in body.values():
            return body
        return {key: value for key, value in body.items() if value is not None or key not in self._known}

    def _respelled(self, sent: JsonObject) -> JsonObject:
        """A refused body with documented names in their documented spelling, where that makes it right; raises where not."""
        spelled: Spelled = {}
        body = self._without_nulls(self._names.documented(sent, spelled))
        if not spelled or not self._validator.is_valid(body):
            self._explain(body, spelled)
        return body

    def _explain(self, body: JsonObject, spelled: Spelled) -> None:
        """Raises for the first thing that is wrong: unknown fields, then types and enums, then what is missing."""
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
        # With a wrong part, the fields beside it count as unknown too: the reason is whatever else is wrong.
        of_the_whole.sort(key=lambda error: error.kind.name == "unevaluatedProperties")
        raise BadRequest(explanations.explain(self._contract, of_the_whole[0], spelled=spelled))

    def _first_error(self, body: JsonObject) -> jsonschema_rs.ValidationError:
        try:
            self._validator.validate(body)
        except jsonschema_rs.ValidationError as error:
            return error
        raise AssertionError


def _pruned(body: JsonObject) -> JsonObject:
    """A body with a few members of each part: all errors are found at once, and each takes time by the size of the whole."""
    few: JsonObject = {}
    for key, value in body.items():
        few[key] = dict(islice(value.items(), _FEW)) if isinstance(value, dict) else value
        few[key] = value[:_FEW] if isinstance(value, list) else few[key]
    return few


Decode = Callable[[str], Any]


def _query_decoder(contract: Contract, parameter: JsonObject) -> Decode:
    """Decodes and checks one query parameter by its schema; raises `BadRequest`."""
    name, schema = parameter["name"], parameter["schema"]
    validator = jsonschema_rs.Draft202012Validator(contract.standalone(schema))
    is_integer = contract.resolve(schema).get("type") == "integer"

    def decode(text: str) -> Any:
        value: Any = text
        if is_integer:
            value = _whole_number(text, name)
        for error in validator.iter_errors(value):
            raise BadRequest(explanations.explain(contract, error, place=name, root=schema))
        return value

    return decode


@dataclass(frozen=True, slots=True)
class Route:
    """One operation, ready to check requests."""

    described: Described
    query: Mapping[str, Decode]
    body: BodyValidator | None

    def call(self, ids: list[str], query_string: bytes, body: bytes, condition: Tags | None = None) -> Call:
        """The request as a `Call`; raises `BadRequest` or `MissingField`."""
        return Call(
            self.described.operation_id,
            tuple(_whole_number(text, "An id in the path") for text in ids),
            self._read_query(query_string) if query_string else {},
            self.body(read_json(body)) if self.body else {},
            condition,
        )

    def _read_query(self, query_string: bytes) -> dict[str, Any]:
        """The known parameters; of repeated ones the first counts. Unknown ones, and empty ones that may be, say nothing."""
        found: dict[str, Any] = {}
        for pair in query_string.split(b"&"):
            name, _, value = pair.partition(b"=")
            key = _decoded(name, "The query")
            if key in self.query and key not in found:
                found[key] = self.query[key](_decoded(value, key))
        return {key: value for key, value in found.items() if value != ""}


def _decoded(text: bytes, name: str) -> str:
    """A percent-decoded part of the query; raises `BadRequest` for what no client means."""
    if b"%" in text or b"+" in text:
        escapes = text.split(b"%")[1:]
        if any(len(escape) < 2 or not _is_hex(escape[:2]) for escape in escapes):  # noqa: PLR2004
            raise BadRequest(f"{name} has a percent sign without two hexadecimal digits; write %25 for a percent sign.")
        text = unquote_to_bytes(text.replace(b"+", b" "))
    try:
        decoded = text.decode()
    except UnicodeDecodeError:
        raise BadRequest(f"{name} is not UTF-8.") from None
    if "\0" in decoded:
        raise BadRequest(f"{name} holds a NUL character.")
    return decoded


def _is_hex(digits: bytes) -> bool:
    return all(digit in b"0123456789abcdefABCDEF" for digit in digits)


def _whole_number(text: str, name: str) -> int:
    if not _WHOLE_NUMBER.fullmatch(text):
        raise BadRequest(f"{name} must be a whole number; got {explanations.shown(text)}.")
    try:
        return whole_number(text, name)
    except RefusedError as error:
        raise BadRequest(str(error)) from None


class Router:
    """Finds the route for a method and a path below a prefix, by a tree of path segments. `None` stands for an id."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._trees: dict[str, dict[Any, Any]] = {}
        decoder_of: dict[int, Decode] = {}  # by the identity of the parameter, most of which are shared
        validator_of: dict[str, BodyValidator] = {}  # by the text of the schema: some operations take the same body
        for described in contract.operations:
            parameters = [parameter for parameter in described.parameters if parameter["in"] == "query"]
            for parameter in parameters:
                if id(parameter) not in decoder_of:
                    decoder_of[id(parameter)] = _query_decoder(contract, parameter)
            decoders = {parameter["name"]: decoder_of[id(parameter)] for parameter in parameters}
            body = None
            if described.body:
                text = str(described.body)
                body = validator_of.get(text) or validator_of.setdefault(text, BodyValidator(contract, described.body))
            route = Route(described, decoders, body)
            for prefix in described.prefixes:
                node = self._trees.setdefault(prefix, {})
                for segment in described.path.strip("/").split("/"):
                    node = node.setdefault(None if segment.startswith("{") else segment, {})
                node.setdefault("", {})[described.method] = route

    def _advice(self, method: str, methods: Mapping[str, Route]) -> str:
        """What to do instead of a method that a path does not take."""
        change = methods.get("PATCH")
        return deletion.instead(self._contract, change.described.body if change else None) if method == "DELETE" else ""

    @property
    def prefixes(self) -> list[str]:
        """The base paths."""
        return list(self._trees)

    def find(self, method: str, path: str) -> tuple[Route, list[str]]:
        """The route and the texts of the ids; raises `NotFound` or `MethodNotAllowed`."""
        segments = path.split("/")
        node = self._trees.get("/".join(segments[:_PREFIX_SEGMENTS]))
        ids: list[str] = []
        for segment in segments[_PREFIX_SEGMENTS:]:
            if node is None or not segment:
                node = None
                break
            if segment in node:
                node = node[segment]
            else:
                node = node.get(None)
                ids.append(segment)
        methods = (node or {}).get("")
        if not methods:
            raise NotFound(f"Nothing is served at {explanations.shortened(path)}; /docs lists the paths.")
        if method not in methods:
            raise MethodNotAllowed(method, ", ".join(sorted(methods)), self._advice(method, methods))
        return methods[method], ids
