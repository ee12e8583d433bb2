"""Conversions of values in both directions, and what is refused. What MLMD decides is tested with its own store."""

import base64
import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converters import values
from converters._generated.metadata_store_pb2 import Context, ContextType, Value
from converters.entities import ENTITIES
from converters.entity import Id, Kind, Stored
from converters.errors import RefusedError
from converters.values import CUSTOM_BY_TYPE, CUSTOM_RULES, RULES, depth_of, struct_from_base64, struct_to_base64
from tests.support.fake_store import FakeStore
from tests.support.memory_store import MemoryStore

SMALLEST, LARGEST = -(2**63), 2**63 - 1
LIMIT = 1e60
DOUBLES = st.floats(-LIMIT, LIMIT, allow_nan=False, exclude_min=True, exclude_max=True)
JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=4)
    ),
    max_leaves=12,
)


def base64_of(content: Any) -> str:
    """A JSON object as a client sends it for a struct."""
    text = content if isinstance(content, str) else json.dumps(content)
    return base64.b64encode(text.encode()).decode()


class Column:
    """A context type in a store in memory: what is written comes back as the store keeps it."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.store.types[1] = ContextType(name="t")
        self.written = 0

    def kept(self, value: Value) -> Value:
        """Puts a value; returns it as the store keeps it."""
        self.written += 1
        node = Context(type_id=1, name=str(self.written), custom_properties={"x": value})
        kept: Value = self.store.nodes[Kind.CONTEXT][self.store.write(node)].custom_properties["x"]
        return kept


class MlmdColumn(Column):
    """The same in MLMD's C++ store."""

    def __init__(self) -> None:
        self.mlmd = FakeStore()
        self.type_id = self.mlmd.ask("PutContextType", context_type={"name": "t", "properties": {"x": 2}}).type_id
        self.written = 0

    def kept(self, value: Value) -> Value:
        """Puts a value; returns it as MLMD keeps it."""
        self.written += 1
        node: Any = {"type_id": self.type_id, "name": str(self.written), "custom_properties": {"x": value}}
        (id_,) = self.mlmd.ask("PutContexts", contexts=[node]).context_ids
        (context,) = self.mlmd.ask("GetContextsByID", context_ids=[id_]).contexts
        kept: Value = context.custom_properties["x"]
        return kept


@pytest.fixture(scope="module", params=[Column, MlmdColumn], ids=["in memory", "in MLMD"])
def column(request: pytest.FixtureRequest) -> Column:
    """A context type in a store of each sort."""
    made: Column = request.param()
    return made


# Whole numbers.


@given(st.integers(SMALLEST, LARGEST))
def test_whole_numbers_come_back(number: int) -> None:
    assert RULES[int].from_mlmd(RULES[int].to_mlmd(number, "step")) == number
    assert RULES[Id].from_mlmd(RULES[Id].to_mlmd(str(number), "id")) == str(number)
    custom = CUSTOM_BY_TYPE["MetadataIntValue"]
    assert custom.from_mlmd(custom.to_mlmd(str(number), "x")) == str(number)


@pytest.mark.parametrize("number", [SMALLEST, -1, 0, 2**53 + 1, LARGEST])
def test_the_store_keeps_64_bits(column: Column, number: int) -> None:
    assert column.kept(RULES[int].to_mlmd(number, "x")).int_value == number


# Doubles.


@given(DOUBLES)
def test_the_store_rounds_doubles_as_we_expect(column: Column, number: float) -> None:
    kept = column.kept(Value(double_value=number)).double_value
    assert values.is_rounding_of(kept, number)
    if values.survives(number):
        assert kept == number
        assert math.copysign(1, kept) == math.copysign(1, number)


@pytest.mark.parametrize("number", [0.0, 0.5, 1.0, -0.25, 0.123456, 1e15, 123456.75])
def test_plain_doubles_need_no_companion(number: float) -> None:
    assert values.survives(number)


@pytest.mark.parametrize("number", [-0.0, 1e-7, 1e-20, 0.1234567, math.pi, 0.1 + 0.2, 1e22 + 2**22, 5e-324])
def test_doubles_that_the_store_would_round_are_known(number: float) -> None:
    assert not values.survives(number)


@pytest.mark.parametrize(
    ("stored", "exact"), [(0.0, 1e-6), (0.123457, 0.1234565001 + 1e-5), (3.0, math.pi), (-1.0, 1.0)]
)
def test_a_value_that_another_client_wrote_is_no_rounding(stored: float, exact: float) -> None:
    assert not values.is_rounding_of(stored, exact)


# Structs.


@given(st.dictionaries(st.text(st.characters(codec="utf-8")), JSON_VALUES, max_size=5))
def test_structs_come_back_equal(content: dict[str, Any]) -> None:
    back = base64.b64decode(struct_to_base64(struct_from_base64(base64_of(content), "x")))
    assert json.loads(back) == content


@pytest.mark.parametrize(
    ("sent", "answered"),
    [
        ({"b": 1, "a": 2}, '{"a":2,"b":1}'),
        ({"a": 1.0}, '{"a":1}'),
        ({"a": -0.0}, '{"a":-0.0}'),
        ({"a": 1e21}, '{"a":1e+21}'),
        ({"é": "<ü&>"}, '{"é":"<ü&>"}'),
        ({"a": [None, True, {"b": []}]}, '{"a":[null,true,{"b":[]}]}'),
        ({}, "{}"),
        ('{"a": 9007199254740993}', '{"a":9007199254740992.0}'),  # MLMD's structs hold doubles
    ],
)
def test_structs_are_answered_in_one_form(sent: Any, answered: str) -> None:
    assert base64.b64decode(struct_to_base64(struct_from_base64(base64_of(sent), "x"))).decode() == answered


