"""docs/operations.md names every message of the source, and no other; its answers are those of the code."""

import re

import pytest

from model_registry_proxy import errors
from model_registry_proxy.http import api
from tests.support.messages import messages
from tests.support.processes import ROOT

PAGE = (ROOT / "docs" / "operations.md").read_text("utf-8")
LISTED = {found[1] or found[2] for found in re.finditer(r"^\| (?:`` (.+?) ``|`(.+?)`) \| .+ \|$", PAGE, re.MULTILINE)}


@pytest.mark.parametrize(("message", "file"), messages().items(), ids=messages())
def test_a_message_has_a_row_that_says_what_to_do(message: str, file: str) -> None:
    assert message in LISTED, f"{file} has a message that docs/operations.md does not list"


def test_every_listed_message_is_in_the_code() -> None:
    assert LISTED - set(messages()) == set()


def test_the_rows_of_each_table_of_messages_are_sorted_by_their_words() -> None:
    for table in PAGE.partition("\n## Messages\n")[2].split("\n### ")[1:]:
        rows = [found[1] for found in re.finditer(r"^\| (`.+`) \| .+ \|$", table, re.MULTILINE)]
        assert rows == sorted(rows, key=lambda row: re.sub(r"[^a-z ]", "", row.lower()).split())


def test_the_answers_are_those_of_the_code() -> None:
    said = [api._BUSY, errors.StoreUnavailable().message, errors.StoreError().message]
    source = (ROOT / "model_registry_proxy" / "http" / "api.py").read_text("utf-8")
    said += ["An unexpected failure; the server's log says more."]
    assert said[-1] in source
    assert "No answer from the metadata store within {" in source
    assert [message for message in said if f"`{message}`" not in PAGE] == []


def test_messages_are_read_from_all_their_forms_in_the_source() -> None:
    found = messages()
    assert "The workers cannot serve; see their messages above." in found
    assert found["The store cannot be opened yet: …"] == "model_registry_proxy/serving/app.py"
    assert "The MLMD engine … before it was ready; see its messages above." in found
    assert len(found) > 50
