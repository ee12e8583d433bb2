"""Checks requests by their document: bytes become a `Call`, or an error that names the field and what would work.

All checks are compiled from the document at start-up.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes

from model_registry_proxy.contract import deletion, explanations
from model_registry_proxy.contract.body_schemas import BodyValidator
from model_registry_proxy.contract.document import Contract, Described, JsonObject
from model_registry_proxy.contract.entity_tags import Tags
from model_registry_proxy.contract.idempotency_keys import IdempotencyKey
from model_registry_proxy.contract.json_bodies import read_json
from model_registry_proxy.contract.paths import PathTree
from model_registry_proxy.contract.queries import (
    Parameter,
    Parameters,
    as_text,
    parameter,
    read_query,
    read_whole_number,
    unknown_parameters,
)
from model_registry_proxy.contract.uploads import Form
from model_registry_proxy.errors import MethodNotAllowed, UnknownPath


class Call(NamedTuple):
    """A request that the document allows: the ids in its path, the decoded query parameters, and the body with its defaults.

    `condition`: the entity tags in `If-Match`; the entity must have one of them. `texts`: the parameters of the path that are
    no ids. The body of a form has the content of each file, as bytes. `key` makes a repetition of a create find the first one.
    """

    operation_id: str
    ids: tuple[int, ...]
    query: Mapping[str, Any]
    body: JsonObject
    condition: Tags | None = None
    texts: tuple[str, ...] = ()
    key: IdempotencyKey | None = None


@dataclass(frozen=True)
class Route:
    """One operation with what checks its requests. `contract` is its document.

    `query` has what reads each parameter. `body` checks a body of JSON, `form` reads one of files. `are_ids` says for each
    parameter of the path whether it is an id, which is a whole number, or a text. `unknown` reads other parameters of the query.
    """

    contract: Contract
    described: Described
    query: Parameters
    body: BodyValidator | None
    form: Form | None
    are_ids: tuple[bool, ...]
    unknown: Parameter | None

    @cached_property
    def takes_condition(self) -> bool:
        """Whether requests may have the header `If-Match`."""
        return any(each["name"] == "If-Match" for each in self.described.parameters)

    @property
    def takes_body(self) -> bool:
        """Whether requests have a body."""
        return self.body is not None or self.form is not None

    def call(
        self,
        in_path: list[str],
        query_string: bytes,
        body: bytes,
        condition: Tags | None = None,
        content_type: bytes = b"",
    ) -> Call:
        """The request as a `Call`; raises `BadRequest` or `MissingField`."""
        pairs = list(zip(in_path, self.are_ids, strict=True))
        return Call(
            self.described.operation_id,
            tuple(read_whole_number(text, "An id in the path") for text, is_id in pairs if is_id),
            read_query(query_string, self.query, self.unknown) if query_string else {},
            self._read_body(body, content_type),
            condition,
            tuple(text for text, is_id in pairs if not is_id),
        )

    def _read_body(self, body: bytes, content_type: bytes) -> JsonObject:
        if self.form:
            return dict(self.form.read(body, content_type))
        if self.body is None:
            return {}
        return self.body({} if self.described.may_lack_body and not body.strip() else read_json(body))


class Router:
    """Finds the route of a method and a path, in a tree of path segments for each prefix.

    Several documents may be served next to each other, each below prefixes of its own.
    """

    def __init__(self, *contracts: Contract) -> None:
        self._trees: dict[str, PathTree[Route]] = {}
        for contract in contracts:
            self._add(contract)
        self._lengths = sorted({prefix.count("/") + 1 for prefix in self._trees}, reverse=True)

    def _add(self, contract: Contract) -> None:
        """Adds the routes of a document."""
        reader_of: dict[int, Parameter] = {}  # by the identity of the parameter: operations share most of them
        unknown = unknown_parameters(contract)
        validator_of: dict[str, BodyValidator] = {}  # by the text of the schema: some operations take the same body
        for described in contract.operations:
            parameters = [parameter for parameter in described.parameters if parameter["in"] == "query"]
            for each in parameters:
                if id(each) not in reader_of:
                    reader_of[id(each)] = parameter(contract, each)
            readers = {each["name"]: reader_of[id(each)] for each in parameters}
            body = None
            if described.body:
                text = str(described.body)
                body = validator_of.get(text) or validator_of.setdefault(text, BodyValidator(contract, described.body))
            form = Form.of(contract.resolve(described.form)) if described.form else None
            in_path = _parameters_of_path(described)
            are_ids = tuple(contract.resolve(each["schema"]).get("format") == "int64" for each in in_path)
            route = Route(contract, described, readers, body, form, are_ids, unknown)
            wide = [each["name"] for each in in_path if each.get("x-takes-slashes")]
            for prefix in described.prefixes:
                tree = self._trees.setdefault(prefix.rstrip("/"), PathTree())
                tree.add(described.path, wide, described.method, route)
                tree.has_texts = tree.has_texts or not all(are_ids)

    def _advice(self, method: str, methods: Mapping[str, Route]) -> str:
        """What to do instead of a method that a path does not have; empty if there is no advice."""
        if method != "DELETE":
            return ""
        any_route = next(iter(methods.values()))
        if any_route.contract.is_read_only:
            return ""
        change = methods.get("PATCH")
        return deletion.instead(any_route.contract, change.described.body if change else None)

    @property
    def prefixes(self) -> list[str]:
        """The base paths of all operations."""
        return list(self._trees)

    def find(self, method: str, path: str, raw_path: bytes | None = None) -> tuple[Route, list[str]]:
        """The route, and the parameters in the path as texts; raises `UnknownPath` or `MethodNotAllowed`.

        `raw_path`: the path as it was sent. A text in it may hold an escaped slash, which `path` shows as a plain one.
        """
        segments = path.split("/")
        for length in self._lengths:
            if tree := self._trees.get("/".join(segments[:length])):
                sent = _segments(raw_path) if tree.has_texts and raw_path and b"%" in raw_path else segments
                found = tree.find(sent[length:])
                break
        else:
            found = None
        if not found:
            raise UnknownPath(f"Nothing is served at {explanations.shortened(path)}; /docs lists the paths.")
        methods, in_path = found
        if method not in methods:
            raise MethodNotAllowed(method, ", ".join(sorted(methods)), self._advice(method, methods))
        return methods[method], in_path


def _parameters_of_path(described: Described) -> list[JsonObject]:
    """The parameters in a path, in their order there."""
    named = {each["name"]: each for each in described.parameters if each["in"] == "path"}
    return [named[part[1:].partition("}")[0]] for part in described.path.split("/") if part.startswith("{")]


def _segments(raw_path: bytes) -> list[str]:
    """The segments of a path, each decoded once; raises `BadRequest`."""
    return [as_text(unquote_to_bytes(segment), "The path") for segment in raw_path.split(b"/")]
