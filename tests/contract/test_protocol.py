"""Our MLMD messages are those of the ml-metadata wheel: the descriptors are equal, so one process can load both."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULES = ["metadata_store_pb2", "metadata_store_service_pb2"]
needs_wheel = pytest.mark.skipif(
    importlib.util.find_spec("ml_metadata") is None, reason="the ml-metadata wheel is not installed"
)


def serialized_file(module: Path) -> bytes:
    """Find the descriptor in a generated module, read from its text: the pool would answer with its first copy."""
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "AddSerializedFile":
            value = ast.literal_eval(node.args[0])
            assert isinstance(value, bytes)
            return value
    message = f"{module} holds no file descriptor"
    raise AssertionError(message)


def run_python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )


@needs_wheel
@pytest.mark.parametrize("name", MODULES)
def test_descriptor_equals_the_wheels_byte_for_byte(name: str) -> None:
    spec = importlib.util.find_spec("ml_metadata")
    assert spec is not None
    assert spec.origin is not None
    theirs = Path(spec.origin).parent / "proto" / f"{name}.py"
    ours = ROOT / "converters" / "_generated" / f"{name}.py"
    assert serialized_file(ours) == serialized_file(theirs)


@pytest.mark.parametrize("name", MODULES)
def test_file_keeps_the_wheels_name(name: str) -> None:
    module = importlib.import_module(f"converters._generated.{name}")
    assert module.DESCRIPTOR.name == f"ml_metadata/proto/{name.removesuffix('_pb2')}.proto"
    assert module.DESCRIPTOR.package == "ml_metadata"


OURS = "from converters._generated import metadata_store_pb2 as ours, metadata_store_service_pb2 as our_service"
THEIRS = "from ml_metadata.proto import metadata_store_pb2 as theirs, metadata_store_service_pb2 as their_service"
EXCHANGE = """
put = our_service.PutContextsRequest(contexts=[ours.Context(name="a", custom_properties={"k": ours.Value()})])
assert their_service.PutContextsRequest.FromString(put.SerializeToString()).contexts[0].name == "a"
model = ours.ArtifactType.SystemDefinedBaseType.DESCRIPTOR.values_by_name["MODEL"].GetOptions()
assert model.Extensions[ours.system_type_extension].type_name == "mlmd.Model"
assert model.Extensions[theirs.system_type_extension].type_name == "mlmd.Model"
"""


@needs_wheel
@pytest.mark.parametrize("imports", [f"{OURS}\n{THEIRS}", f"{THEIRS}\n{OURS}"], ids=["ours-first", "the-wheels-first"])
def test_both_load_in_one_process(imports: str) -> None:
    result = run_python(f"{imports}\n{EXCHANGE}")
    assert result.returncode == 0, result.stderr


def test_our_messages_need_no_wheel() -> None:
    result = run_python(f"import sys; sys.modules['ml_metadata'] = None\n{OURS}\nassert ours.Value(bool_value=True)")
    assert result.returncode == 0, result.stderr


def test_proto_is_no_package_of_ours() -> None:
    """proto-plus is imported as `proto`; an __init__.py in proto/ or a module of the wheel's name would hide it."""
    assert not list((ROOT / "proto").rglob("__init__.py"))
    assert not list((ROOT / "proto").rglob("*.py"))
    found = run_python(
        "import importlib.util as u; s = u.find_spec('proto'); print(s.origin if s else None)"
    ).stdout.strip()
    assert found == "None" or not Path(found).is_relative_to(ROOT / "proto"), found
    assert not (ROOT / "ml_metadata").exists()


def test_every_python_import_is_rewritten() -> None:
    for module in (ROOT / "converters" / "_generated").glob("*_pb2.py*"):
        imports = [line for line in module.read_text().splitlines() if line.startswith(("import ", "from "))]
        assert not [line for line in imports if "ml_metadata" in line.split(" as ")[0]], module
