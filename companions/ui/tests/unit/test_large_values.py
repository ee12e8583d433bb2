"""What is typed is read in time that grows with its length, never with the square of it."""

import json

import pytest
from model_registry_ui import properties
from model_registry_ui.properties import Kind, PropertyRow, from_rows


class Name(str):
    """The name of a member that counts how often it is compared."""

    compared = 0
    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        Name.compared += 1
        return super().__eq__(other)

    __hash__ = str.__hash__


def problem(kind: Kind, value: str) -> str:
    """What is wrong with a value."""
    return "".join(error.message for error in from_rows([PropertyRow("a", kind, value)]).errors)


def test_a_name_that_stands_twice_is_found_in_one_pass() -> None:
    count = 500
    Name.compared = 0
    pairs = [(Name(index), 1) for index in range(count)]
    with pytest.raises(Exception, match='has "499" twice in one object'):
        properties._no_duplicates([*pairs, (Name(count - 1), 1)])
    assert Name.compared <= 2 * count


@pytest.mark.parametrize("text", ["0" * 1001, "1" * 2_000 + "x", "." + "0" * 1000])
def test_a_decimal_has_a_length_that_is_checked_first(text: str) -> None:
    assert problem(Kind.DECIMAL, text) == "must have at most 1000 digits and signs"


@pytest.mark.parametrize("text", ["0" * 1000, "1.", ".5", "1.5e-3", "0." + "3" * 800])
def test_a_decimal_of_usual_length_is_taken(text: str) -> None:
    assert not problem(Kind.DECIMAL, text)


def test_a_large_object_is_taken() -> None:
    assert not problem(Kind.JSON, json.dumps({str(index): index for index in range(10_000)}))
