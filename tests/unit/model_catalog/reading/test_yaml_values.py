"""What the YAML reader makes of texts, and what it refuses."""

import contextlib
import io
import json
import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_catalog.reading.yaml_values import Fields, Limits, YamlError, YamlReader, read_value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("# only a comment\n", None),
        ("5", 5),
        ("a: [1, 2.5, text, 'quoted', null, ~]", {"a": [1, 2.5, "text", "quoted", None, None]}),
        ("{a: no, b: On, c: 'no'}", {"a": False, "b": True, "c": "no"}),
        ("y: 1", {"true": 1}),
        ("5: 1\n~: 2", {"5": 1, "null": 2}),
        ("[010, 0x1F, 0b11, 0o17, 1_000, -7, +3, 1e3, .5]", [8, 31, 3, 15, 1000, -7, 3, 1000.0, 0.5]),
        ("[2025-04-02, 1:30, =, 1.2.0, '-', 09]", ["2025-04-02", "1:30", "=", "1.2.0", "-", 9.0]),
        (
            "a: !!str 5\nb: !!int '7'\nc: !!float 1\nd: !!bool 'yes'\ne: !!null ''\nf: ! 5",
            {"a": "5", "b": 7, "c": 1.0, "d": True, "e": None, "f": "5"},
        ),
        ("a: |\n  one\n  two\nb: >-\n  three\n  four\n", {"a": "one\ntwo\n", "b": "three four"}),
        ("a: &x {b: 1}\nc: *x", {"a": {"b": 1}, "c": {"b": 1}}),
        ("a: &x {b: 1}\nc: {<<: *x, d: 2}", {"a": {"b": 1}, "c": {"b": 1, "d": 2}}),
        ("- &x {a: 1}\n- &y {a: 2, b: 3}\n- <<: [*x, *y]", [{"a": 1}, {"a": 2, "b": 3}, {"a": 1, "b": 3}]),
        ("'<<': 1", {"<<": 1}),
        ("&k key: 1\nother: *k", {"key": 1, "other": "key"}),
        ("a: 1\n---\nb: [", {"a": 1}),
        ('{"json": [true, null, 1.0e2]}', {"json": [True, None, 100.0]}),
        ("123456789012345678901234567890", 1.2345678901234568e29),
        ("\ufeffa: 1", {"a": 1}),
    ],
)
def test_texts_become_plain_values(text: str, value: object) -> None:
    assert read_value(text.encode()) == value


def nested(levels: int) -> str:
    return "[" * levels + "]" * levels


def multiplied(levels: int) -> str:
    lines = ["a0: &a0 [xxxxxxxxxx, xxxxxxxxxx]"]
    lines += [f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]" for level in range(1, levels)]
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: 1\nb: 2\na: 3", 3, "'a' is set twice"),
        ("- a: &x {k: 1}\n- {<<: *x,\n   k: 2}", 2, "by << and by the mapping itself"),
        ("a:\n- [1, 2\nb: 3", 3, "did not find expected ',' or ']'"),
        ("a: 1\n\tb: 2", 2, ""),
        ("a:\n- 1\n- \0", 3, "save the file as UTF-8"),
        ("a: *b", 1, "*b has no complete anchor &b"),
        ("a: &x [1,\n *x]", 2, "*x has no complete anchor"),
        ("a: &x 5\nb:\n  <<: *x", 3, "<< merges mappings"),
        ("a:\n  b: !!python/object/apply:os.system [ls]", 2, "is not known here"),
        ("a: !secret x", 1, "'!secret' is not known here"),
        ("a: !!int x", 1, "is no number"),
        ("a: !!bool x", 1, "neither true nor false"),
        ("a: .inf", 1, 'write ".inf"'),
        ("a: 1e999", 1, "too large"),
        ("? [a]\n: b", 1, "where a key is wanted"),
        (nested(70), 1, "nested more than 64 deep"),
        (nested(5000), 1, ""),
        ("a: " + "x" * 2000, 1, "more than 1000 characters"),
        (multiplied(9), 5, "makes the content too large"),
        ("#" + "x" * 200_000, 1, "more than the 100000 that are read"),
    ],
)
def test_bad_texts_are_refused_with_their_line(text: str, line: int, words: str) -> None:
    with pytest.raises(YamlError) as caught:
        read_value(text.encode(), limits=Limits(file_bytes=100_000, text=1000, repeated=100_000))
    assert (caught.value.line, words in caught.value.problem) == (line, True), caught.value


