"""Pages and pictures that are made from tables and texts are up to date."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from tests.support.processes import ROOT


def script(name: str) -> ModuleType:
    """A script of the folder `docs`, as a module."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "docs" / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


PAGES, PICTURES = script("generate").pages(), script("pictures").pictures()


@pytest.mark.parametrize(("name", "text"), PAGES.items(), ids=PAGES.keys())
def test_a_generated_page_is_up_to_date(name: str, text: str) -> None:
    assert (ROOT / "docs" / name).read_text("utf-8") == text, "run `make docs`"


@pytest.mark.parametrize(("file", "content"), PICTURES.items(), ids=[file.name for file in PICTURES])
def test_a_picture_is_up_to_date(file: Path, content: str) -> None:
    assert file.read_text("utf-8") == content, "run `make docs`"
