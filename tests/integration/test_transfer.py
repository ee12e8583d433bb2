"""`model-registry export` and `import` copy a whole registry to another server, each entity once, whichever process is killed."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from model_registry_proxy.commands.application import app
from tests.interop.go_proxy import copy_of_the_store
from tests.support import processes
from tests.support.patience import PATIENCE_SECONDS
from tests.support.processes import ROOT, Proxy
from tests.support.registry_view import everything, rows
from tests.support.tiers import slow
from tests.support.watching import await_true, engine_of, is_running

Json = dict[str, Any]
COMMAND = [sys.executable, "-m", "model_registry_proxy"]
ENVIRONMENT = {
    **{key: value for key, value in os.environ.items() if not key.startswith("MR_")},
    "PYTHONPATH": str(ROOT),
}


@dataclass(frozen=True)
class Done:
    """The result of a command."""

    returncode: int
    stderr: str


def run(*arguments: str | Path) -> Done:
    """The command in this process. Raises what the command lets through: at a terminal that would be a traceback."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Done(result.exit_code, result.stderr)


def run_and_kill(*arguments: str | Path, watched: Path, lines: int) -> bool:
    """Runs a command and ends it by SIGKILL when a file has this number of lines; returns whether it was still running."""
    command = [*COMMAND, *map(str, arguments)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, env=ENVIRONMENT) as child:
        end = time.monotonic() + PATIENCE_SECONDS
        while child.poll() is None and time.monotonic() < end:
            if watched.exists() and watched.read_bytes().count(b"\n") >= lines:
                break
            time.sleep(0.002)
        child.kill()
        return child.wait() == -signal.SIGKILL


def client_of(proxy: Proxy) -> httpx.Client:
    return httpx.Client(base_url=proxy.api, timeout=30)


def made(client: httpx.Client, path: str, **body: Any) -> Json:
    response = client.post(path, json=body)
    assert response.is_success, response.text
    entity: Json = response.json()
    return entity


def add_what_the_go_proxy_cannot(client: httpx.Client) -> None:
    """Shared artifacts, namesakes, states that are not the default, exact doubles, metrics of two runs, ..."""
    double = {"x": {"metadataType": "MetadataDoubleValue", "double_value": 1e-20}}
    model = made(
        client, "/registered_models", name="kept", state="ARCHIVED", language=["en", "de"], customProperties=double
    )
    first, second = (
        made(client, "/model_versions", name=name, registeredModelId=model["id"], state="ARCHIVED")
        for name in ("1", "2")
    )
    shared = made(
        client, f"/model_versions/{first['id']}/artifacts", artifactType="doc-artifact", name="card", uri="s3://c"
    )
    made(client, f"/model_versions/{second['id']}/artifacts", artifactType="doc-artifact", id=shared["id"])
    for number in (1, 2, 2):
        made(client, "/artifacts", artifactType="doc-artifact", name="card", uri=f"s3://standalone/{number}")
    namesake = made(client, "/artifacts", artifactType="doc-artifact", name="card", uri="s3://attached later")
    made(client, f"/model_versions/{first['id']}/artifacts", artifactType="doc-artifact", id=namesake["id"])
    made(client, "/artifacts", artifactType="parameter", name="p", value="", parameterType="string")
    experiment = made(client, "/experiments", name="e", externalId="outside-e")
    one, two = (
        made(
            client,
            "/experiment_runs",
            name=name,
            experimentId=experiment["id"],
            status="FINISHED",
            startTimeSinceEpoch="5",
        )
        for name in ("r1", "r2")
    )
    path = f"/experiment_runs/{one['id']}/artifacts"
    for step in range(5):
        metric = made(
            client, path, artifactType="metric", name="loss", value=1 / 3 + step, step=step, timestamp=str(step)
        )
    made(client, path, artifactType="metric", name="loss", value=0.0, step=0, customProperties={})
    change = {"artifactType": "metric", "externalId": "outside-m", "description": "after all"}
    assert client.patch(f"/artifacts/{metric['id']}", json=change).is_success
    made(client, f"/experiment_runs/{two['id']}/artifacts", artifactType="metric", id=metric["id"], value=9.5, step=9)
    made(client, f"/model_versions/{first['id']}/artifacts", artifactType="metric", name="accuracy", value=0.5)
    environment = made(client, "/serving_environments", name="prod")
    parents = {"servingEnvironmentId": environment["id"], "registeredModelId": model["id"]}
    service = made(
        client, "/inference_services", name="s", **parents, modelVersionId=first["id"], desiredState="UNDEPLOYED"
    )
    made(client, f"/inference_services/{service['id']}/serves", modelVersionId=first["id"], lastKnownState="COMPLETE")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """A proxy on a store that the Go proxy wrote, with more in it."""
    folder = tmp_path_factory.mktemp("source")
    with processes.proxy(folder, database=str(copy_of_the_store(folder))) as proxy, client_of(proxy) as client:
        add_what_the_go_proxy_cannot(client)
        yield proxy


