"""Scripts for `kubeflow.hub` run after a change of their imports."""

import ast
import importlib.util
import os
import re
import subprocess
import sys
import textwrap
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from model_registry_client import ModelRegistryClient, RegisteredModel, StorageConfig
from model_registry_client.exceptions import NotFoundException, StoreError

from tests.integration.clients.python_clients import flows_in
from tests.support import processes

FLOWS = Path(__file__).parents[3] / "tests" / "integration" / "clients" / "flows"
IMPORTS: Mapping[str, str] = {
    "kubeflow.hub": "model_registry_client",
    "model_registry.exceptions": "model_registry_client.exceptions",
    "model_registry.types": "model_registry_client.types",
    "mr_openapi.exceptions": "model_registry_client.exceptions",
}
needs_kubeflow = pytest.mark.skipif(
    importlib.util.find_spec("kubeflow") is None, reason="kubeflow[hub] is not installed; `make test` installs it"
)


def with_imports_changed(script: str) -> str:
    """Returns the script with the imports of this client."""
    for theirs, ours in IMPORTS.items():
        script = re.sub(rf"^(\s*)from {re.escape(theirs)} import", rf"\1from {ours} import", script, flags=re.MULTILINE)
    assert "kubeflow" not in "".join(re.findall(r"^\s*(?:from|import) .*", script, flags=re.MULTILINE))
    return script


@pytest.mark.parametrize("flow", flows_in("kubeflow_hub.py"))
def test_the_flows_of_kubeflow_hub_work_with_this_client(server_url: str, flow: str) -> None:
    text = (FLOWS / "kubeflow_hub.py").read_text().replace("from steps import next_millisecond, unique", "")
    steps = (FLOWS / "steps.py").read_text()
    wanted = ("unique", "next_millisecond")
    shared = [
        ast.unparse(node) for node in ast.parse(steps).body if isinstance(node, ast.FunctionDef) and node.name in wanted
    ]
    module: dict[str, object] = {}
    exec(compile("import time, uuid\n" + "\n".join(shared) + "\n" + with_imports_changed(text), flow, "exec"), module)  # noqa: S102
    module[flow](address=server_url)  # type: ignore[operator]


def examples_of_the_documentation() -> Iterator[tuple[str, str]]:
    """Yields the examples in the docstrings of `kubeflow.hub`, with the name of the function."""
    spec = importlib.util.find_spec("kubeflow.hub") if importlib.util.find_spec("kubeflow") else None
    if not spec or not spec.origin:
        return
    for path in sorted(Path(spec.origin).parent.rglob("*.py")):
        if path.name.endswith("_test.py"):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef | ast.FunctionDef) and (doc := ast.get_docstring(node)):
                lines = [line.strip()[4:] for line in doc.splitlines() if line.strip().startswith((">>>", "..."))]
                if lines:
                    yield node.name, "\n".join(lines)
                elif "Example:\n" in doc:
                    yield node.name, textwrap.dedent(doc.partition("Example:\n")[2])


EXAMPLES = dict(examples_of_the_documentation())


def run(script: str) -> str:
    """Runs a script and returns its output."""
    environment = {**os.environ, "PYTHONWARNINGS": "ignore", "SSL_CERT_FILE": os.devnull}
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, env=environment)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@needs_kubeflow
def test_the_documentation_has_an_example_for_each_method() -> None:
    methods = {name for name in dir(ModelRegistryClient) if not name.startswith("_")} - {"close", "registry"}
    assert methods - {"experiment", "deployments_of"} <= set(EXAMPLES)


NEW_MODELS = ("register_model", "StorageConfig")
"""The examples that register the model. The others need an existing one."""
DUMP = """
for version in before.list_model_versions(NAME):
    model, artifact = before.get_model(NAME), before.get_model_artifact(NAME, version.name)
    for entity in (model, version, artifact):
        fields = {name: getattr(entity, name) for name in FIELDS if hasattr(entity, name)}
        print(sorted(fields.items()))
"""
FIELDS = (
    "name", "description", "external_id", "state", "owner", "author", "custom_properties", "uri", "model_format_name",
    "model_format_version", "storage_key", "storage_path", "service_account_name",
)  # fmt: skip


