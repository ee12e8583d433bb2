"""Our compiled validators and openapi-core give the same verdict on good and bad requests.

Where they differ, a row of a table says so with its reason, and a witness shows that the row is needed.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, quote, unquote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openapi_core.testing import MockRequest
from werkzeug.datastructures import ImmutableMultiDict

from converters.errors import RefusedError
from model_registry_proxy.contract.document import Described, JsonObject
from model_registry_proxy.contract.routes import Router
from model_registry_proxy.errors import RegistryError
from tests.support.document import contract, openapi_core
from tests.support.tiers import many_cases

CONTRACT = contract()
ROUTER = Router(CONTRACT)
OPENAPI_CORE = openapi_core()
OPERATIONS = {described.operation_id: described for described in CONTRACT.operations}


@dataclass(frozen=True)
class Sent:
    """A request: an operation with the texts of its ids, a raw query string and a raw body."""

    operation: str
    ids: tuple[str, ...] = ()
    query: str = ""
    body: bytes = b""

    @property
    def path(self) -> str:
        described = OPERATIONS[self.operation]
        ids = iter(self.ids)
        return described.prefixes[0] + re.sub("{.*?}", lambda _: next(ids), described.path)

    @property
    def looked_at(self) -> dict[str, str]:
        """The undecoded query parameters that are read: those of the operation, the first of each name."""
        pairs = [pair.partition("=") for pair in reversed(self.query.split("&"))]
        names = {parameter["name"] for parameter in OPERATIONS[self.operation].parameters if parameter["in"] == "query"}
        return {name: value for name, _, value in pairs if name in names}


def is_accepted(sent: Sent) -> bool:
    """Our verdict."""
    try:
        route, ids = ROUTER.find(OPERATIONS[sent.operation].method, sent.path)
        assert route.described.operation_id == sent.operation
        route.call(ids, sent.query.encode(), sent.body)
    except (RegistryError, RefusedError):
        return False
    return True


def is_accepted_by_openapi_core(sent: Sent) -> bool:
    """The verdict of openapi-core."""
    request = MockRequest("http://localhost", OPERATIONS[sent.operation].method, sent.path, data=sent.body)
    request.parameters.query = ImmutableMultiDict(parse_qsl(sent.query, keep_blank_values=True))
    try:
        return not list(OPENAPI_CORE.iter_request_errors(request))
    except TypeError:  # openapi-core fails on an object or array in the place of a discriminator
        return False


# ---- Where they differ -----------------------------------------------------------------------------------------------


def with_strings(value: Any, change: Callable[[str], str]) -> Any:
    """A JSON value with every text in it changed, except keys."""
    if isinstance(value, dict):
        return {key: with_strings(item, change) for key, item in value.items()}
    if isinstance(value, list):
        return [with_strings(item, change) for item in value]
    return change(value) if isinstance(value, str) else value


def with_body(sent: Sent, change: Callable[[Any], Any]) -> Sent:
    """The request with the value in its body changed; one whose body is not JSON stays as it is."""
    try:
        return replace(sent, body=json.dumps(change(json.loads(sent.body))).encode())
    except ValueError:
        return sent


def says_nothing(pair: str) -> bool:
    name, _, value = pair.partition("=")
    schema = CONTRACT.content["components"]["parameters"].get(name, {}).get("schema", {})
    return not value and CONTRACT.resolve(schema).get("type") == "string" and "enum" not in CONTRACT.resolve(schema)


def ends_not_in_newline(text: str) -> str:
    return text[:-1] + "\v" if text.endswith("\n") else text


def without_what_says_nothing(query: str) -> str:
    """A query without the parameters that count as absent. The first of each name counts."""
    pairs, first = query.split("&"), dict[str, str]()
    for pair in pairs:
        first.setdefault(pair.partition("=")[0], pair)
    return "&".join(pair for pair in pairs if not says_nothing(first[pair.partition("=")[0]]))


SAME_AS: dict[str, tuple[str, Callable[[Sent], Sent], Sent]] = {
    "empty in the query": (
        "an empty value that the schema allows counts as absent; openapi-core wants `allowEmptyValue`, which is deprecated",
        lambda sent: replace(sent, query=without_what_says_nothing(sent.query)),
        Sent("getArtifacts", query="filterQuery="),
    ),
    "newline at the end": (
        "in Python's expressions, `$` matches before a last newline; in JSON Schema's it does not",
        lambda sent: replace(
            with_body(sent, lambda body: with_strings(body, ends_not_in_newline)),
            query=re.sub("%0A(?=&|$)", "%0B", sent.query),
        ),
        Sent("createModelVersion", body=b'{"name":"v","registeredModelId":"7\\n"}'),
    ),
}
"""Our verdict on a request is that of openapi-core on the changed request: reason, change, example."""

REFUSED: dict[str, tuple[str, Callable[[Sent], bool], Sent]] = {
    "a key twice": (
        "RFC 8259 leaves open which one counts, so that two readers may see two things; Python takes the last",
        lambda sent: has_duplicates(sent.body),
        Sent("createRegisteredModel", body=b'{"name":"a","name":"b"}'),
    ),
    "no numbers": (
        "NaN and Infinity are not JSON, and 1e400 is no double; Python reads them all",
        lambda sent: re.search(rb"NaN|Infinity|1e400", sent.body) is not None,
        Sent("createArtifact", body=b'{"artifactType":"metric","value":NaN}'),
    ),
    "half a character": (
        "a lone surrogate is no text and cannot be stored as UTF-8; Python's JSON reads it",
        lambda sent: re.search(rb"\\ud[89ab]..(?!\\ud[c-f])", sent.body, re.IGNORECASE) is not None,
        Sent("createRegisteredModel", body=rb'{"name":"\ud800"}'),
    ),
    "not UTF-8": (
        "JSON between systems is UTF-8 (RFC 8259, 8.1); Python guesses UTF-16 and UTF-32",
        lambda sent: sent.body[1:2] == b"\0",
        Sent("createRegisteredModel", body='{"name":"a"}'.encode("utf-16-le")),
    ),
    "odd whole numbers in the query": (
        "Python's `int` takes blanks, underscores and the digits of all scripts",
        lambda sent: bool(re.search("[^0-9]", re.sub("^[+-]", "", unquote_plus(sent.looked_at.get("pageSize", ""))))),
        Sent("getArtifacts", query="pageSize=1_0"),
    ),
    "bad escapes in the query": (
        "no client means them; `urllib` leaves `%zz` unchanged and puts U+FFFD for what is not UTF-8",
        lambda sent: any(re.search("%(?![0-9A-F]{2})|%FF", text, re.IGNORECASE) for text in sent.looked_at.values()),
        Sent("findArtifact", query="name=%zz"),
    ),
}
"""Requests that we refuse even if openapi-core accepts them: reason, test for such a request, example."""


def has_duplicates(body: bytes) -> bool:
    found = []

    def note(pairs: list[tuple[str, Any]]) -> JsonObject:
        found.append(len(pairs) > len(dict(pairs)))
        return dict(pairs)

    try:
        json.loads(body, object_pairs_hook=note)
    except ValueError:
        return False
    return any(found)


@pytest.mark.parametrize("name", SAME_AS)
def test_the_validators_differ_by_design_and_agree_otherwise(name: str) -> None:
    _, adapted, witness = SAME_AS[name]
    assert is_accepted(witness) != is_accepted_by_openapi_core(witness)
    assert is_accepted(witness) == is_accepted_by_openapi_core(adapted(witness))


@pytest.mark.parametrize("name", REFUSED)
def test_some_requests_that_openapi_core_accepts_are_refused(name: str) -> None:
    _, is_such, witness = REFUSED[name]
    assert is_such(witness)
    assert is_accepted_by_openapi_core(witness)
    assert not is_accepted(witness)


def assert_same_verdict(sent: Sent) -> None:
    if any(is_such(sent) for _, is_such, _ in REFUSED.values()):
        assert not is_accepted(sent)
        return
    adapted = sent
    for _, adapt, _ in SAME_AS.values():
        adapted = adapt(adapted)
    assert is_accepted(sent) == is_accepted_by_openapi_core(adapted)


# ---- Requests --------------------------------------------------------------------------------------------------------

IDS = (
    "7",
    "0",
    "-1",
    "+7",
    "007",
    "9223372036854775807",
    "-9223372036854775808",
    "9223372036854775808",
    "x",
    "1.0",
    "٣",
)
TEXTS = (
    "", "a", "a\n", "7\n", "a\0b", "mlmd-struct::", " mlmd-struct::", "é" * 255, "é" * 256, "LIVE", "live", "ARCHIVED",
    "RUNNING", "DEPLOYED", "UNKNOWN", "metric", "Metric", "model-artifact", "string", "e30=", "e30", *IDS,
)  # fmt: skip
OTHERS = (
    None,
    True,
    False,
    0,
    -0.0,
    1.0,
    1.5,
    1e59,
    1e60,
    -1e60,
    2**63 - 1,
    2**63,
    10**30,
    [],
    ["a"],
    [None],
    {},
    {"a": 1},
)
PROPERTIES: tuple[Any, ...] = (
    {"metadataType": "MetadataStringValue", "string_value": "x"},
    {"metadataType": "MetadataStringValue", "string_value": "mlmd-struct::"},
    {"metadataType": "MetadataStringValue"},
    {"metadataType": "MetadataIntValue", "int_value": "7"},
    {"metadataType": "MetadataIntValue", "int_value": 7},
    {"metadataType": "MetadataDoubleValue", "double_value": 1},
    {"metadataType": "MetadataDoubleValue", "double_value": 1e60},
    {"metadataType": "MetadataBoolValue", "bool_value": True, "string_value": "x"},
    {"metadataType": "MetadataStructValue", "struct_value": "e30="},
    {"metadataType": "MetadataStructValue", "struct_value": "e30"},
    {"metadataType": "MetadataProtoValue", "type": "t", "proto_value": "e30="},
    {"string_value": "x"},
)
FIELDS = sorted(
    {name for schema in CONTRACT.content["components"]["schemas"].values() for branch in CONTRACT.branches(schema)
     for name in branch.get("properties", ())}
    | {"ext_id", "Name", ""}
)  # fmt: skip
PARAMETERS = [*sorted(CONTRACT.content["components"]["parameters"]), "unknown", "Name"]

values = st.one_of(
    st.sampled_from(TEXTS),
    st.sampled_from(OTHERS),
    st.text(max_size=8),
    st.dictionaries(
        st.one_of(st.sampled_from(["", "a", "a\0", "é" * 255, "é" * 256, "__exact_doubles__"]), st.text(max_size=3)),
        st.one_of(st.sampled_from(PROPERTIES), st.sampled_from(OTHERS)),
        max_size=2,
    ),
)
spoiled = st.sampled_from([
    b"", b" ", b"null", b"[]", b'"x"', b"7", b"{", b"{}x", b"{}{}", b"{'name': 1}", b'{"name":"a",}', b"\xff",
    b'{"name":"\xff"}', *(witness.body for _, _, witness in REFUSED.values()),
])  # fmt: skip


def example_of(described: Described) -> JsonObject:
    """The example of the body in the document."""
    operation = CONTRACT.content["paths"][described.path][described.method.lower()]
    example: JsonObject = operation["requestBody"]["content"]["application/json"]["example"]
    return example


@st.composite
def bodies(draw: st.DrawFn, described: Described) -> bytes:
    """The example with some fields changed, added and left out; sometimes a completely different value."""
    if draw(st.integers(0, 9)) == 0:
        return draw(spoiled)
    names = list(example_of(described))
    body = dict(example_of(described))
    for name in draw(st.lists(st.sampled_from(names), max_size=2)):
        body.pop(name, None)
    changed = st.one_of(st.sampled_from(names), st.sampled_from(FIELDS))
    body.update(draw(st.dictionaries(changed, values, max_size=2)))
    return json.dumps(body, ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass")


def queries() -> st.SearchStrategy[str]:
    """A query of known and unknown parameters, well and badly escaped, some of them repeated."""
    texts = (*TEXTS, "1", "1,2", " 1 , ,2", "1;2", "0", "1_0", " 5", "2147483648", "ID", "ASC", "asc", "a b", "%", "+")
    value = st.one_of(st.sampled_from(texts), st.text(max_size=5)).map(quote)
    escaped = st.one_of(value, value, value, st.sampled_from(["%zz", "%", "%ff", "+", "a+b", "%2"]))
    return st.lists(st.tuples(st.sampled_from(PARAMETERS), escaped).map("=".join), max_size=3).map("&".join)


@st.composite
def requests(draw: st.DrawFn, described: Described) -> Sent:
    """A request for one operation."""
    ids = tuple(draw(st.sampled_from(IDS)) for _ in range(described.path.count("{")))
    query = draw(queries()) if draw(st.booleans()) or not described.body else ""
    return Sent(described.operation_id, ids, query, draw(bodies(described)) if described.body else b"")


@pytest.mark.parametrize("operation", [name for name, described in OPERATIONS.items() if described.body])
@settings(max_examples=many_cases())
@given(data=st.data())
def test_requests_with_a_body_get_the_same_verdict(operation: str, data: st.DataObject) -> None:
    assert_same_verdict(data.draw(requests(OPERATIONS[operation])))


@pytest.mark.parametrize("operation", [name for name, described in OPERATIONS.items() if not described.body])
@settings(max_examples=many_cases())
@given(data=st.data())
def test_requests_without_a_body_get_the_same_verdict(operation: str, data: st.DataObject) -> None:
    assert_same_verdict(data.draw(requests(OPERATIONS[operation])))
