"""What the language accepts, and the error messages for everything else."""

import sys
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converters.entities import LISTED_ARTIFACTS, MetricHistory, RegisteredModel
from converters.errors import FilterError
from converters.filters import parse_filter
from converters.filters.parser import MAX_LENGTH, MAX_NESTING, parse
from converters.filters.tree import And, Comparison, In, IsNull, Like, Not, Operator, Or, Path, Value, ValueType
from model_registry_proxy.mlmd.filters.narrowing import wide_query

MODELS = (RegisteredModel,)


def _path(name: str, suffix: ValueType | None = None, column: int = 1) -> Path:
    return Path(name, suffix, f"column {column}")


@pytest.mark.parametrize("blank", ["", "   ", "\n\t", "-- nothing", "  -- a\n  -- b\n "])
def test_a_text_of_blanks_and_comments_is_no_filter(blank: str) -> None:
    assert parse_filter(blank, MODELS) is None


@pytest.mark.parametrize(
    ("text", "name", "suffix", "prefix"),
    [
        ("owner = 1", "owner", None, ""),
        ("a.b.c = 1", "a.b.c", None, "a"),
        ("a.b.int_value = 1", "a.b", ValueType.INT, "a"),
        ("`a.b`.string_value = 1", "a.b", ValueType.STRING, ""),
        (r"`a\.b` = 1", "a.b", None, ""),
        (r"`a\\b` = 1", r"a\b", None, ""),
        (r"`a\`b` = 1", "a`b", None, ""),
        ("`a b`.c.`d` = 1", "a b.c.d", None, ""),
        ("`x.int_value` = 1", "x.int_value", None, ""),
        ("x.`int_value` = 1", "x.int_value", None, "x"),
        ("int_value = 1", "int_value", None, ""),
        ("`and` = 1", "and", None, ""),
        ("`` = 1", "", None, ""),
        ("in.x = 1", "in.x", None, "in"),
        ("`é\n` = 1", "é\n", None, ""),
    ],
)
def test_a_name_is_bare_dotted_or_in_backquotes_with_a_type_or_without(
    text: str, name: str, suffix: ValueType | None, prefix: str
) -> None:
    node = parse(text)
    assert isinstance(node, Comparison)
    assert node.path == Path(name, suffix, "column 1", prefix)


@pytest.mark.parametrize(
    ("literal", "content"),
    [
        ('"x"', "x"),
        ("'x'", "x"),
        (r'"a\"b"', 'a"b'),
        (r"'it\'s'", "it's"),
        (r'"\\ \n \t \r"', "\\ \n \t \r"),
        (r'"100\%"', r"100\%"),
        ('"-- no comment"', "-- no comment"),
        ('"a\nb"', "a\nb"),
        ('""', ""),
        ("5", 5),
        ("-5", -5),
        ("+5", 5),
        ("007", 7),
        ("0.5", Decimal("0.5")),
        ("-.5", Decimal("-0.5")),
        ("5.", 5),
        ("1e3", 1000),
        ("9007199254740993.0", 2**53 + 1),
        ("9223372036854775807.0", 2**63 - 1),
        ("9.223372036854776e+18", Decimal("9.223372036854776e+18")),
        ("-9.223372036854776e+18", Decimal("-9.223372036854776e+18")),
        ("9223372036854775808.0", 2**63),
        ("1e20", Decimal("1e20")),
        ("1e-400", Decimal("1e-400")),
        ("1e-99999999999999999999", 0),
        ("1.5E-3", Decimal("0.0015")),
        ("true", True),
        ("FALSE", False),
    ],
)
def test_a_value_is_a_text_a_number_or_a_boolean(literal: str, content: object) -> None:
    node = parse(f"k = {literal}")
    assert isinstance(node, Comparison)
    assert node.value.content == content
    assert type(node.value.content) is type(content)


def test_and_binds_tighter_than_or_and_not_tighter_than_both() -> None:
    one, two, three = (
        Comparison(_path("a", column=c), Operator.EQUAL, Value(1, f"column {c + 2}")) for c in (5, 13, 20)
    )
    assert parse("NOT a=1 AND a=1 OR a=1") == Or((And((Not(one), two)), three))


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("k <> 1", "k != 1"),
        ("k not like 'x'", "k NOT LIKE 'x'"),
        ("k nOt In (1)", "k NOT IN (1)"),
        ("k is not null", "k IS NOT NULL"),
        ("not k=1 and(k=1)or k=1", "not k=1 AND(k=1)OR k=1"),
    ],
)
def test_keywords_may_be_in_any_case_and_operators_have_synonyms(text: str, same: str) -> None:
    assert str(parse(text)).replace("column", "") == str(parse(same)).replace("column", "")