@pytest.mark.parametrize("text", [b"a: \xff\xfe\n", b"a: 1\nb: \xc3\x28\n"])
def test_what_is_not_utf8_is_refused(text: bytes) -> None:
    with pytest.raises(YamlError, match="save the file as UTF-8"):
        read_value(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [("a: 1\na: 2", {"a": 2}), ("- &x {k: 1}\n- {<<: *x, k: 2}", [{"k": 1}, {"k": 2}])],
)
def test_a_lenient_reader_takes_the_last_of_doubled_keys(text: str, value: object) -> None:
    assert read_value(text.encode(), strict=False) == value


def test_mappings_know_their_lines() -> None:
    value = read_value(b"a:\n  - b: 1\n    c: 2\n\n  - d: {e: 3}\n")
    assert [each.line for each in (value, *value["a"], value["a"][1]["d"])] == [1, 2, 5, 5]


def test_the_items_of_a_list_come_one_by_one_and_the_rest_afterwards() -> None:
    reader = YamlReader(io.BytesIO(b"source: X\nMODELS:\n- &a {name: one}\n- *a\n- name: two\nafter: [3]\n"))
    items = reader.items("models")
    assert next(items) == {"name": "one"}
    assert list(items) == [{"name": "one"}, {"name": "two"}]
    assert reader.rest == {"source": "X", "after": [3]}
    assert isinstance(reader.rest, Fields)


@pytest.mark.parametrize("text", [b"", b"models:\n", b"models: []\n", b"other: 1\n", b"[1]", b"5"])
def test_a_document_without_the_list_has_no_items(text: bytes) -> None:
    assert list(YamlReader(text).items("models")) == []


def test_a_list_may_not_come_twice() -> None:
    with pytest.raises(YamlError, match="line 2: the key 'Models' is set twice"):
        list(YamlReader(b"models: [1]\nModels: [2]\n").items("models"))


def test_a_list_with_an_anchor_can_be_used_again() -> None:
    reader = YamlReader(b"models: &all [1, 2]\nagain: *all\n")
    assert list(reader.items("models")) == [1, 2]
    assert reader.rest == {"again": [1, 2]}


@pytest.mark.parametrize("text", [b"other: &x [1, 2]\nmodels: *x\n", b"other: &x {models: [1, 2]}\n<<: *x\n"])
def test_a_list_may_come_by_an_alias(text: bytes) -> None:
    reader = YamlReader(text)
    assert list(reader.items("models")) == [1, 2]
    assert "models" not in reader.rest


def test_many_small_aliases_are_fine() -> None:
    text = "a: &a {x: 1}\nb:\n" + "- *a\n" * 50_000
    assert len(read_value(text.encode())["b"]) == 50_000


TEXTS = st.text(st.sampled_from(string.printable.replace("\x0b", "").replace("\x0c", "") + "äß☃🐚"))
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
    max_leaves=20,
)


@given(VALUES)
def test_json_means_what_it_means_in_json(value: Any) -> None:
    assert read_value(json.dumps(value, ensure_ascii=False).encode()) == value


@given(st.text(st.sampled_from("ab:-[]{}&*!|>'\"%@`#,? \n\t0<~.\0é")))
def test_any_text_is_a_value_or_refused(text: str) -> None:
    for strict in (True, False):
        with contextlib.suppress(YamlError):
            json.dumps(read_value(text.encode(), strict=strict))
