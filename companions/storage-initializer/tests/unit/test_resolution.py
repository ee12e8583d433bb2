"""Which version and which artifact of a model is served."""

import json
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import quote

import pytest
from initializer_support.command import Command
from initializer_support.registry import TestRegistry
from initializer_support.web import Web
from model_registry_storage_initializer.registry import finding


@pytest.fixture
def served(web: Web) -> dict[str, str]:
    return {name: web.serve(f"/{name}", name.encode()) for name in ("old", "new")}


def test_an_archived_version_is_not_the_newest(
    command: Command, registry_server: TestRegistry, served: dict[str, str]
) -> None:
    ids = registry_server.model("archived", {"1": [{"uri": served["old"]}], "2": [{"uri": served["new"]}]})
    registry_server.call("PATCH", f"/model_versions/{ids['2']}", state="ARCHIVED")
    assert command("model-registry://archived").files == {"old": b"old"}
    by_name = command("model-registry://archived/2")
    assert by_name.files["new"] == b"new"
    assert any("WARNING" in line and "is archived" in line for line in by_name.log)


def test_versions_that_are_all_archived_are_named(command: Command, registry_server: TestRegistry) -> None:
    ids = registry_server.model("all-archived", {"1": []})
    registry_server.call("PATCH", f"/model_versions/{ids['1']}", state="ARCHIVED")
    assert 'are archived: "1"' in command.fails("model-registry://all-archived")


def test_a_newer_document_does_not_hide_the_model(
    command: Command, registry_server: TestRegistry, served: dict[str, str]
) -> None:
    document = {"artifactType": "doc-artifact", "uri": served["new"]}
    registry_server.model("documented", {"1": [{"uri": served["old"]}, document]})
    assert command("model-registry://documented").files == {"old": b"old"}


@pytest.mark.parametrize("state", ["PENDING", "ABANDONED", "MARKED_FOR_DELETION", "DELETED"])
def test_an_older_live_artifact_wins_over_a_newer_one_that_is_not(
    command: Command, registry_server: TestRegistry, served: dict[str, str], state: str
) -> None:
    artifacts = [{"uri": served["old"], "state": "LIVE"}, {"uri": served["new"], "state": state}]
    registry_server.model(f"one-{state}", {"1": artifacts[1:]})
    assert f"is {state}" in command.fails(f"model-registry://one-{state}/1")
    registry_server.model(f"two-{state}", {"1": artifacts})
    assert command(f"model-registry://two-{state}").files == {"old": b"old"}


def test_live_comes_before_reference_and_unknown(
    command: Command, registry_server: TestRegistry, served: dict[str, str]
) -> None:
    artifacts = [{"uri": served["old"], "state": "LIVE"}, {"uri": served["new"], "state": "REFERENCE"}]
    registry_server.model("ranked", {"1": artifacts})
    assert command("model-registry://ranked").files == {"old": b"old"}


def test_what_is_missing_is_said_in_the_known_words(command: Command, registry_server: TestRegistry) -> None:
    registry_server.model("no-versions", {})
    assert "no versions associated to registered model no-versions" in command.fails("model-registry://no-versions")
    ids = registry_server.model("no-artifacts", {"1": []})
    assert f"no artifacts associated to model version {ids['1']}" in command.fails("model-registry://no-artifacts")
    registry_server.model("no-uri", {"1": [{}]})
    assert "there is no storageUri supplied" in command.fails("model-registry://no-uri")


@pytest.fixture
def released(registry_server: TestRegistry, web: Web, request: pytest.FixtureRequest) -> dict[str, str]:
    """A model with versions that have numbers, and the alias `Production` of the first one; returns their ids by name."""
    versions = {name: [{"uri": web.serve(f"/{name}", b"")}] for name in ("1.2.0", "1.2.9", "1.3.0-rc.1", "2.0.0")}
    ids = registry_server.model(request.node.name, versions)
    move_alias(registry_server, request.node.name, ids["1.2.0"])
    return ids