@pytest.fixture(scope="module")
def exported(source: Proxy, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("export") / "registry.jsonl"
    done = run("export", source.url, "-o", file)
    assert done.returncode == 0, done.stderr
    return file


@pytest.fixture(scope="module")
def wanted(source: Proxy) -> Json:
    with client_of(source) as client:
        return everything(client)


@pytest.fixture
def target(tmp_path: Path) -> Iterator[Callable[[], Proxy]]:
    folder = tmp_path / "target"
    folder.mkdir()
    with processes.proxy(folder) as proxy:
        yield lambda: proxy


def seen(proxy: Proxy) -> Json:
    with client_of(proxy) as client:
        return everything(client)


def copy_of(export: Path, folder: Path) -> Path:
    file = folder / export.name
    file.write_bytes(export.read_bytes())
    return file


def test_a_whole_registry_is_imported_and_nothing_is_created_twice(
    target: Callable[[], Proxy], exported: Path, wanted: Json, tmp_path: Path
) -> None:
    file, proxy = copy_of(exported, tmp_path), target()
    first = run("import", proxy.url, file)
    assert first.returncode == 0, first.stderr
    assert seen(proxy) == wanted

    again = run("import", proxy.url, file)
    assert (again.returncode, "Made: nothing." in again.stderr) == (0, True), again.stderr
    (tmp_path / f"{file.name}.imported").unlink()
    from_scratch = run("import", proxy.url, file)
    assert (from_scratch.returncode, "Made: nothing." in from_scratch.stderr) == (0, True), from_scratch.stderr
    assert seen(proxy) == wanted


@pytest.mark.slow
def test_an_import_that_is_killed_goes_on_where_it_was(
    target: Callable[[], Proxy], exported: Path, wanted: Json, tmp_path: Path
) -> None:
    file, proxy = copy_of(exported, tmp_path), target()
    state = tmp_path / "state.jsonl"
    killed = [
        run_and_kill("import", proxy.url, file, "--state", state, watched=state, lines=lines) for lines in (20, 70, 140)
    ]
    assert sum(killed) >= 2
    with state.open("ab") as half:
        half.write(b'{"kind": "Arti')
    done = run("import", proxy.url, file, "--state", state)
    assert done.returncode == 0, done.stderr
    assert seen(proxy) == wanted


@pytest.mark.slow
def test_an_import_outlasts_a_target_that_is_killed_and_comes_back(
    exported: Path, wanted: Json, tmp_path: Path
) -> None:
    file, state = copy_of(exported, tmp_path), tmp_path / "registry.jsonl.imported"
    port = str(processes.free_port())
    command = [
        *COMMAND,
        "proxy",
        "-n",
        "127.0.0.1",
        "-p",
        port,
        "--database",
        str(tmp_path / "registry.db"),
        "--mlmd-port",
        "0",
    ]
    url = f"http://127.0.0.1:{port}"
    with processes.running(command, tmp_path / "first.log", ENVIRONMENT) as serving:
        processes.wait_until(lambda: _is_ready(url), serving, "The target")
        with subprocess.Popen(
            [*COMMAND, "import", url, file], stderr=subprocess.PIPE, text=True, env=ENVIRONMENT
        ) as importing:
            while not state.exists() or state.read_bytes().count(b"\n") < 60:
                assert importing.poll() is None
                time.sleep(0.002)
            engine = engine_of(serving.child.pid)
            serving.kill()
            await_true(lambda: not is_running(engine or 0), "the engine's end: it ends with its parent")
            with processes.running(command, tmp_path / "second.log", ENVIRONMENT) as second:
                _, said = importing.communicate(timeout=PATIENCE_SECONDS)
                assert importing.returncode == 0, said
                with httpx.Client(base_url=url + processes.API, timeout=30) as client:
                    assert everything(client) == wanted
                assert second.child.poll() is None


@pytest.mark.slow
def test_an_export_that_is_killed_goes_on_where_it_was(source: Proxy, exported: Path, tmp_path: Path) -> None:
    file = tmp_path / "registry.jsonl"
    killed = [run_and_kill("export", source.url, "-o", file, watched=file, lines=lines) for lines in (10, 120)]
    assert any(killed)
    with file.open("ab") as half:
        half.write(b'{"kind": "Model')
    done = run("export", source.url, "-o", file)
    assert done.returncode == 0, done.stderr
    assert content(file) == content(exported)
    before = file.read_bytes()
    assert run("export", source.url, "-o", file).returncode == 0
    assert file.read_bytes() == before


def content(file: Path) -> list[str]:
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    return sorted(json.dumps(line, sort_keys=True) for line in lines[1:] if "checkpoint" not in line)


@pytest.mark.slow
def test_ids_and_times_are_kept_as_custom_properties_if_wanted(
    target: Callable[[], Proxy], source: Proxy, exported: Path, tmp_path: Path
) -> None:
    file, proxy = copy_of(exported, tmp_path), target()
    for _ in range(2):
        done = run("import", proxy.url, file, "--keep-origin")
        assert done.returncode == 0, done.stderr
    with client_of(source) as theirs, client_of(proxy) as ours:
        model = theirs.get("/registered_model", params={"name": "kept"}).json()
        copy = ours.get("/registered_model", params={"name": "kept"}).json()["customProperties"]
        (loss,) = [row for row in rows(ours, "/artifacts") if row.get("externalId") == "outside-m"]
    assert copy["imported_id"]["string_value"] == model["id"]
    assert copy["imported_create_time"]["string_value"] == model["createTimeSinceEpoch"]
    assert copy["imported_last_update_time"]["string_value"] == model["lastUpdateTimeSinceEpoch"]
    assert copy["x"]["double_value"] == 1e-20
    assert "imported_id" in loss["customProperties"]


@pytest.mark.slow
def test_a_namesake_with_other_content_is_left_unchanged_or_ends_the_import(
    target: Callable[[], Proxy], exported: Path, tmp_path: Path
) -> None:
    file, proxy = copy_of(exported, tmp_path), target()
    with client_of(proxy) as client:
        before = made(client, "/registered_models", name="kept", owner="another team")
        refused = run("import", proxy.url, file, "--existing", "fail")
        assert refused.returncode == 1
        assert 'The registered model "kept" at the target' in refused.stderr
        assert "--existing keep" in refused.stderr
        done = run("import", proxy.url, file)
        assert done.returncode == 0
        assert "it was left as it is" in done.stderr
        assert client.get(f"/registered_models/{before['id']}").json() == before
        assert client.get(f"/registered_models/{before['id']}/versions").json()["size"] == 2


def test_refused_entities_are_named_and_the_others_are_imported(
    target: Callable[[], Proxy], tmp_path: Path, exported: Path
) -> None:
    lines = exported.read_text().splitlines(keepends=True)
    damaged = [line.replace('"name": "kept"', '"name": "' + "k" * 300 + '"') for line in lines]
    file, proxy = tmp_path / "damaged.jsonl", target()
    file.write_text("".join(damaged))
    done = run("import", proxy.url, file)
    assert done.returncode == 1
    assert "registered model" in done.stderr
    assert "that it refers to is not there" in done.stderr
    with client_of(proxy) as client:
        assert client.get("/experiment", params={"name": "e"}).status_code == 200


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["export", "{nowhere}", "--patience", "0", "-o", "{new}"], ["does not answer", "Run the same command again"]),
        (["export", "{source}/other/api/model_registry/v9", "-o", "{new}"], ["is it a model registry?"]),
        (["export", "{source}", "-o", "{other}"], ["is no export", "--output"]),
        (["import", "{source}", "{other}"], ["is no export"]),
        (["import", "{source}", "{half}"], ["does not end as an export does"]),
        (["import", "{nowhere}", "{whole}", "--patience", "0"], ["does not answer"]),
    ],
)
def test_an_impossible_command_ends_with_one_line(
    arguments: list[str], words: list[str], source: Proxy, exported: Path, tmp_path: Path
) -> None:
    files = {"new": tmp_path / "new", "other": tmp_path / "other", "half": tmp_path / "half"}
    files["other"].write_text('{"something": "else"}\n')
    files["half"].write_text("".join(exported.read_text().splitlines(keepends=True)[:20]))
    places = {**files, "whole": copy_of(exported, tmp_path), "source": source.url}
    places["nowhere"] = f"http://127.0.0.1:{processes.free_port()}"
    done = run(*(argument.format(**places) for argument in arguments))
    assert done.returncode == 1
    assert done.stderr.startswith("model-registry: ")
    assert done.stderr.count("\n") == 1
    assert all(word in done.stderr for word in words), done.stderr


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(url + "/readyz/health", timeout=5).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def add_much_that_can_be_refused(client: httpx.Client) -> None:
    """A metric of ten values, and entities with many parts."""
    text = {"metadataType": "MetadataStringValue", "string_value": "fine"}
    properties = dict.fromkeys(("a", "b", "c", "d", "e"), text)
    model = made(client, "/registered_models", name="rich", description="d", customProperties=properties)
    version = made(client, "/model_versions", name="v", registeredModelId=model["id"], externalId="outside-v")
    made(client, "/registered_models", name="poor", externalId="outside-poor", owner="ann")
    experiment = made(client, "/experiments", name="measured")
    run = made(client, "/experiment_runs", name="r", experimentId=experiment["id"])
    path = f"/experiment_runs/{run['id']}/artifacts"
    for step in range(10):
        metric = made(
            client, path, artifactType="metric", name="loss", value=step + 0.5, step=step, timestamp=str(step + 1)
        )
    for step in range(3):
        made(client, path, artifactType="metric", name="bad", value=100.5 + step, step=step, timestamp=str(step + 1))
    change = {"artifactType": "metric", "description": "kept"}
    assert client.patch(f"/artifacts/{metric['id']}", json=change).is_success
    doc = made(
        client, f"/model_versions/{version['id']}/artifacts", artifactType="doc-artifact", name="card", uri="s3://c"
    )
    made(client, path, artifactType="doc-artifact", id=doc["id"])


