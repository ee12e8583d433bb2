"""What `v1alpha1` does in another way: filters in its words, as `v1` has them."""

import pytest

from converters.errors import FilterError
from model_catalog.operations.older import in_newer_words
from model_registry_proxy.contract.routes import Call


def newer(text: str) -> str:
    """The filter of a call in the words of `v1`."""
    found: str = in_newer_words(Call("findModels", (), {"filterQuery": text}, {})).query["filterQuery"]
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("params = 9.0", "params.double_value = 9.0"),
        ("a.b<=-1.5 AND c > 2", "a.b.double_value<=-1.5 AND c > 2"),
        ("`a b` != 1.0", "`a b`.double_value != 1.0"),
        ("artifacts.x >= 1.0", "artifacts.x.double_value >= 1.0"),
    ],
)
def test_a_number_with_a_point_is_compared_with_doubles(text: str, expected: str) -> None:
    assert newer(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "params = 9",
        "params.int_value = 9.0",
        "`artifacts.x.double_value` = 9.0",
        "createTimeSinceEpoch > 1.0",
        "notes = 'x = 9.0 NOT'",
        '`is` = \'not\' OR this = "IS \\" NULL"',
        "",
    ],
)
def test_other_filters_stay_as_they_are(text: str) -> None:
    assert newer(text) == text


@pytest.mark.parametrize(
    "text", ["NOT a = 1", "a is null", "a NOT IN (1)", "artifacts.`a` = 1", "a = 'x' AND NOT b = 2"]
)
def test_what_only_newer_versions_take_is_refused(text: str) -> None:
    with pytest.raises(FilterError, match=r"invalid filter query: .* is taken by v1 only"):
        newer(text)


@pytest.mark.parametrize("part", ["a", "'\\\\'", "`", ". ", "'", "= ", "a=1.", "=", " ", '"\\\\'])
def test_a_long_filter_is_read_in_a_moment(part: str) -> None:
    text = part * 100_000
    assert newer("x " + text) == "x " + text
