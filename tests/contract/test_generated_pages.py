"""Pages that are made from tables say what the tables say."""

import importlib.util

import pytest

from tests.support.processes import ROOT

_spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
assert _spec
assert _spec.loader
generate = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(generate)


@pytest.mark.parametrize(("name", "text"), generate.pages().items(), ids=generate.pages().keys())
def test_a_generated_page_is_up_to_date(name: str, text: str) -> None:
    assert (ROOT / "docs" / name).read_text("utf-8") == text, "run `make docs`"