def test_each_condition_has_its_node() -> None:
    assert parse("k IS NULL") == IsNull(_path("k"))
    assert parse("k IN ()") == In(_path("k"), ())
    assert parse("k in ('a', 2)") == In(_path("k"), (Value("a", "column 7"), Value(2, "column 12")))
    assert parse("k ILIKE 'a'") == Like(_path("k"), Value("a", "column 9"), ignores_case=True)
    assert parse("NOT NOT k IS NULL -- twice") == IsNull(_path("k", column=9))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("a = 1 && b = 2", 'unexpected "&&" at column 7; use AND'),
        ("a = 1 || b = 2", 'unexpected "||" at column 7; use OR'),
        ("a == 1", 'unexpected "==" at column 3; use ='),
        ("a => 1", 'unexpected "=>" at column 3; use >='),
        ("a =~ 1", 'unexpected "=~" at column 3; use LIKE, with % for any text'),
        ("!a", 'unexpected "!" at column 1; use NOT, or != to compare'),
        ("owner = bob", 'unexpected "bob" at column 9; put a text in quotes: "bob"'),
        ("owner = a.b.c", 'unexpected "a.b.c" at column 9; put a text in quotes: "a.b.c"'),
        ("owner = null", 'unexpected "null" at column 9; use IS NULL or IS NOT NULL'),
        ("owner =", "the text ends where a value (a text in quotes, a number, true or false) is expected"),
        ("owner", "the text ends where an operator (=, !=, <, <=, >, >=, LIKE, ILIKE, IN, IS NULL) is expected"),
        ("a = 1 and", 'the text ends where a condition such as name = "x" is expected'),
        ("a = 1 b = 2", 'unexpected "b" at column 7; AND or OR is expected'),
        ("(a = 1", "the parenthesis at column 1 is never closed; add )"),
        ("(a = 1) and (b = (2", 'unexpected "(" at column 18; a value (a text in quotes, a number, true or false) is expected'),
        ("a = 1)", 'unexpected ")" at column 6; it closes nothing'),
        ('a = "x', 'the quote at column 5 is never closed; write \\" for one inside'),
        ("a = 'it's'", "unexpected \"s\" at column 9; write \\' for a quote inside a text"),
        ("`a = 1", "the backquote at column 1 is never closed; write \\` for one inside"),
        ("a = 'it''s'", "unexpected \"'s'\" at column 9; write \\' for a quote inside a text"),
        ("a = \u201cx\u201d", 'unexpected "\u201c" at column 5; use plain quotes: \' or "'),
        ("a = 5abc", 'unexpected "5abc" at column 5; this is no number; put a text in quotes'),
        ("a between 1 and 2", 'unexpected "between" at column 3; use >= and <= with AND'),
        ("a in 1", 'unexpected "1" at column 6; a list in parentheses, such as (1, 2) is expected'),
        ("a in [1]", 'unexpected "[" at column 6; use parentheses: ( )'),
        ("a in (1 2)", 'unexpected "2" at column 9; a comma or a closing parenthesis is expected'),
        ("a is 1", 'unexpected "1" at column 6; NULL or NOT NULL is expected'),
        ("a = 1;", 'unexpected ";" at column 6; a query is one condition, without a semicolon'),
        ("a =\n = 1", 'unexpected "=" at line 2, column 2; a value (a text in quotes, a number, true or false) is expected'),
        ("a = $x", 'unexpected "$" at column 5; put a text in double quotes, a name in backquotes'),
        ("and = 1", 'unexpected "and" at column 1; a condition such as name = "x" is expected'),
        ('a = "\\q"', r"unknown escape in the quoted text at column 5; known are \" \' \\ \n \t \r \% \_"),
        ("a = 1e999", "the number at column 5 is too large"),
        ("a = " + "9" * 101, "the number at column 5 is too long"),
        ("a = '\0'", "a NUL character at column 6; no stored text can hold one"),
        ("a = 'x\x07", "the quote at column 5 is never closed; write \\' for one inside"),
        ("\x07", 'unexpected "\\x07" at column 1; put a text in double quotes, a name in backquotes'),
    ],
)  # fmt: skip
def test_an_error_names_the_position_and_says_what_would_work(text: str, complaint: str) -> None:
    with pytest.raises(FilterError) as error:
        parse_filter(text, MODELS)
    assert str(error.value) == f"filterQuery: {complaint}"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("owner = 5", "owner is a text in quotes; got 5 at column 9"),
        ('id = "x"', 'id is a whole number; got "x" at column 6'),
        ("createTimeSinceEpoch = true", "createTimeSinceEpoch is a whole number; got true at column 24"),
        ('id IN (1, "b")', 'id is a whole number; got "b" at column 11'),
        ('id LIKE "1%"', "id at column 1 is a whole number, so LIKE cannot be used"),
        ("k LIKE 5", "LIKE needs a text in quotes at column 8"),
        ("k < true", "true and false are compared with = or != only; see column 5"),
        ("language = 1", "language is a text in quotes, compared with each of its elements; got 1 at column 12"),
        ("properties.owner.int_value = 5", "properties.owner is a text in quotes; got 5 at column 30"),
    ],
)
def test_a_literal_that_fits_no_field_of_its_name_is_refused(text: str, complaint: str) -> None:
    with pytest.raises(FilterError) as error:
        parse_filter(text, MODELS)
    assert str(error.value) == f"filterQuery: {complaint}"


