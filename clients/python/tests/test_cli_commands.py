"""Every sub-command of `mr`, as a process against a real server. One test runs the verbs on every resource."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
import yaml
from model_registry_cli.catalogue import Entry, Group, commands
from model_registry_cli.resources import RESOURCES, Resource
from model_registry_client import Registry

from tests.support.commands import Ended

Mr = Callable[..., Ended]
Unique = Callable[[str], str]
GIVEN: Mapping[str, Sequence[str]] = {
    "models": ("--owner", "ann", "--language", "en", "--language", "de"),
    "versions": ("--author", "bob"),
    "artifacts": ("--type", "dataset", "--uri", "s3://a/b", "--digest", "abc"),
    "environments": ("--external-id", "{unique}"),
    "deployments": ("--version", "{model}/1", "--runtime", "triton"),
    "experiments": ("--owner", "cem"),
    "runs": ("--start-time", "2026-01-02T03:04:05Z", "--status", "RUNNING"),
    "metrics": ("--value", "0.25", "--step", "3"),
}
MADE: Mapping[str, Mapping[str, object]] = {
    "models": {"kind": "model", "owner": "ann", "language": ["en", "de"], "state": "LIVE"},
    "versions": {"kind": "version", "author": "bob"},
    "artifacts": {"kind": "dataset-artifact", "uri": "s3://a/b", "digest": "abc"},
    "environments": {"kind": "environment"},
    "deployments": {"kind": "deployment", "runtime": "triton", "desiredState": "DEPLOYED"},
    "experiments": {"kind": "experiment", "owner": "cem"},
    "runs": {"kind": "run", "startTimeSinceEpoch": "1767323045000", "status": "RUNNING"},
    "metrics": {"kind": "metric", "value": 0.25, "step": 3},
}
"""The JSON that those flags make, without description and properties."""


def reference(resource: Resource, above: Mapping[str, str], name: str) -> str:
    return f"{above[resource.above[0]]}/{name}" if resource.above else name


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.name)
def test_an_entity_is_created_listed_shown_and_updated(
    mr: Mr, resource: Resource, above: dict[str, str], unique: Unique
) -> None:
    name = reference(resource, above, unique("new"))
    flags = [flag.format(model=above["model"], unique=unique("external")) for flag in GIVEN[resource.name]]
    common = ("--description", "words", "-P", "team=payments", "-P", "score:=1.5")
    group = resource.name

    shown = mr(group, "create", name, *flags, *common, "--dry-run").out
    assert shown.startswith("would create")
    assert mr(group, "get", name, code=3).out == ""

    made = json.loads(mr(group, "create", name, *flags, *common, "-o", "json").out)
    expected = {**MADE[group], "description": "words", "customProperties": {"team": "payments", "score": 1.5}}
    assert {key: made[key] for key in expected} == expected

    parent = name.rpartition("/")[0] if resource.above else ""
    listed = json.loads(mr(group, "list", *([parent] if parent else []), "-o", "json", "--desc", "--limit", "3").out)
    assert made in listed
    assert json.loads(mr(group, "get", name, "-o", "json").out) == made
    assert yaml.safe_load(mr(group, "get", f"id:{made['id']}", "-o", "yaml").out) == made

    changed = json.loads(
        mr(group, "update", name, "--description", "", "-P", "new:=true", "--remove-property", "team", "-o", "json").out
    )
    assert "description" not in changed
    assert changed["customProperties"] == {"score": 1.5, "new": True}
    assert {key: changed[key] for key in MADE[group]} == dict(MADE[group])

    for output in ("table", "wide"):
        lines = mr(group, "list", *([parent] if parent else []), "-o", output).out.splitlines()
        titles = [c.title for c in resource.columns if output == "wide" or not c.is_wide]
        assert [title for title in titles if title not in lines[0]] == []
        assert any(name.rpartition("/")[2] in line for line in lines[1:])
    assert name in mr(group, "list", *([parent] if parent else []), "-o", "name").out.splitlines()
    assert name.rpartition("/")[2] in mr(group, "get", name).out


@pytest.mark.parametrize("resource", [r for r in RESOURCES if r.archiving], ids=lambda resource: resource.name)
def test_an_archived_entity_can_be_restored(mr: Mr, resource: Resource, above: dict[str, str], unique: Unique) -> None:
    name = reference(resource, above, unique("new"))
    flags = [flag.format(model=above["model"]) for flag in GIVEN[resource.name]]
    assert resource.archiving
    field = json.loads(mr(resource.name, "create", name, *flags, "-o", "json").out)
    field = next(key for key in field if key.lower() == resource.archiving.field.replace("_", ""))

    assert mr(resource.name, "archive", name, "--dry-run").out.startswith(f"would archive {resource.word} {name}")
    assert mr(resource.name, "archive", name).out.startswith(f"archived {resource.word} {name} (id:")
    assert json.loads(mr(resource.name, "get", name, "-o", "json").out)[field] == resource.archiving.archived
    assert mr(resource.name, "restore", name, "-o", "name").out == f"{name}\n"
    assert json.loads(mr(resource.name, "get", name, "-o", "json").out)[field] == resource.archiving.restored


def test_every_command_has_a_help_text(mr: Mr) -> None:
    top = mr("--help").out
    for group in commands():
        assert f" {group.name} " in top
        shown = mr(group.name, "--help").out
        assert group.help.split(".")[0].split()[0] in shown
        for entry in group.entries if isinstance(group, Group) else ():
            assert isinstance(entry, Entry)
            assert f" {entry.name} " in shown
            assert "--help" in mr(group.name, entry.name, "--help").out


def test_register_creates_all_three_and_completes_an_interrupted_attempt(
    mr: Mr, registry: Registry, unique: Unique
) -> None:
    name = unique("model")
    assert mr("register", name, "s3://a", "--version", "1", "--dry-run").out.startswith("would create model")
    lines = mr("register", name, "s3://a", "--version", "1", "--format", "onnx", "-P", "auc:=0.9").out.splitlines()
    assert [line.split(" (")[0] for line in lines] == [
        f"created model {name}",
        f"created version {name}/1",
        f"created model artifact {name}/1/{name}",
    ]
    clash = mr("register", name, "s3://a", "--version", "1", code=4)
    assert "has a version '1' already" in clash.err

    model = registry.find_registered_model(name)
    assert model
    registry.create_model_version(model.id, "2")
    registered = json.loads(mr("register", name, "s3://b", "--version", "2", "-o", "json").out)
    assert (registered["version"]["name"], registered["artifact"]["uri"]) == ("2", "s3://b")


def test_register_checks_all_input_before_it_creates_anything(mr: Mr, registry: Registry, unique: Unique) -> None:
    name = unique("model")
    for wrong in (
        ("s3://a", "--version", "1", "-P", "x:=NaN"),
        ("s3://a", "--version", "1", "-P", "x:=[1]"),
        ("s3://a", "--version", "1", "-P", "x:=null"),
        ("s3://a", "--version", "1", "-P", "x:=9223372036854775808"),
        ("s3://a", "--version", "1", "-P", "x:=1e60"),
        ("s3://a", "--version", "v" * 254),
        ("s3://a", "--version", ""),
        ("", "--version", "1"),
        ("s3://a", "--version", "1", "--format", "mlmd-struct::x"),
    ):
        assert mr("register", name, *wrong, code=2).err.startswith("mr: The ")
        assert mr("register", name, *wrong, "--dry-run", code=2).err.startswith("mr: The ")
    assert registry.find_registered_model(name) is None


def test_search_finds_parts_of_names_and_takes_filters(mr: Mr, above: dict[str, str]) -> None:
    word = above["model"].removeprefix("model-")
    found = json.loads(mr("search", word.upper(), "-o", "json").out)
    assert [(each["kind"], each["name"]) for each in found] == [("model", above["model"])]

    mr("versions", "update", above["version"], "-P", f"mark={word}")
    table = mr("search", f'mark = "{word}"', "--in", "models,versions,artifacts").out.splitlines()
    assert len(table) == 2
    assert table[1].split()[0] == "version"
    assert above["version"] in table[1]
    assert mr("search", f'mark = "{word}"', "-o", "name").out == f"{above['version']}\n"

    assert "Nothing matches" in mr("search", "no-such-name-anywhere").err
    (refused,) = mr("search", "name ~~ 3 = ", code=1).err.splitlines()
    assert refused.startswith("mr: filterQuery: ")
    assert "--in must name" in mr("search", "x", "--in", "nothing", code=2).err


def test_a_tree_shows_versions_artifacts_deployments_and_runs(
    mr: Mr, registry: Registry, above: dict[str, str]
) -> None:
    run_ = registry.find_experiment(above["experiment"])
    assert run_
    made = next(iter(registry.list_experiment_runs(experiment_id=run_.id)))
    version = next(iter(registry.list_model_versions(filter_query='name = "1"', order_by="ID", descending=True)))
    artifact = registry.create_model_artifact("files", experiment_run_id=made.id, uri="s3://x")
    registry.attach_artifact(artifact, model_version_id=version.id)
    mr("deployments", "create", f"{above['environment']}/service", "--version", above["version"])
    mr("deployments", "create", f"{above['environment']}/newest", "--model", above["model"])

    drawn = mr("tree", above["model"]).out
    for text in (
        "version 1",
        "model artifact files",
        "s3://x",
        f"run {above['run']}",
        f"deployed {above['environment']}/service",
    ):
        assert text in drawn
    assert f"newest version {above['environment']}/newest" in drawn

    shown = json.loads(mr("tree", above["model"], "-o", "json").out)
    (version_shown,) = shown["versions"]
    assert [run["name"] for run in version_shown["runs"]] == ["run"]
    assert [each["name"] for each in version_shown["deployments"]] == ["service"]
    assert [each["name"] for each in shown["deployments"]] == ["newest"]


def test_a_list_of_deployments_shows_what_was_seen_and_where_it_is_not_what_is_meant(
    mr: Mr, registry: Registry, unique: Unique
) -> None:
    name, environment = unique("m"), unique("environment")
    model = registry.create_registered_model(name)
    first, second = (registry.create_model_version(model.id, version) for version in ("one", "two"))
    for version, seen, state in ((first, first, "RUNNING"), (second, first, "RUNNING"), (None, second, "FAILED")):
        deployed = registry.deployments.deploy(
            name, environment, version=version.name if version else None, name=unique("d")
        )
        registry.create_serve(deployed.service.id, seen.id, last_known_state=state)
    registry.deployments.deploy(name, environment, name=unique("d"))
    shown = mr("deployments", "list", environment).out
    assert "SEEN" in shown
    assert [
        next((text for text in ("RUNNING one (drift)", "RUNNING one", "FAILED two (drift)") if text in line), "")
        for line in shown.splitlines()[1:]
    ] == ["RUNNING one", "RUNNING one (drift)", "FAILED two (drift)", ""]


def test_changes_show_users_and_fields_newest_first(mr: Mr, registry: Registry, above: dict[str, str]) -> None:
    model = registry.find_registered_model(above["model"])
    assert model
    mr("models", "update", above["model"], "--owner", "bob")
    shown = json.loads(mr("models", "changes", above["model"], "--limit", "1", "-o", "json").out)
    assert [(one["user"], one["outcome"], one["id"]) for one in shown] == [("anonymous", "done", model.id)]
    assert "owner" in shown[0]["changed"]
    rows = mr("models", "changes", above["model"], "--user", "anonymous").out.splitlines()
    assert rows[0].split() == ["CHANGED", "USER", "FIELDS", "OUTCOME", "REQUEST"]
    assert rows[1].split()[2] == "anonymous"
    assert len(rows) >= 3
    assert "no such change" in mr("models", "changes", above["model"], "--field", "logo").err


def test_metrics_have_a_history_and_a_plot(mr: Mr, registry: Registry, above: dict[str, str], tmp_path: Path) -> None:
    found = registry.find_experiment(above["experiment"])
    assert found
    (run_,) = registry.list_experiment_runs(experiment_id=found.id)
    for step in range(4):
        registry.create_metric("loss", 1 / (step + 1), step=step, experiment_run_id=run_.id)

    rows = mr("metrics", "history", above["run"], "loss").out.splitlines()
    assert [row.split()[:3] for row in rows[1:]] == [
        ["loss", "0", "1"],
        ["loss", "1", "0.5"],
        ["loss", "2", "0.333333"],
        ["loss", "3", "0.25"],
    ]
    assert [
        row["step"] for row in json.loads(mr("metrics", "history", above["run"], "--step", "2", "-o", "json").out)
    ] == [2]

    drawn = mr("metrics", "plot", above["run"], "loss", "--width", "60").out
    assert "loss" in drawn
    assert any("\u2800" < letter <= "\u28ff" for letter in drawn)
    assert max(map(len, drawn.splitlines())) <= 60

    mr("metrics", "create", f"{above['run']}/gain", "--value", "3")
    both = mr("metrics", "plot", above["run"], "--width", "60").out
    assert both.count("(step)") == 2, "without colours, lines in one figure look the same"

    picture = tmp_path / "loss.png"
    mr("metrics", "plot", above["run"], "--png", str(picture))
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert "Did you mean loss?" in mr("metrics", "plot", above["run"], "los", code=3).err