def move_alias(registry: TestRegistry, model: str, version_id: str) -> None:
    model_id = registry.call("GET", f"/registered_model?name={quote(model)}")["id"]
    url = f"http://{registry.base}/api/model_registry/ext/v1/registered_models/{model_id}/aliases/Production"
    registry.call("PUT", url, modelVersionId=version_id)


@pytest.mark.parametrize(
    ("asked", "version"),
    [
        ("@Production", "1.2.0"),
        ("@production", "1.2.0"),
        ("^1.2", "1.2.9"),
        ("%5E1.2", "1.2.9"),
        ("~1.2.0", "1.2.9"),
        ("<1.2.9", "1.2.0"),
        (">=1", "2.0.0"),
        ("=1.2.0", "1.2.0"),
    ],
)
def test_a_version_is_found_by_alias_and_by_range(
    command: Command, released: dict[str, str], request: pytest.FixtureRequest, asked: str, version: str
) -> None:
    ended = command(f"model-registry://{quote(request.node.name)}/{asked}")
    assert (ended.status, list(ended.files)) == (0, [version]), ended.log
    assert f'version "{version}" (id {released[version]})' in ended.last


def test_an_alias_that_moved_is_followed_at_the_next_start(
    command: Command, registry_server: TestRegistry, released: dict[str, str], request: pytest.FixtureRequest
) -> None:
    uri = f"model-registry://{request.node.name}/@production"
    assert list(command(uri).files) == ["1.2.0"]
    move_alias(registry_server, request.node.name, released["2.0.0"])
    assert list(command(uri).files) == ["2.0.0"]


@pytest.mark.usefixtures("released")
@pytest.mark.parametrize(
    ("asked", "said"),
    [("@staging", 'has the alias "staging"'), ("^3", 'has the range "^3"'), ("^1.x.y", 'has the range "^1.x.y"')],
)
def test_an_alias_or_a_range_without_a_version_is_said(
    command: Command, request: pytest.FixtureRequest, asked: str, said: str
) -> None:
    assert said in command.fails(f"model-registry://{quote(request.node.name)}/{asked}")


@pytest.mark.parametrize("name", ["@production", "^1.2"])
@pytest.mark.parametrize("extensions", [{"enabled": ["mlflow"]}, {}])
def test_a_registry_without_these_extensions_is_said(command: Command, web: Web, name: str, extensions: object) -> None:
    answers = {
        "/api/model_registry/v1alpha3/registered_model": {"id": "1", "name": "fraud"},
        "/.well-known/model-registry": {"extensions": extensions},
    }
    for path, answer in answers.items():
        web.serve(path, json.dumps(answer).encode(), content_type="application/json")
    command.having(MODEL_REGISTRY_BASE_URL=web.url.removeprefix("http://"))
    assert "it has no such extension" in command.fails(f"model-registry://fraud/{name}")


def test_the_token_of_a_file_is_sent(command: Command, web: Web, tmp_path_factory: pytest.TempPathFactory) -> None:
    token = tmp_path_factory.mktemp("token") / "token"
    token.write_text("secret\n")
    command.having(MODEL_REGISTRY_BASE_URL=web.url.removeprefix("http://"), MODEL_REGISTRY_TOKEN_FILE=str(token))
    command("model-registry://any")
    assert web.seen[0][1]["Authorization"] == "Bearer secret"


def test_a_token_that_is_renewed_while_the_registry_does_not_answer_is_read_again(
    command: Command, web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = tmp_path / "token"
    token.write_text("old")
    web.serve("/api/model_registry/v1alpha3/registered_model", statuses=[503, 404])
    clock = SimpleNamespace(monotonic=lambda: 0.0, sleep=lambda _: token.write_text("new"))
    monkeypatch.setattr(finding, "time", clock)
    command.having(MODEL_REGISTRY_BASE_URL=web.url.removeprefix("http://"), MODEL_REGISTRY_TOKEN_FILE=str(token))
    command.having(MODEL_REGISTRY_TIMEOUT="60").fails("model-registry://any")
    assert [headers["Authorization"] for _, headers in web.seen] == ["Bearer old", "Bearer new"]
