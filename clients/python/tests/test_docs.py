"""The pages are correct: their programs run and print what the pages show."""

import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from model_registry_client import AsyncRegistry, ModelRegistryClient, Registry

from tests.support import processes

HERE = Path(__file__).parents[1]
PAGES = (HERE / "README.md", *sorted(page for page in (HERE / "docs").glob("*.md") if page.name != "cli.md"))
"""The pages with Python programs. `test_cli_docs.py` checks the other page."""


@pytest.fixture(scope="module")
def pages() -> ModuleType:
    """`docs/run_pages.py`."""
    spec = importlib.util.spec_from_file_location("run_pages", HERE / "docs" / "run_pages.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def empty_registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an empty registry, as the pages expect it."""
    with processes.proxy(tmp_path_factory.mktemp("pages")) as proxy:
        yield proxy.url


@pytest.mark.parametrize(
    "page",
    [pytest.param(page, marks=[pytest.mark.slow] if page.stem == "tutorial" else []) for page in PAGES],
    ids=lambda page: page.stem,
)
def test_a_page_prints_what_it_shows(
    pages: ModuleType, empty_registry: str, page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    if "sklearn" in (text := page.read_text()):
        pytest.importorskip("sklearn", reason="scikit-learn is not installed; `make test` installs it")
    assert "```python" in text
    assert pages.run_page(text, empty_registry) == text, "run docs/run_pages.py against an empty registry"


def test_every_method_on_a_page_exists() -> None:
    text = "\n".join(page.read_text() for page in PAGES)
    named = set(re.findall(r"`((?:create|upsert|find|get|list|update|attach)_\w+)", text))
    offered = set(dir(Registry)) | set(dir(AsyncRegistry)) | set(dir(ModelRegistryClient))
    others = {"get_registered_models", "get_metric_history", "create_time_since_epoch"}  # of other clients, and a field
    assert {name for name in named - offered if not name.endswith("_")} <= others


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_have_a_target(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)", page.read_text()):
        assert target.startswith("http") or (page.parent / target).exists(), target
