"""Bodies are parsed strictly: one JSON value, no duplicate keys."""

import json
import math
import re
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_registry_proxy.contract.json_bodies import read_json
from model_registry_proxy.errors import BadRequest

TEXTS = st.text(st.characters(codec="utf-8"))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXTS | st.sampled_from([':"', '\\":', '{"a":1}', "\\"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=15,
)


@given(VALUES, st.booleans())
def test_json_is_parsed(value: Any, is_ascii: bool) -> None:
    assert read_json(json.dumps(value, ensure_ascii=is_ascii).encode()) == value


@pytest.mark.parametrize("body", [b"", b" ", b"\r\n\t"])
def test_an_empty_body_has_a_message_of_its_own(body: bytes) -> None:
    with pytest.raises(BadRequest, match=r"^The body is empty; a JSON object is expected\.$"):
        read_json(body)


@pytest.mark.parametrize(
    "body",
    [
        b"{", b"{}{}", b"{} x", b"{'a': 1}", b'{"a": 01}', b'{"a": nanny}', b'{"a": Infinite}', b'{"a": 1,}', b"{a: 1}",
        b'{"a": "\xff"}', b'{"a": "\\ud800"}', b'{"a": "\n"}', b"\xef\xbb\xbf{}", b"[" * 100_000, b"nul", b'"',
    ],
)  # fmt: skip
def test_invalid_json_is_refused_with_its_position(body: bytes) -> None:
    with pytest.raises(BadRequest, match=r"^The body is not JSON: .* at line \d+, column \d+\.$"):
        read_json(body)


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ({"value": math.nan}, "value"),
        ({"value": math.inf}, "value"),
        ({"é": 1, "value": -math.inf}, "value"),
        ({"customProperties": {"p": {"double_value": math.nan}}}, "customProperties.p.double_value"),
        ({"language": ["en", math.inf, math.nan]}, "language.1"),
    ],
)
def test_nan_and_infinity_are_refused_by_the_field_that_has_them(value: Any, place: str) -> None:
    with pytest.raises(BadRequest) as refused:
        read_json(json.dumps(value, ensure_ascii=False, indent=1).encode())
    message = refused.value.message
    assert re.match(rf"The body is not JSON: {place} is (NaN|-?Infinity), and JSON has no NaN, Infinity", message)
    assert "Leave it out, or keep it as text" in message
    assert "MetadataStringValue" in message


@pytest.mark.parametrize(
    "body", [b'{"a": NaN, }', b'{"a": nan}', b'{"a": -inf}', b"[NaN", b"[" + b" " * 2**19 + b"NaN]"]
)
def test_nan_is_named_by_its_position_if_its_field_is_not_found(body: bytes) -> None:
    with pytest.raises(BadRequest, match=r"the value at line 1, column \d+ is -?(NaN|nan|inf), and JSON has no NaN"):
        read_json(body)


@pytest.mark.parametrize("number", ["1e999", "-1e999", "1" + "0" * 400, "9" * 5000])
def test_a_number_beyond_all_limits_is_refused_by_its_field(number: str) -> None:
    with pytest.raises(
        BadRequest, match=r"a\.0 is -?[0-9e]+…?, beyond the largest number .* Leave it out, or keep it as"
    ):
        read_json(f'{{"b": 1, "a": [{number}]}}'.encode())


def test_nan_and_infinity_as_texts_are_accepted() -> None:
    assert read_json(b'{"NaN": "NaN", "a": "Infinity"}') == {"NaN": "NaN", "a": "Infinity"}


@pytest.mark.parametrize(
    ("body", "key"),
    [
        (b'{"name": "a", "name": "b"}', "name"),
        (b'{"name": "a", "name": "a"}', "name"),
        (b'{"name": 1, "n\\u0061me": 2}', "name"),
        (b'{"a": [{"b": {}, "b": {}}]}', "b"),
        (b'{"": 1, "": 2}', ""),
        (b'{"a:\\"": ":", "a:\\"": ":"}', 'a:"'),
    ],
)
def test_a_key_that_comes_twice_is_refused(body: bytes, key: str) -> None:
    with pytest.raises(BadRequest) as refused:
        read_json(body)
    assert refused.value.message == f"The body has the key {key!r} twice."


def test_colons_and_quotes_in_texts_are_not_counted_as_keys() -> None:
    body = rb'{"a:\":": ":{\"x\": 1}", "b": ["\\", ":"], "c\\": "\\\\\":"}'
    assert read_json(body) == json.loads(body)


COSTLY = {
    "many duplicates": b"{" + b",".join([b'"a":1'] * 300_000) + b"}",
    "many members": b"{" + b",".join(b'"%d":{}' % number for number in range(200_000)) + b"}",
    "many items": b"[" + b"1," * 1_000_000 + b"1]",
    "many NaN": b"[" + b"NaN," * 2_000_000 + b"NaN]",
    "some NaN": b"[" + b"NaN," * 60_000 + b"NaN]",
    "many empty texts": b"[" + b'"",' * 1_000_000 + b'""]',
}


@pytest.mark.parametrize("body", COSTLY.values(), ids=list(COSTLY))
def test_a_body_that_is_made_to_be_slow_is_refused_quickly(body: bytes) -> None:
    began = time.process_time()
    with pytest.raises(BadRequest):
        read_json(body)
    assert time.process_time() - began < 3


def test_a_hundred_thousand_parts_are_accepted() -> None:
    assert len(read_json(b"{" + b",".join(b'"%d":0' % number for number in range(99_999)) + b"}")) == 99_999
