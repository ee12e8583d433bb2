"""The shape of the code: which way imports point, where entities may be named, and that all that is public is explained."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from converters.entities import ENTITIES, Artifact

ROOT = Path(__file__).parents[2]
PURE, SHELL, VERBS = "converters", "model_registry_proxy", "model_registry_proxy/verbs"

PURE_NEEDS = {"converters", "google", "lark", "orjson"}
"""What the pure side may import beside the standard library: no HTTP, no channel, nothing of the proxy."""

SPEAK_GRPC = {
    "frames.py": "the same calls on the short way to the embedded engine",
    "app.py": "opens the channel",
    "channels.py": "likewise",
    "balancing.py": "several channels as one",
    "errors.py": "its table of codes",
    "tracing.py": "notes how calls end",
    "server_timing.py": "what a channel is",
    "metrics.py": "counts calls by their codes",
    "metadata_store.py": "what a channel is",
    "mlmd_calls.py": "all calls",
    "mlmd_engine.py": "the server side, in a process of its own",
}

NAMED_IN_VERBS = {
    "deployed_model.py": {"InferenceService", "ModelVersion", "RegisteredModel"},  # two questions about these very ones
    "metric_history.py": {"ExperimentRun"},  # MLMD's data model has history below runs only
}
"""The only verbs that know an entity by name."""


def modules(*folders: str) -> list[Path]:
    """The source files below these folders, without generated ones."""
    found = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return [path for path in found if "_generated" not in path.parts]


def imports(path: Path) -> Iterator[str]:
    """The modules that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def named(path: Path) -> set[str]:
    """The names that a file mentions."""
    return {node.id for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Name)}


@pytest.mark.parametrize("path", modules(PURE), ids=lambda path: str(path.relative_to(ROOT)))
def test_the_converters_are_pure(path: Path) -> None:
    tops = {name.partition(".")[0] for name in imports(path)}
    assert tops - sys.stdlib_module_names <= PURE_NEEDS
    assert not tops & {"asyncio", "http", "socket", "threading", "urllib"}
    assert not [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.AsyncFunctionDef)]


def test_grpc_is_spoken_where_the_table_says() -> None:
    speakers = {path.name for path in modules(SHELL) if any(name.partition(".")[0] == "grpc" for name in imports(path))}
    assert speakers <= set(SPEAK_GRPC)


def test_a_request_moves_one_way() -> None:
    order = ["errors", "contract", "validation", "metadata_store", "known_contexts", "registry", "verbs", "operations"]
    order += ["api", "app", "server", "__main__"]
    place = {name: number for number, name in enumerate(order)}
    for path in modules(SHELL):
        own = "verbs" if path.parent.name == "verbs" else path.stem
        theirs = [name.split(".")[1] for name in imports(path) if name.startswith(SHELL + ".")]
        later = [name for name in theirs if name in place and own in place and place[name] > place[own]]
        assert not later, f"{own} imports {later}"


def test_no_verb_knows_an_entity_by_name() -> None:
    classes = {entity.__name__ for entity in (*ENTITIES, Artifact)}
    found = {path.name: named(path) & classes for path in modules(VERBS)}
    assert {name: names for name, names in found.items() if names} == NAMED_IN_VERBS


FIELDS_TOLD = {
    "registry.py": {"experimentId", "experimentRunId"},  # of an artifact: told by its run, kept nowhere
    "deployed_model.py": {"modelVersionId", "registeredModelId"},
    "names.py": {"timestamp"},  # filters: a text that compares as a time
    "health.py": {"timestamp"},  # its own word
}
"""Where a field is known by its JSON name, beside `entities.py`."""


@pytest.mark.parametrize("path", modules(PURE, SHELL), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_stage_of_a_request_knows_a_field_by_name(path: Path) -> None:
    fields = {field.rest for entity in ENTITIES for field in entity.fields.values()}
    telling = {name for name in fields if name != name.lower() or name == "timestamp"}  # `value` is any word
    constants = {node.value for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Constant)}
    assert constants & telling <= FIELDS_TOLD.get(path.name, set())


def explained(tree: ast.AST, prefix: str = "") -> Iterator[tuple[str, bool]]:
    """Each public function and class below a node, and whether it has a docstring."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
            yield prefix + node.name, bool(ast.get_docstring(node))
            if isinstance(node, ast.ClassDef):
                yield from explained(node, node.name + ".")


@pytest.mark.parametrize("path", modules(PURE, SHELL), ids=lambda path: str(path.relative_to(ROOT)))
def test_everything_public_is_explained(path: Path) -> None:
    tree = ast.parse(path.read_text())
    assert ast.get_docstring(tree), "the module opens with a sentence on its place"
    inherited = {"_File.get_field_value"}
    assert [name for name, is_explained in explained(tree) if not is_explained and name not in inherited] == []


def test_files_hold_one_concept() -> None:
    assert {path.name for path in modules(PURE, SHELL) if len(path.read_text().splitlines()) > 330} == set()