@pytest.fixture(scope="module")
def rich(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The lines of an export of it."""
    folder = tmp_path_factory.mktemp("rich")
    with processes.proxy(folder) as running, client_of(running) as client:
        add_much_that_can_be_refused(client)
        assert run("export", running.url, "-o", folder / "rich.jsonl").returncode == 0
    return (folder / "rich.jsonl").read_text().splitlines(keepends=True)


def spoiled(lines: list[str], change: Callable[[Json], None]) -> str:
    """An export whose entities were changed."""
    read = [json.loads(line) for line in lines]
    for line in read:
        if "entity" in line:
            change(line)
    return "".join(json.dumps(line) + "\n" for line in read)


@pytest.mark.parametrize("steps", [{3}, *slow({0}, {0, 1, 5}, {9}, {3, 8, 9})], ids=str)
def test_one_refused_value_of_a_metric_costs_no_other(
    target: Callable[[], Proxy], tmp_path: Path, rich: list[str], steps: set[int]
) -> None:
    def spoil(line: Json) -> None:
        entity = line["entity"]
        if entity["name"] == "loss" and entity["step"] in steps:
            entity["value"] = 1e61

    file, proxy = tmp_path / "damaged.jsonl", target()
    file.write_text(spoiled(rich, spoil))
    for _ in range(2):  # the second time it says the same, and makes nothing
        done = run("import", proxy.url, file)
        assert done.returncode == 1, done.stderr
        for step in steps:
            assert f'"loss": step {step}, timestamp {step + 1}, value 1e+61: ' in done.stderr
        assert f"{len(steps)} were refused" in done.stderr
        with client_of(proxy) as client:
            [run_id] = [row["id"] for row in client.get("/experiment_runs").json()["items"]]
            history = client.get(f"/experiment_runs/{run_id}/metric_history", params={"name": "loss"}).json()["items"]
            assert [row["step"] for row in history] == [step for step in range(10) if step not in steps]
            metrics = client.get(f"/experiment_runs/{run_id}/artifacts", params={"filterQuery": 'name = "loss"'}).json()
            [metric] = metrics["items"]
            assert metric["step"] == max(set(range(10)) - steps)
            assert metric["description"] == "kept"


@pytest.mark.slow
def test_a_metric_of_which_no_value_is_taken_is_named_with_all_of_them(
    target: Callable[[], Proxy], tmp_path: Path, rich: list[str]
) -> None:
    def spoil(line: Json) -> None:
        if line["entity"]["name"] == "bad":
            line["entity"]["value"] = -1e60

    file, proxy = tmp_path / "damaged.jsonl", target()
    file.write_text(spoiled(rich, spoil))
    done = run("import", proxy.url, file)
    assert done.returncode == 1
    assert "none of its 3 values was taken" in done.stderr
    assert done.stderr.count(", value -1e+60: ") == 3
    with client_of(proxy) as client:
        names = {row["name"] for row in client.get("/artifacts").json()["items"]}
    assert names == {"loss", "card"}


def test_an_entity_arrives_without_the_parts_that_are_refused(
    target: Callable[[], Proxy], tmp_path: Path, rich: list[str]
) -> None:
    def spoil(line: Json) -> None:
        entity = line["entity"]
        if entity["name"] == "rich":
            for name in ("b", "e"):
                entity["customProperties"][name]["string_value"] = "mlmd-struct::x"
            entity["description"] = "mlmd-struct::x"

    file, proxy = tmp_path / "damaged.jsonl", target()
    file.write_text(spoiled(rich, spoil))
    with client_of(proxy) as client:
        made(client, "/registered_models", name="another", externalId="outside-poor")
        for _ in range(2):
            done = run("import", proxy.url, file)
            assert done.returncode == 1, done.stderr
            for part in ("customProperties.b", "customProperties.e", "description"):
                assert f'"rich": {part}: ' in done.stderr
            assert '"poor": externalId: ' in done.stderr
            assert "4 were refused" in done.stderr
        arrived = client.get("/registered_model", params={"name": "rich"}).json()
        assert set(arrived["customProperties"]) == {"a", "c", "d"}
        assert client.get("/registered_model", params={"name": "poor"}).json()["owner"] == "ann"
        assert (
            client.get("/model_version", params={"externalId": "outside-v"}).json()["registeredModelId"]
            == arrived["id"]
        )


def test_a_namesake_is_left_as_it_is_also_where_parts_are_refused(
    target: Callable[[], Proxy], tmp_path: Path, rich: list[str]
) -> None:
    def spoil(line: Json) -> None:
        if line["entity"]["name"] == "rich":
            line["entity"]["customProperties"]["b"]["string_value"] = "mlmd-struct::x"

    file, proxy = tmp_path / "damaged.jsonl", target()
    file.write_text(spoiled(rich, spoil))
    with client_of(proxy) as client:
        own = made(client, "/registered_models", name="rich", description="theirs", owner="them")
        done = run("import", proxy.url, file)
        assert "has other content; it was left as it is" in done.stderr
        assert client.get(f"/registered_models/{own['id']}").json() == own


def test_entities_below_a_refused_one_are_named_and_those_with_another_parent_too_are_imported(
    target: Callable[[], Proxy], tmp_path: Path, rich: list[str]
) -> None:
    def spoil(line: Json) -> None:
        if line["entity"]["name"] == "rich":
            line["entity"]["name"] = "r" * 300

    file, proxy = tmp_path / "damaged.jsonl", target()
    file.write_text(spoiled(rich, spoil))
    done = run("import", proxy.url, file)
    assert done.returncode == 1
    assert '"v": the registered model' in done.stderr
    assert '"card": not below the model version' in done.stderr
    with client_of(proxy) as client:
        [run_id] = [row["id"] for row in client.get("/experiment_runs").json()["items"]]
        below = client.get(f"/experiment_runs/{run_id}/artifacts").json()["items"]
        assert {row["name"] for row in below} == {"loss", "bad", "card"}
    file.write_text("".join(rich))  # repaired: the next import creates the rest
    done = run("import", proxy.url, file)
    assert done.returncode == 0, done.stderr
    with client_of(proxy) as client:
        [version] = [row["id"] for row in client.get("/model_versions").json()["items"]]
        assert [row["name"] for row in client.get(f"/model_versions/{version}/artifacts").json()["items"]] == ["card"]
        assert client.get("/artifacts").json()["size"] == 3


@pytest.mark.slow
def test_values_without_their_metric_are_named(target: Callable[[], Proxy], tmp_path: Path, rich: list[str]) -> None:
    kept = [line for line in rich if not (json.loads(line).get("kind") == "Artifact" and '"bad"' in line)]
    file, proxy = tmp_path / "lacking.jsonl", target()
    file.write_text("".join(kept))
    done = run("import", proxy.url, file)
    assert done.returncode == 1
    assert done.stderr.count('metric "bad" of the experiment run') == 3
    assert "3 were refused, each named above: 3 MetricValue." in done.stderr


@pytest.mark.slow
def test_values_below_a_refused_run_are_each_named_and_counted(
    target: Callable[[], Proxy], tmp_path: Path, rich: list[str]
) -> None:
    def spoil(line: Json) -> None:
        if line["kind"] == "ExperimentRun":
            line["entity"]["name"] = "r" * 300

    file, proxy = tmp_path / "damaged.jsonl", target()
    file.write_text(spoiled(rich, spoil))
    done = run("import", proxy.url, file)
    assert done.returncode == 1
    for step in range(10):
        assert f'"loss": step {step}, timestamp {step + 1}, value {step + 0.5}: not below' in done.stderr
    assert (
        "17 were refused, each named above: 1 ExperimentRun, 2 Artifact, 13 MetricValue, 1 Attribution." in done.stderr
    )
    file.write_text("".join(rich))  # repaired: the next import creates the rest
    done = run("import", proxy.url, file)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_values_below_a_refused_run_are_named_where_the_metric_arrives_below_another(
    target: Callable[[], Proxy], tmp_path: Path, exported: Path
) -> None:
    def spoil(line: Json) -> None:
        if line["kind"] == "ExperimentRun" and line["entity"]["name"] == "r1":
            line["entity"]["name"] = "r" * 300

    file, proxy = tmp_path / "damaged.jsonl", target()
    file.write_text(spoiled(exported.read_text().splitlines(keepends=True), spoil))
    done = run("import", proxy.url, file)
    assert done.returncode == 1
    assert done.stderr.count('"loss": step ') == 6, done.stderr
    assert "6 MetricValue" in done.stderr


@pytest.mark.slow
def test_a_metric_that_arrives_without_one_value_is_counted_as_made(
    target: Callable[[], Proxy], tmp_path: Path, rich: list[str]
) -> None:
    def spoil(line: Json) -> None:
        if line["entity"]["name"] == "loss" and line["entity"]["step"] == 3:
            line["entity"]["value"] = 1e61

    file = tmp_path / "damaged.jsonl"
    file.write_text(spoiled(rich, spoil))
    done = run("import", target().url, file)
    assert "3 Artifact" in done.stderr
    assert "There already: nothing." in done.stderr


TOO_LARGE = {"metadataType": "MetadataDoubleValue", "double_value": 1e61}


def with_too_large(line: Json) -> None:
    """Adds to the entity of a line one custom property that every target refuses, and one that every target accepts."""
    if line["kind"] in {"RegisteredModel", "ExperimentRun", "ServeModel"}:
        fine = {"metadataType": "MetadataIntValue", "int_value": "1"}
        line["entity"].setdefault("customProperties", {}).update({"too large": TOO_LARGE, "fine": fine})


@pytest.mark.slow
def test_a_namesake_is_left_as_it_is_where_the_export_has_a_refused_part(
    target: Callable[[], Proxy], exported: Path, tmp_path: Path
) -> None:
    file, proxy = tmp_path / "damaged.jsonl", target()
    file.write_text(spoiled(exported.read_text().splitlines(keepends=True), with_too_large))
    with client_of(proxy) as client:
        before = made(client, "/registered_models", name="kept", owner="another team", description="theirs")
        done = run("import", proxy.url, file)
        assert done.returncode == 1
        assert "it was left as it is" in done.stderr
        assert client.get(f"/registered_models/{before['id']}").json() == before
        ended = run("import", proxy.url, file, "--state", tmp_path / "other", "--existing", "fail")
        assert 'The registered model "kept" at the target' in ended.stderr


@pytest.mark.slow
def test_fields_that_only_a_create_can_write_are_imported_without_a_refused_part(
    target: Callable[[], Proxy], exported: Path, tmp_path: Path
) -> None:
    file, proxy = tmp_path / "damaged.jsonl", target()
    file.write_text(spoiled(exported.read_text().splitlines(keepends=True), with_too_large))
    for state in ("first", "first", "lost"):
        done = run("import", proxy.url, file, "--state", tmp_path / state)
        assert done.returncode == 1
        refused = [line for line in done.stderr.splitlines() if "customProperties.too large: " in line]
        assert f"{len(refused)} were refused, each named above: {len(refused)} Part." in done.stderr
    with client_of(proxy) as client:
        runs = {row["name"]: row for row in rows(client, "/experiment_runs")}
        [service] = [row for row in rows(client, "/inference_services") if row["name"] == "s"]
        serves = rows(client, f"/inference_services/{service['id']}/serves")
    assert runs["r1"]["startTimeSinceEpoch"] == "5"
    assert [row["lastKnownState"] for row in serves] == ["COMPLETE"]
    assert all(row["customProperties"]["fine"]["int_value"] == "1" for row in (*runs.values(), *serves))


@pytest.mark.parametrize(
    ("kind", "damaged", "words"),
    [
        ("Artifact", {"entity": {"id": "999", "artifactType": "notebook"}}, "artifactType must be one of"),
        *slow(
            ("RegisteredModel", {"entity": None}, "entity must be a JSON object"),
            ("MetricValue", {"entity": {}, "below": {"ExperimentRun": "1"}}, "id must be a whole number"),
            ("ServeModel", {"entity": {"id": "999"}}, "below must name one entity"),
            ("Attribution", {"below": {}}, "below must name one entity"),
            ("Notebook", {"entity": {"id": "999"}}, "this version does not know the kind"),
            ("RegisteredModel", {"entity": {"id": "999", "name": "m", "customProperties": [1]}}, "must be an object"),
            ("RegisteredModel", {"entity": {"id": "999", "name": "m", "customProperties": {"x": None}}}, "x: "),
            ("RegisteredModel", {"entity": {"id": "999", "name": "m", "owner": "\ud800"}}, "owner: a text must be"),
        ),
    ],
)
def test_a_line_that_cannot_be_understood_is_named_and_costs_no_other(
    target: Callable[[], Proxy], tmp_path: Path, rich: list[str], kind: str, damaged: Json, words: str
) -> None:
    file, proxy = tmp_path / "damaged.jsonl", target()
    file.write_text("".join([rich[0], json.dumps({"kind": kind, **damaged}) + "\n", *rich[1:]]))
    done = run("import", proxy.url, file)
    assert done.returncode == 1
    assert words in done.stderr
    assert "1 were refused, each named above: 1 " in done.stderr
    with client_of(proxy) as client:
        assert {"loss", "bad", "card"} <= {row["name"] for row in rows(client, "/artifacts")}


@pytest.mark.slow
def test_a_metric_whose_own_value_is_refused_has_that_named(
    target: Callable[[], Proxy], tmp_path: Path, rich: list[str]
) -> None:
    def spoil(line: Json) -> None:
        if line["kind"] == "Artifact" and line["entity"]["name"] == "loss":
            line["entity"]["value"] = 1e61

    file = tmp_path / "damaged.jsonl"
    file.write_text(spoiled(rich, spoil))
    done = run("import", target().url, file)
    assert done.returncode == 1
    assert '"loss": value: value must be below' in done.stderr
    assert "1 were refused, each named above: 1 Part." in done.stderr