def all_examples(server_url: str, prefix: str) -> str:
    """Returns one script with all examples. Each has its own model, and prints the registry after it."""
    parts = [
        f"from kubeflow.hub import ModelRegistryClient\nbefore = ModelRegistryClient({server_url!r}, author='me')\n"
    ]
    parts += [f"FIELDS = {FIELDS!r}\n"]
    for name, example in EXAMPLES.items():
        if name == "upload_artifact":  # this client does not have it
            continue
        model = f"{prefix}-{name}"
        elsewhere = re.compile(r'ModelRegistryClient\("https://[^"]*"(, port=\d+)?\)')
        here = elsewhere.sub(f"ModelRegistryClient({server_url!r})", example).replace("my-model", model)
        parts += [f"print('## {name}')\nNAME = {model!r}\n"]
        if name not in NEW_MODELS:
            parts += ["before.register_model(NAME, 's3://x', version='v1.0.0', metadata={'a': 1})\n"]
        parts += [here, DUMP if name not in ("ModelRegistryClient", "__init__") else ""]
    return "\n".join(parts)


@pytest.fixture
def url_of_small_numbers(tmp_path: Path) -> Iterator[str]:
    """A separate registry: the other SDK fails on whole numbers of more than nine digits, and it lists all models."""
    with processes.proxy(tmp_path) as proxy:
        yield proxy.url


@needs_kubeflow
@pytest.mark.slow
def test_the_examples_of_the_documentation_do_the_same_with_this_client(url_of_small_numbers: str) -> None:
    printed = []
    for change in (str, with_imports_changed):
        prefix = uuid.uuid4().hex
        lines = run(change(all_examples(url_of_small_numbers, prefix))).splitlines()
        of_others = re.compile(rf"(?!.*{prefix})[\w.-]+-[\w-]+")  # models of other tests, which `list_models` shows too
        printed.append(
            [re.sub(r"^\d+$", "ID", line.replace(prefix, "my")) for line in lines if not of_others.fullmatch(line)]
        )
    theirs, ours = printed
    assert ours == theirs
    assert sum(line.startswith("## ") for line in ours) >= 11
    assert "ID" in ours
    assert "s3://my-bucket/new-path" in "\n".join(ours)
    assert ours.count("my-list_models") == 1


def test_the_constructor_takes_the_same_arguments(server_url: str) -> None:
    host, port = f"http://{urlsplit(server_url).hostname}", urlsplit(server_url).port
    with ModelRegistryClient(host, port, user_token="t", author="ann") as client:
        name = str(uuid.uuid4())
        model = client.register_model(name, "s3://x", version="1", storage_config=StorageConfig("key"))
        assert model.owner == "ann"
        assert client.get_model_artifact(name, "1").storage_key == "key"


def test_a_secure_connection_needs_a_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MODEL_REGISTRY_TOKEN", raising=False)
    monkeypatch.delenv("KF_PIPELINES_SA_TOKEN_PATH", raising=False)
    with pytest.raises(StoreError, match="user token"):
        ModelRegistryClient("https://localhost:1")
    monkeypatch.setenv("KF_PIPELINES_SA_TOKEN_PATH", "/nowhere/token")
    with pytest.raises(StoreError, match="/nowhere/token"):
        ModelRegistryClient("http://localhost:1")


def test_errors_have_the_class_names_that_scripts_catch(server_url: str) -> None:
    client, name = ModelRegistryClient(server_url), str(uuid.uuid4())
    with pytest.raises(ValueError, match=f"^Model '{name}' not found$"):
        client.get_model(name)
    with pytest.raises(NotFoundException):
        client.get_model(name)


def test_nothing_is_registered_without_a_name(server_url: str) -> None:
    client, name = ModelRegistryClient(server_url), str(uuid.uuid4())
    before = sum(1 for _ in client.list_models())
    for model, version in (("", "1"), (name, "")):
        with pytest.raises(ValueError, match="must not be empty"):
            client.register_model(model, "s3://x", version=version)
    assert sum(1 for _ in client.list_models()) == before


def test_entities_of_the_explicit_layer_may_be_updated_too(server_url: str) -> None:
    client, name = ModelRegistryClient(server_url), str(uuid.uuid4())
    client.register_model(name, "s3://x", version="1")
    found = client.registry.find_registered_model(name)
    assert found
    found.description = "words"
    changed: RegisteredModel = client.update_model(found)
    assert (type(changed), changed.description) == (RegisteredModel, "words")


def test_registering_takes_three_requests(server_url: str) -> None:
    client, name = ModelRegistryClient(server_url), str(uuid.uuid4())
    asked: list[str] = []
    client.registry._transport._http.event_hooks["request"].append(lambda request: asked.append(request.method))
    client.register_model(name, "s3://x", version="1")
    assert asked == ["POST"] * 3
    asked.clear()
    client.register_model(name, "s3://x", version="2")
    assert asked == ["POST", "GET", "POST", "POST"]
