"""Texts that are equal for a MySQL collation."""

import pytest

from converters.lookalikes import look, pairs


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("v1", "V1"),
        ("\u00e9", "\u0129"),
        ("\uac00", "\ubc00"),
        ("\u041a", "\u040a"),
        ("a", "a "),
        ("7:\u00e9", "7:\u0129"),
    ],
)
def test_texts_that_are_equal_for_mysql_have_the_same_key(one: str, other: str) -> None:
    assert look(one) == look(other)


@pytest.mark.parametrize(("one", "other"), [("v1", "v2"), ("\u00e9", "e"), ("a", " a"), ("7:v", "8:v"), ("a_b", "a-b")])
def test_texts_that_differ_for_mysql_have_different_keys(one: str, other: str) -> None:
    assert look(one) != look(other)


def test_every_text_has_a_key() -> None:
    for number in range(0, 0xD800, 7):
        look(chr(number))


def test_pairs_are_the_first_text_of_each_key_with_each_other_text_of_it() -> None:
    assert list(pairs(["b", "A", "a", "a ", "B"])) == [("A", "a"), ("A", "a "), ("B", "b")]
    assert list(pairs(["a", "b"])) == []
