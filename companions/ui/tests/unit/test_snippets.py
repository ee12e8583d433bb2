"""Snippets are valid code of their languages, and hold the names exactly, whatever those are."""

import ast
import shutil
import subprocess
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from model_registry_client.entities import ModelArtifact
from model_registry_ui.quoting import double_quoted, shell_word
from model_registry_ui.snippets import Snippet, Version, dns_name, snippets

HOSTILE = [
    'a"b',
    "a'b",
    "$(reboot)",
    "`reboot`",
    "a\\",
    "a\nb: c",
    "# no comment",
    "{{x}}",
    "%s",
    "a: b",
    "- a",
    "\u202eabc",
    "😀",
    "é",
    "\x7f",
    "a\u2028b",
    "!!python/object",
    "'; drop",
    "--help",
    "${HOME}",
    "\t",
    " ",
    "*",
    "&a",
    "id:7",
    "\x85",
]
texts = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=10
) | st.sampled_from(HOSTILE)
BASH = shutil.which("bash")


def version(**changes: Any) -> Version:
    preset = {
        "server": "https://ml.example.org",
        "api": "/api/model_registry/v1alpha3",
        "model_id": "7",
        "version_id": "8",
        "model": "fraud",
        "name": "1.0.0",
    }
    return Version(**{**preset, **changes})


def by_key(of: Version) -> dict[str, Snippet]:
    return {one.key: one for one in snippets(of)}


def literals(code: str) -> list[Any]:
    return [node.value for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Constant)]


def words(command: str) -> list[str]:
    """The words of a command as bash reads them, without running it."""
    assert BASH
    printed = subprocess.run([BASH, "-c", f"printf '%s\\0' {command}"], capture_output=True, check=True)
    return printed.stdout.decode().split("\0")[:-1]


@given(texts, texts)
def test_python_holds_the_names(model: str, name: str) -> None:
    of = version(model=model, name=name, artifact=ModelArtifact(name=model, uri="s3://a/b", model_format_name="onnx"))
    for key in ("python", "kubeflow"):
        assert {model, name} <= set(literals(by_key(of)[key].code))
    assert literals(by_key(of)["use"].code)[0] == "b"


@given(texts, texts, texts)
def test_yaml_holds_the_names(model: str, name: str, account: str) -> None:
    artifact = ModelArtifact(
        name="x", uri="s3://a", model_format_name=model, model_format_version=name, service_account_name=account
    )
    read = yaml.safe_load(by_key(version(model=model, name=name, artifact=artifact))["kserve"].code)
    predictor = read["spec"]["predictor"]
    expected = "s3://a" if "/" in model + name else f"model-registry://{model}/{name}"
    assert predictor["model"]["storageUri"] == expected
    assert predictor["model"]["modelFormat"] == {"name": model, "version": name}
    assert predictor["serviceAccountName"] == account
    assert read["metadata"]["labels"] == {
        "modelregistry.kubeflow.org/registered-model-id": "7",
        "modelregistry.kubeflow.org/model-version-id": "8",
    }


@pytest.mark.skipif(not BASH, reason="there is no bash here, which reads the commands")
@pytest.mark.parametrize("name", HOSTILE)
def test_the_shell_holds_the_names(name: str) -> None:
    code = by_key(version(model=name, name=name))["shell"].code
    first, _, second = code.partition("\n\n")
    assert words(first)[-1] in {f"{name}/{name}", "id:8"}
    assert f"name={name}" in words(second.replace("\\\n", ""))


@pytest.mark.skipif(not BASH, reason="there is no bash here, which reads the words")
@given(texts)
def test_a_word_of_the_shell_is_the_text(text: str) -> None:
    assert words(shell_word(text)) == [text]


@given(texts)
def test_a_literal_is_the_text_and_shows_every_character(text: str) -> None:
    literal = double_quoted(text)
    assert ast.literal_eval(literal) == yaml.safe_load(literal) == text
    assert literal.isprintable()


def test_names_that_mr_reads_otherwise_are_written_by_id() -> None:
    assert "versions get fraud/1.0.0" in by_key(version())["shell"].code
    for name in ("org/fraud", "id:7", "-x", "name:y"):
        assert "versions get id:8" in by_key(version(model=name))["shell"].code


def test_a_token_is_a_variable_and_only_where_the_server_wants_one() -> None:
    artifact = ModelArtifact(name="fraud")
    wanted = "".join(one.code for one in snippets(version(needs_token=True, artifact=artifact)))
    assert "Bearer $TOKEN" in wanted
    assert 'os.environ["TOKEN"]' in wanted
    assert "TOKEN" not in "".join(one.code + one.note for one in snippets(version(artifact=artifact)))


def test_snippets_that_would_find_nothing_are_left_out() -> None:
    assert set(by_key(version())) == {"python", "shell", "kserve"}
    assert set(by_key(version(artifact=ModelArtifact(name="other", model_format_name="own")))) == {
        "python",
        "shell",
        "kserve",
    }


@pytest.mark.parametrize("format_name", ["onnx", "sklearn", "xgboost", "pytorch", "tensorflow", "huggingface", "ONNX"])
def test_each_known_format_has_code_that_loads_it(format_name: str) -> None:
    artifact = ModelArtifact(name="x", uri='s3://a/it"s/', model_format_name=format_name)
    assert 'it"s' in literals(by_key(version(artifact=artifact))["use"].code)


def test_an_address_of_http_has_its_port_in_python() -> None:
    assert '"http://ml.example.org:80/base"' in by_key(version(server="http://ml.example.org/base"))["python"].code
    assert '"http://localhost:8080"' in by_key(version(server="http://localhost:8080"))["python"].code


@pytest.mark.parametrize(
    ("text", "name"),
    [("fraud", "fraud"), ("Fraud Model", "fraud-model"), ("7", "model-7"), ("é", "model"), ("a" * 70, "a" * 50)],
)
def test_a_name_of_kubernetes_is_made_of_any_name(text: str, name: str) -> None:
    assert dns_name(text) == name
