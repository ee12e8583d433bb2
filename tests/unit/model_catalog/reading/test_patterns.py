"""Patterns of names."""

import pytest

from model_catalog.reading.patterns import Patterns, matches


@pytest.mark.parametrize(
    ("pattern", "name", "fits"),
    [
        ("a/b", "a/b", True),
        ("A/b ", "a/B", True),
        ("a", "a/b", False),
        ("a*", "a/b", True),
        ("*b", "a/b", True),
        ("*", "", True),
        ("a*c*e", "abcde", True),
        ("a*c*e", "aecde", True),
        ("ab*ba", "aba", False),
        ("a.b", "axb", False),
        ("a?b", "axb", False),
        ("[ab]*", "ab", False),
        ("*-09*", "org/item-091", True),
        ("*".join("a" * 60) + "b", "a" * 5000, False),
    ],
)
def test_only_the_star_is_special(pattern: str, name: str, fits: bool) -> None:
    assert matches(pattern, name) is fits


@pytest.mark.parametrize(
    ("included", "excluded", "allowed"),
    [
        (None, [], ["x/a", "x/b", "y/a"]),
        ([], [], ["x/a", "x/b", "y/a"]),
        (["x/*"], [], ["x/a", "x/b"]),
        (["x/*"], ["x/*"], []),
        (None, ["*a"], ["x/b"]),
    ],
)
def test_what_is_excluded_is_left_out_also_if_it_is_included(
    included: list[str] | None, excluded: list[str], allowed: list[str]
) -> None:
    patterns = Patterns(included, excluded)
    assert [name for name in ("x/a", "x/b", "y/a") if patterns.allow(name)] == allowed
