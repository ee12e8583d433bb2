"""Whole numbers as clients write them."""

import pytest

from converters.errors import RefusedError
from converters.whole_numbers import whole_number

SMALLEST, LARGEST = -(2**63), 2**63 - 1


@pytest.mark.parametrize(
    "text", ["0", "-0", "+0", "1", "+1", "01", "-01", str(SMALLEST), str(LARGEST), "0" * 5000 + "7"]
)
def test_whole_numbers_of_64_bits_are_read(text: str) -> None:
    assert whole_number(text, "id") == int(text.lstrip("0") or "0")


@pytest.mark.parametrize("text", [str(SMALLEST - 1), str(LARGEST + 1), "1" * 20, "-" + "9" * 5000])
def test_whole_numbers_beyond_64_bits_are_refused(text: str) -> None:
    with pytest.raises(RefusedError, match=r"^step must fit into 64 bits; got -?[0-9]{1,40}\.$"):
        whole_number(text, "step")
