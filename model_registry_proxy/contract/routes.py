"""Checks requests by their document: bytes become a `Call`, or an error that names the field and what would work.

All checks are compiled from the document at start-up.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes

import jsonschema_rs

from converters.errors import RefusedError
from converters.values import whole_number
from model_registry_proxy.contract import deletion, explanations
from model_registry_proxy.contract.body_schemas import BodyValidator
from model_registry_proxy.contract.document import Contract, Described, JsonObject
from model_registry_proxy.contract.entity_tags import Tags
from model_registry_proxy.contract.json_bodies import read_json
from model_registry_proxy.errors import BadRequest, MethodNotAllowed, NotFound

_WHOLE_NUMBER = re.compile("[+-]?[0-9]+")


class Call(NamedTuple):
    """A request that the document allows: the ids in its path, the decoded query parameters, and the body with its defaults.

    `condition`: the entity tags in `If-Match`; the entity must have one of them.
    """

    operation_id: str
    ids: tuple[int, ...]
    query: Mapping[str, Any]
    body: JsonObject
    condition: Tags | None = None


Decode = Callable[[str], Any]


def _query_decoder(contract: Contract, parameter: JsonObject) -> Decode:
    """A function that decodes and checks one query parameter by its schema, and raises `BadRequest`."""
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
    """One operation with what checks its requests: `query` has a decoder for each parameter, `contract` is its document."""

    contract: Contract
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
        """The known parameters. The first value of a repeated one counts; unknown ones and empty values are ignored."""
        found: dict[str, Any] = {}
        for pair in query_string.split(b"&"):
            name, _, value = pair.partition(b"=")
            key = _decoded(name, "The query")
            if key in self.query and key not in found:
                found[key] = self.query[key](_decoded(value, key))
        return {key: value for key, value in found.items() if value != ""}


def _decoded(text: bytes, name: str) -> str:
    """A part of the query, percent-decoded; raises `BadRequest` for broken escapes, bytes that are not UTF-8, and NUL."""
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
    """Finds the route of a method and a path, in a tree of path segments for each prefix. `None` stands for an id.

    Several documents may be served next to each other, each below prefixes of its own.
    """

    def __init__(self, *contracts: Contract) -> None:
        self._trees: dict[str, dict[Any, Any]] = {}
        for contract in contracts:
            self._add(contract)
        self._lengths = sorted({prefix.count("/") + 1 for prefix in self._trees}, reverse=True)

    def _add(self, contract: Contract) -> None:
        """Adds the routes of a document."""
        decoder_of: dict[int, Decode] = {}  # by the identity of the parameter: operations share most of them
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
            route = Route(contract, described, decoders, body)
            for prefix in described.prefixes:
                node = self._trees.setdefault(prefix.rstrip("/"), {})
                for segment in described.path.strip("/").split("/"):
                    node = node.setdefault(None if segment.startswith("{") else segment, {})
                node.setdefault("", {})[described.method] = route

    def _below_prefix(self, segments: list[str]) -> tuple[dict[Any, Any] | None, int]:
        """The tree of the longest prefix of a path, and the number of segments in the prefix."""
        for length in self._lengths:
            if tree := self._trees.get("/".join(segments[:length])):
                return tree, length
        return None, 0

    def _advice(self, method: str, methods: Mapping[str, Route]) -> str:
        """What to do instead of a method that a path does not have; empty if there is no advice."""
        if method != "DELETE":
            return ""
        any_route = next(iter(methods.values()))
        change = methods.get("PATCH")
        return deletion.instead(any_route.contract, change.described.body if change else None)

    @property
    def prefixes(self) -> list[str]:
        """The base paths of all operations."""
        return list(self._trees)

    def find(self, method: str, path: str) -> tuple[Route, list[str]]:
        """The route, and the ids in the path as they were sent; raises `NotFound` or `MethodNotAllowed`."""
        segments = path.split("/")
        node, length = self._below_prefix(segments)
        ids: list[str] = []
        for segment in segments[length:]:
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
