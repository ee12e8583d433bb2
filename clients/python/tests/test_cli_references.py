"""References, and commands on several entities."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from model_registry_cli.output.rows import rows
from model_registry_cli.references import References
from model_registry_cli.resources import BY_NAME
from model_registry_client import ModelVersion, Registry

from tests.support.commands import Ended, environment, run

Mr = Callable[..., Ended]
Unique = Callable[[str], str]


@pytest.fixture
def mr(server_url: str, tmp_path: Path) -> Mr:
    """Runs `mr` against the server."""
    return lambda *arguments, stdin="", **env: run(arguments, environment(tmp_path, server_url, env), stdin)


def test_names_with_slashes_are_split_where_an_entity_exists(mr: Mr, registry: Registry, unique: Unique) -> None:
    word = unique("org")
    slashed = registry.create_registered_model(f"{word}/fraud")
    version = registry.create_model_version(slashed.id, "1.0")
    assert json.loads(mr("versions", "get", f"{word}/fraud/1.0", "-o", "json").out)["id"] == version.id
    assert json.loads(mr("versions", "get", f"id:{slashed.id}/1.0", "-o", "json").out)["id"] == version.id
    assert mr("versions", "list", f"{word}/fraud", "-o", "name").out == f"{word}/fraud/1.0\n"

    plain = registry.create_registered_model(word)
    other = registry.create_model_version(plain.id, "fraud/1.0")
    ended = mr("versions", "get", f"{word}/fraud/1.0")
    assert ended.code == 2
    assert f"id:{version.id}" in ended.err
    assert f"id:{other.id}" in ended.err
    chosen = mr("versions", "get", "fraud/1.0", "--model", word, "-o", "json")
    assert json.loads(chosen.out)["id"] == other.id
    assert mr("versions", "create", f"{word}/fraud/2.0").code == 2


def test_a_number_is_a_name_and_a_name_may_look_like_an_id(mr: Mr, registry: Registry, unique: Unique) -> None:
    model = registry.create_registered_model(unique("model"))
    ended = mr("models", "get", model.id)
    assert ended.code == 3
    assert f"id:{model.id}" in ended.err
    odd = f"id:{unique('')}"
    made = mr("models", "create", odd, "-o", "name")
    assert made.out == f"name:{odd}\n"
    assert mr("models", "get", f"name:{odd}", "-o", "name").out == f"name:{odd}\n"
    assert mr("models", "get", "id:999999999").code == 3


def test_similar_names_are_suggested_at_every_level(mr: Mr, registry: Registry, unique: Unique) -> None:
    name = unique("transactions")
    model = registry.create_registered_model(name)
    registry.create_model_version(model.id, "nightly")
    assert f"Did you mean {name}?" in mr("models", "get", name[1:]).err
    assert f"Did you mean {name}?" in mr("versions", "get", f"{name[1:]}/nightly").err
    ended = mr("versions", "get", f"{name}/nightli")
    assert ended.code == 3
    assert f"Did you mean {name}/nightly?" in ended.err
    assert f"Did you mean {name}?" in mr("versions", "create", f"{name[1:]}/new").err


def test_several_entities_are_changed_only_after_confirmation(mr: Mr, registry: Registry, unique: Unique) -> None:
    mark = unique("mark")
    names = [unique("model") for _ in range(3)]
    for name in names:
        registry.create_registered_model(name, owner=mark)
    query = ("--filter", f'owner = "{mark}"')

    def states() -> set[str]:
        return {each["state"] for each in json.loads(mr("models", "list", *query, "-o", "json").out)}

    asked = mr("models", "archive", *query)
    assert (asked.code, states()) == (2, {"LIVE"})
    assert "--yes" in asked.err
    assert len(mr("models", "archive", *query, "--dry-run").out.splitlines()) == 3
    assert states() == {"LIVE"}
    assert len(mr("models", "archive", *query, "--yes").out.splitlines()) == 3
    assert states() == {"ARCHIVED"}
    assert [each["name"] for each in json.loads(mr("models", "restore", *names, "-y", "-o", "json").out)] == names

    partly = mr("models", "update", *names, "--external-id", unique("taken"), "--yes")
    assert partly.code == 4
    assert len(partly.out.splitlines()) == 1
    assert mr("models", "archive", names[0], "no-such-model-at-all", "-y").code == 3
    assert states() == {"LIVE"}


def test_artifacts_of_versions_and_runs_with_equal_names_are_distinguished(
    mr: Mr, registry: Registry, unique: Unique
) -> None:
    word = unique("both")
    model, experiment = registry.create_registered_model(word), registry.create_experiment(word)
    registry.create_model_version(model.id, "1")
    registry.create_experiment_run(experiment.id, "1")
    assert mr("artifacts", "create", f"{word}/1/files").code == 2
    made = mr("artifacts", "create", "files", "--version", f"{word}/1", "--uri", "s3://a", "-o", "name")
    assert made.out == f"{word}/1/files\n"
    assert mr("metrics", "create", "auc", "--run", f"{word}/1", "--value", "1").code == 0
    assert mr("artifacts", "list", f"{word}/1").code == 2
    assert len(mr("artifacts", "list", "--run", f"{word}/1").out.splitlines()) == 2
    listed = json.loads(mr("artifacts", "list", "--version", f"{word}/1", "--type", "model", "-o", "json").out)
    assert [each["kind"] for each in listed] == ["model-artifact"]


def test_a_list_reads_referenced_entities_in_one_request_per_page(
    server_url: str, unique: Unique, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    with Registry(server_url) as registry:
        mark = unique("mark")
        for number in range(5):
            model = registry.create_registered_model(f"{mark}-{number}")
            registry.create_model_version(model.id, "1", author=mark)
        get = registry._transport.get

        def counting(path: str, params: object = None) -> object:
            asked.append(path)
            return get(path, params)  # type: ignore[arg-type]

        monkeypatch.setattr(registry._transport, "get", counting)
        found = registry.list(ModelVersion, filter_query=f'author = "{mark}"')
        shown = rows(BY_NAME["versions"], found, References(registry), None, is_wide=False, is_plain=False)
        assert [row.name() for row in shown] == [f"{mark}-{number}/1" for number in range(5)]
    assert asked == ["/model_versions", "/registered_models"]


def test_create_or_update_updates_and_filters_limit_a_list(mr: Mr, registry: Registry, unique: Unique) -> None:
    name = unique("model")
    assert mr("models", "create", name, "--owner", "ann", "--or-update").code == 0
    assert mr("models", "create", name, "--owner", "bob").code == 4
    updated = json.loads(mr("models", "create", name, "--description", "new", "--or-update", "-o", "json").out)
    assert (updated["owner"], updated["description"]) == ("ann", "new")
    assert json.loads(mr("models", "list", "-q", f'name = "{name}"', "--state", "ARCHIVED", "-o", "json").out) == []
    assert mr("models", "archive", name).code == 0
    assert mr("models", "list", "-q", f'name = "{name}"', "--state", "archived", "-o", "name").out == f"{name}\n"
    assert mr("models", "list", "--limit", "1", "-o", "name").out.count("\n") == 1
