"""Which version and which artifact of a model is served."""

import json
from pathlib import Path
from types import SimpleNamespace

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


def test_an_alias_is_refused_by_a_registry_that_has_none(command: Command, registry_server: TestRegistry) -> None:
    registry_server.model("aliased", {"1": []})
    assert "production" in command.fails("model-registry://aliased/@production")


@pytest.mark.parametrize(
    ("name", "path"), [("@production", "/aliases/production/version"), ("^1.2", "/versions:resolve")]
)
def test_an_alias_and_a_range_are_asked_of_the_extensions(command: Command, web: Web, name: str, path: str) -> None:
    """The server stands for a registry that has these extensions."""
    api, ext = "/api/model_registry/v1alpha3", "/api/model_registry/ext/v1"
    artifact = {"id": "3", "artifactType": "model-artifact", "uri": web.serve("/model.bin", b"m"), "name": "a"}
    answers = {
        f"{api}/registered_model": {"id": "1", "name": "fraud"},
        f"{ext}/registered_models/1{path}": {"id": "2", "name": "1.2.3", "registeredModelId": "1"},
        f"{api}/model_versions/2/artifacts": {"items": [artifact], "size": 1, "pageSize": 1, "nextPageToken": ""},
    }
    for where, answer in answers.items():
        web.serve(where, json.dumps(answer).encode(), content_type="application/json")
    command.having(MODEL_REGISTRY_BASE_URL=web.url.removeprefix("http://"))
    ended = command(f"model-registry://fraud/{name}")
    assert ended.files == {"model.bin": b"m"}, ended.log


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