@pytest.mark.parametrize(
    "text",
    ["", "{}", "e30", "e30=\n", "e3 0=", "e_-=", base64_of("[]"), base64_of('"a"'), base64_of("1"), base64_of("null")]
    + [base64_of(text) for text in ('{"a":1', '{"a":NaN}', '{"a":1e999}', "{'a':1}", '{"a":"\\ud800"}')]
    + [base64.b64encode(b'{"a":"\xff"}').decode()],
)
def test_a_text_that_is_no_json_object_in_base64_is_refused(text: str) -> None:
    with pytest.raises(RefusedError, match=r"^x must be the base64 of a JSON object, as in eyJhIjoxfQ==.$"):
        struct_from_base64(text, "x")


def nested(levels: int, *, lists: bool) -> dict[str, Any]:
    """Nested objects, with a number in the innermost."""
    content: Any = [1] if lists else {"a": 1}
    for level in range(1, levels):
        content = [content] if lists and level < levels - 1 else {"a": content}
    assert depth_of(content) == levels
    return content  # type: ignore[no-any-return]


@pytest.mark.parametrize("lists", [False, True])
def test_the_deepest_struct_that_is_accepted_can_be_stored(column: Column, lists: bool) -> None:
    deepest = nested(values.MAX_STRUCT_DEPTH, lists=lists)
    kept = column.kept(Value(struct_value=struct_from_base64(base64_of(deepest), "x")))
    assert json.loads(base64.b64decode(struct_to_base64(kept.struct_value))) == deepest
    assert values.MAX_STRUCT_DEPTH == 30


@pytest.mark.parametrize("lists", [False, True])
@pytest.mark.parametrize("levels", [31, 32, 40, 900])
def test_a_deeper_struct_is_refused(levels: int, lists: bool) -> None:
    with pytest.raises(RefusedError, match=r"^x is nested too deeply: the store keeps 30 levels.$"):
        struct_from_base64(base64_of(nested(levels, lists=lists)), "x")


@pytest.mark.parametrize("levels", [1025, 100_000])
def test_a_struct_too_deep_to_read_is_refused(levels: int) -> None:
    with pytest.raises(RefusedError):
        struct_from_base64(base64_of('{"a":' + "[" * levels + "]" * levels + "}"), "x")


@pytest.mark.parametrize(
    ("content", "depth"), [(1, 0), ("{", 0), ({}, 1), ([], 1), ({"a": {}}, 2), ([{"a": [1]}, 2], 3)]
)
def test_depth_counts_objects_and_lists(content: Any, depth: int) -> None:
    assert depth_of(content) == depth


# Texts and lists.


def test_an_empty_text_reads_as_absent_except_where_it_is_kept() -> None:
    assert RULES[str].from_mlmd(RULES[str].to_mlmd("", "x")) is None
    assert RULES[Stored.KEPT_WHEN_EMPTY].from_mlmd(RULES[Stored.KEPT_WHEN_EMPTY].to_mlmd("", "x")) == ""
    assert CUSTOM_BY_TYPE["MetadataStringValue"].from_mlmd(Value(string_value="")) == ""


def test_a_list_is_a_struct_of_one_field_named_like_the_property() -> None:
    value = RULES[list[str]].to_mlmd(["en", "fr"], "language")
    assert json.loads(base64.b64decode(struct_to_base64(value.struct_value))) == {"language": ["en", "fr"]}
    assert RULES[list[str]].from_mlmd(value) == ["en", "fr"]


def test_of_a_list_from_another_writer_the_texts_are_read() -> None:
    def read(content: Any) -> Any:
        return RULES[list[str]].from_mlmd(Value(struct_value=struct_from_base64(base64_of(content), "x")))

    assert read({"language": ["en", 5, None, "fr"]}) == ["en", "fr"]
    assert read({"language": []}) is None
    assert read({"language": "en"}) is None
    assert read({}) is None


@given(st.sampled_from(CUSTOM_RULES), st.data())
def test_custom_values_come_back_from_the_store(column: Column, rule: values.CustomRule, data: st.DataObject) -> None:
    texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
    drawn: dict[str, st.SearchStrategy[Any]] = {
        "string_value": texts.filter(lambda text: not text.startswith("mlmd-struct::")),
        "int_value": st.integers(SMALLEST, LARGEST).map(str),
        "double_value": DOUBLES.filter(values.survives),
        "bool_value": st.booleans(),
        "struct_value": st.dictionaries(texts, texts, max_size=3).map(lambda c: struct_to_base64(of_texts(c))),
    }
    sent = data.draw(drawn[rule.key])
    assert rule.from_mlmd(column.kept(rule.to_mlmd(sent, "x"))) == sent


def of_texts(content: dict[str, str]) -> Any:
    """A struct of texts."""
    return struct_from_base64(base64_of(content), "x")


def test_every_field_has_a_rule() -> None:
    for entity in ENTITIES:
        for field in entity.properties():
            assert values.rule_of(field).property_type
