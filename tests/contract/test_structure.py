"""The shape of the code: the directions of imports, where entities may be named, and docstrings for all that is public."""

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from converters.entities import ENTITIES, Artifact

ROOT = Path(__file__).parents[2]
PURE, SHELL, VERBS = "converters", "model_registry_proxy", "model_registry_proxy/verbs"

PURE_NEEDS = {"converters", "google", "lark", "orjson"}
"""What the pure side may import in addition to the standard library: no HTTP, no channel, nothing of the proxy."""

SPEAK_GRPC = {
    "engine/frames.py": "the same calls on the short way to the embedded engine",
    "engine/process.py": "the server side, in a process of its own",
    "mlmd/calls.py": "all calls",
    "mlmd/events.py": "the code with which a call ended",
    "mlmd/failures.py": "its table of codes",
    "serving/balancing.py": "several channels as one",
    "serving/channels.py": "opens channels",
}

KNOW_STATUSES = {
    "errors.py": "each failure has one",
    "mlmd/port.py": "the failures of the store",
    "mlflow/operations.py": "200",
    "verbs/aliases/bindings.py": "200 or 204",
    "verbs/attach.py": "200 or 201",
    "verbs/extensions.py": "200",
    "verbs/operations.py": "200 or 201",
}
"""Files outside the ASGI wings that know HTTP statuses; docs/architecture.md names them."""

NAMED_IN_VERBS = {
    "deployed_model.py": {"InferenceService", "ModelVersion", "RegisteredModel"},  # two questions about these very ones
    "archiving.py": {"ModelVersion"},
    "histories.py": {
        "ModelVersion",
        "RegisteredModel",
    },  # of aliases, which are names that a model has for its versions
    "moves.py": {"ModelVersion", "RegisteredModel"},
    "recording.py": {"Artifact"},  # steps of lineage take and make artifacts
    "starts.py": {"Artifact", "DataSet", "ModelArtifact", "ModelVersion"},  # where lineage begins
    "search.py": {
        "DataSet",
        "ExperimentRun",
        "InferenceService",
        "ModelArtifact",
        "ModelVersion",
        "ServeModel",
    },  # lineage: which of them comes of which
    "states.py": {"RegisteredModel"},
    "ranges.py": {"ModelVersion", "RegisteredModel"},  # a range is one of versions of a model
}
"""The only verbs that know an entity by name."""


def modules(*folders: str) -> list[Path]:
    """The source files below these folders, without generated ones."""
    found = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return [path for path in found if "_generated" not in path.parts]


@cache
def tree_of(path: Path) -> ast.Module:
    """The parsed source of a file."""
    return ast.parse(path.read_text())


