"""The generated files agree with the table of entities, and both halves have the same methods."""

import ast
import importlib.util
import inspect
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
import yaml
from model_registry_client import AsyncRegistry, Registry, entities, states
from model_registry_client.entities import ENTITIES

HERE = Path(__file__).parents[1]
PACKAGE = HERE / "model_registry_client"
SCHEMAS = yaml.safe_load((HERE.parents[1] / "openapi" / "model-registry.yaml").read_text("utf-8"))["components"][
    "schemas"
]


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    """`generate.py`."""
    spec = importlib.util.spec_from_file_location("client_generator", HERE / "generate.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    package = sys.modules["model_registry_client"]
    paths = list(package.__path__)
    spec.loader.exec_module(module)
    package.__path__[:] = paths
    return module


def test_the_generated_files_are_up_to_date(generator: ModuleType, tmp_path: Path) -> None:
    copy = tmp_path / "model_registry_client"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(HERE.parents[1] / "pyproject.toml", tmp_path)  # ruff's settings
    generator.write(copy)
    for path in sorted(copy.rglob("*.py")):
        original = PACKAGE / path.relative_to(copy)
        assert path.read_text() == original.read_text(), f"{original} is out of date: make client"


def test_both_halves_have_the_same_methods() -> None:
    def offered(kind: type) -> dict[str, list[str]]:
        members = inspect.getmembers(kind, inspect.isfunction)
        return {
            name: list(inspect.signature(member).parameters) for name, member in members if not name.startswith("_")
        }

    theirs = offered(AsyncRegistry)
    theirs["close"] = theirs.pop("aclose")
    assert offered(Registry) == theirs


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: entity.__name__)
def test_every_verb_of_the_api_has_a_named_method(entity: type[entities.Entity]) -> None:
    one, many = entity.words.replace(" ", "_"), entity.plural.replace(" ", "_")
    wanted = {f"find_{one}", f"list_{many}"}
    if entity.collection:
        wanted.add(f"get_{one}")
    if entity is not entities.Artifact:
        wanted |= {f"create_{one}", f"upsert_{one}"}
        wanted |= {f"update_{one}"} if entity.collection else set()
    assert wanted <= set(dir(Registry))


def test_the_table_has_every_field_of_the_document() -> None:
    def fields(schema: dict[str, object]) -> Iterator[str]:
        if isinstance(reference := schema.get("$ref"), str):
            yield from fields(SCHEMAS[reference.rpartition("/")[2]])
        properties = schema.get("properties", {})
        assert isinstance(properties, dict)
        yield from properties
        for part in schema.get("allOf", []):  # type: ignore[attr-defined]
            yield from fields(part)

    for entity in ENTITIES:
        if entity is entities.Artifact:
            continue
        ours = {info.alias for info in entity.model_fields.values()}
        assert ours == set(fields(SCHEMAS[entity.__name__])) - {"artifactType"}, entity.__name__


def test_the_states_have_every_word_of_the_document() -> None:
    for name, kind in vars(states).items():
        if isinstance(kind, type) and issubclass(kind, states.OpenEnum) and name in SCHEMAS:
            words = [word for word in SCHEMAS[name]["enum"] if word is not None]  # null means absent
            assert [member.value for member in kind] == words, name


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.name)
def test_everything_public_has_a_docstring(path: Path) -> None:
    tree = ast.parse(path.read_text())
    assert ast.get_docstring(tree)
    public = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_")
    ]
    assert [node.name for node in public if not ast.get_docstring(node)] == []


def test_the_client_needs_only_httpx_and_pydantic() -> None:
    allowed = {"httpx", "pydantic", "model_registry_client"} | sys.stdlib_module_names
    core = [path for path in PACKAGE.rglob("*.py") if "cli" not in path.parts]
    for path in core:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom):
                assert (node.module or "").split(".")[0] in allowed, path
            elif isinstance(node, ast.Import):
                assert {alias.name.split(".")[0] for alias in node.names} <= allowed, path