def test_in_artifact_lists_a_value_may_be_the_number_of_a_metric_or_the_text_of_a_parameter() -> None:
    assert parse_filter('value = 0.5 OR value = "x"', LISTED_ARTIFACTS)
    with pytest.raises(FilterError, match="value is a number or a text in quotes; got true"):
        parse_filter("value = true", LISTED_ARTIFACTS)
    with pytest.raises(FilterError, match='value is a number; got "x"'):
        parse_filter('value = "x"', (MetricHistory,))


def test_length_and_nesting_have_limits_that_the_error_names() -> None:
    assert parse("(" * MAX_NESTING + "a=1" + ")" * MAX_NESTING)
    with pytest.raises(FilterError, match="more than 100 parentheses inside each other at column 101"):
        parse("(" * (MAX_NESTING + 1) + "a=1" + ")" * (MAX_NESTING + 1))
    assert parse("a = 1".ljust(MAX_LENGTH))
    with pytest.raises(FilterError, match="8193 characters; at most 8192"):
        parse("a = 1".ljust(MAX_LENGTH + 1))
    assert parse("NOT " * 2000 + "a = 1")
    assert parse(" OR ".join(["a=1"] * 900))


def test_the_deepest_tree_fits_a_stack_that_is_already_deep() -> None:
    text = "a = 1"
    for _ in range(MAX_NESTING):
        text = f"(x = 1 OR y = 2 AND NOT {text})"

    def deep(frames: int) -> bool:
        if frames:
            return deep(frames - 1)
        found = parse_filter(text, MODELS)
        return found is not None and found.matches({"customProperties": {"x": {"int_value": "1"}}})

    assert deep(sys.getrecursionlimit() // 4)


def meaning_of(text: str) -> str:
    """The meaning of a filter, to which page tokens are bound."""
    found = parse_filter(text, MODELS)
    assert found
    return found.meaning


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("name = 'x'", ' `name`  =\n"x" -- a comment'),
        ("a = 1 and b like 'x'", "b LIKE 'x' AND a = 1"),
        ("not (a = 1) OR b IN (1, 2)", "((b in (2,1,2))) or a <> 1"),
        ("a IS NOT NULL", "NOT a is null"),
        ("a.int_value = 1", "`a`.int_value=1"),
        ("a > 0.9", "a > 0.90"),
        ("a > 0.9", "a > 9e-1"),
        ("a = 1", "a = 1.0"),
        ("a = TRUE", "a = true"),
    ],
)
def test_filters_of_equal_meaning_have_the_same_meaning_text(text: str, same: str) -> None:
    assert meaning_of(text) == meaning_of(same)


def test_filters_of_different_meaning_have_different_meaning_texts() -> None:
    texts = [
        "a = 1", "a = '1'", "a = true", "a = 'true'", "a.int_value = 1", "a.double_value = 1", "A = 1", "a != 1", "a > 1",
        "a < 1", "a = 2", "a = 0.9", "a = 0.09", "a = 0.91", "a IN (1)", "a IN ()", "a LIKE '1'", "a ILIKE '1'",
        "a IS NULL", "a IS NOT NULL", "a = 1 AND b = 2", "a = 1 OR b = 2", "a = 2 AND b = 1", "a = 1 AND b = 2 OR c = 3",
        "a = 1 AND (b = 2 OR c = 3)", "a = 'x'", "a = 'X'", "a = 'x '", "a IN ('x', 'y')", "a IN (\"x', 'y\")",
    ]  # fmt: skip
    assert len({meaning_of(text) for text in texts}) == len(texts)


WORDS = (
    'a `b` name = != < LIKE IN NOT AND OR IS NULL ( ) , "x" 5 1.5 true -- \n " \' ` \\ . é ! && % _ - + e9 int_value'
)
pieces = st.sampled_from([*WORDS.split(" "), " ", "\ud800"])


@given(st.lists(pieces, max_size=25).map("".join) | st.lists(pieces, max_size=25).map(" ".join) | st.text(max_size=40))
def test_a_hostile_text_is_a_filter_or_a_filter_error_and_nothing_else(text: str) -> None:
    try:
        found = parse_filter(text, LISTED_ARTIFACTS)
    except FilterError as error:
        complaint, found = str(error), None
    else:
        complaint = "filterQuery: "
    assert complaint.startswith("filterQuery: ")
    if found:
        assert found.matches({}) in {True, False}
        assert wide_query(found) is None or wide_query(found).encode()