def imports(path: Path) -> Iterator[str]:
    """The modules that a file imports, anywhere in it."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def named(path: Path) -> set[str]:
    """The names that a file mentions."""
    return {node.id for node in ast.walk(tree_of(path)) if isinstance(node, ast.Name)}


@pytest.mark.parametrize("path", modules(PURE), ids=lambda path: str(path.relative_to(ROOT)))
def test_the_converters_are_pure(path: Path) -> None:
    tops = {name.partition(".")[0] for name in imports(path)}
    assert tops - sys.stdlib_module_names <= PURE_NEEDS
    assert not tops & {"asyncio", "http", "socket", "threading", "urllib"}
    assert not [node for node in ast.walk(tree_of(path)) if isinstance(node, ast.AsyncFunctionDef)]


def test_grpc_is_spoken_where_the_table_says() -> None:
    speakers = {
        str(path.relative_to(ROOT / SHELL))
        for path in modules(SHELL)
        if any(name.partition(".")[0] == "grpc" for name in imports(path))
    }
    assert speakers == set(SPEAK_GRPC)


def test_statuses_are_known_where_the_table_says() -> None:
    found = {str(path.relative_to(ROOT / SHELL)) for path in modules(SHELL) if "HTTPStatus" in named(path)}
    assert {path for path in found if not path.startswith(("http/", "serving/"))} == set(KNOW_STATUSES)
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    assert [path for path in KNOW_STATUSES if f"`{path}`" not in page] == []


NEED_MLMD = {
    "contract/test_mlflow_and_other_readers.py": "what other programs see in a store of MLMD",
    "contract/test_round_trips.py": "counts MLMD's calls",
    "contract/test_store.py": "compares both stores",
    "unit/converters/test_nodes.py": "compares both stores",
    "unit/converters/test_type_definitions.py": "what MLMD does with types",
    "unit/converters/test_values.py": "compares both stores",
    "unit/model_registry_proxy/deadlines/test_deadline.py": "time limits of MLMD's calls",
    "unit/model_registry_proxy/observability/test_metrics.py": "MLMD's calls, batches and retries",
    "unit/model_registry_proxy/observability/test_server_timing.py": "MLMD's calls and batches",
    "unit/model_registry_proxy/observability/test_tracing.py": "MLMD's calls and batches",
    "unit/model_registry_proxy/security/test_visibility.py": "counts MLMD's calls",
    "unit/model_registry_proxy/verbs/test_create.py": "compares both stores",
    "unit/model_registry_proxy/verbs/test_changes.py": "compares both stores",
    "unit/model_registry_proxy/verbs/test_lineage.py": "compares both stores",
    "unit/model_registry_proxy/verbs/test_replays.py": "compares both stores",
}
"""Files outside the MLMD wing with tests that need the ml-metadata wheel, and why. Not every platform has one."""


def test_unit_and_contract_tests_run_on_the_store_in_memory_except_where_the_table_says() -> None:
    tests = ROOT / "tests"
    paths = [path for folder in ("unit", "contract") for path in (tests / folder).rglob("test_*.py")]
    found = {str(path.relative_to(tests)) for path in paths if "tests.support.fake_store" in imports(path)}
    assert {path for path in found if "/mlmd/" not in path} == set(NEED_MLMD)


def test_at_most_six_files_stand_directly_in_the_package() -> None:
    assert len(list((ROOT / SHELL).glob("*.py"))) <= 6


def test_no_verb_knows_an_entity_by_name() -> None:
    classes = {entity.__name__ for entity in (*ENTITIES, Artifact)}
    found = {path.name: named(path) & classes for path in modules(VERBS)}
    for table in ("operations.py", "extensions.py", "bindings.py"):  # they bind operations to entities
        del found[table]
    assert {name: names for name, names in found.items() if names} == NAMED_IN_VERBS


FIELDS_BY_NAME = {
    "deployed_model.py": {"modelVersionId", "registeredModelId"},
    "model_versions.py": {"modelFormatName", "modelSourceId", "modelSourceKind"},  # where MLflow's facts are kept
    "names.py": {"timestamp"},  # filters: a text that compares as a time
    "health.py": {"timestamp"},  # its own word
    "starts.py": {"modelVersionId"},  # where lineage begins
    "records.py": {"lastKnownState", "registeredModelId"},  # of moves of aliases
    "states.py": {"modelVersionId", "registeredModelId"},  # of aliases
    "orders.py": {"timestamp"},  # MLflow's word
    "bindings.py": {"modelVersionId"},
}
"""Files that know a field by its JSON name, in addition to `entities.py`."""


@pytest.mark.parametrize("path", modules(PURE, SHELL), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_stage_of_a_request_knows_a_field_by_name(path: Path) -> None:
    fields = {field.rest for entity in ENTITIES for field in entity.fields.values()}
    camel_case = {name for name in fields if name != name.lower() or name == "timestamp"}  # `value` is any word
    constants = {node.value for node in ast.walk(tree_of(path)) if isinstance(node, ast.Constant)}
    assert constants & camel_case <= FIELDS_BY_NAME.get(path.name, set())


def explained(tree: ast.AST, prefix: str = "") -> Iterator[tuple[str, bool]]:
    """Each public function and class below a node, and whether it has a docstring."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
            yield prefix + node.name, bool(ast.get_docstring(node))
            if isinstance(node, ast.ClassDef):
                yield from explained(node, node.name + ".")


@pytest.mark.parametrize("path", modules(PURE, SHELL), ids=lambda path: str(path.relative_to(ROOT)))
def test_everything_public_is_explained(path: Path) -> None:
    tree = tree_of(path)
    assert ast.get_docstring(tree), "the module opens with a sentence on its place"
    inherited = {"_File.get_field_value"}
    assert [name for name, is_explained in explained(tree) if not is_explained and name not in inherited] == []


def test_files_hold_one_concept() -> None:
    assert {path.name for path in modules(PURE, SHELL) if len(path.read_text().splitlines()) > 310} == set()
