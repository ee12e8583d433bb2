"""Experiments, runs and what they log, through the last `model_registry` that has them."""

import json
import threading
from typing import Any

import pytest
from model_registry import ModelRegistry
from model_registry._experiments import ActiveExperimentRun
from model_registry.types import (
    ArtifactTypeQueryParam,
    DataSet,
    DocArtifact,
    Experiment,
    ExperimentRun,
    ListOptions,
    Metric,
    ModelArtifact,
    Pager,
    Parameter,
    ParameterType,
)
from mr_openapi.exceptions import ApiException
from steps import connect, next_millisecond, read_all, register, run, unique, version_of


def a_run_makes_its_experiment(address: str) -> None:
    registry, name = connect(address), unique("experiment")
    with registry.start_experiment_run(experiment_name=name, owner="ada", description="a series") as active:
        pass
    (experiment,) = [experiment for experiment in registry.get_experiments() if experiment.name == name]
    assert (experiment.id, experiment.owner) == (active.info.experiment_id, "ada")
    assert (experiment.description, experiment.state) == ("a series", "LIVE")
    stored = registry.get_experiment_run(active.info.id)
    assert (stored.name, stored.experiment_id, stored.state) == (active.info.name, experiment.id, "LIVE")
    assert stored.custom_properties is None


def a_run_joins_an_experiment_by_name_or_id(address: str) -> None:
    registry, name = connect(address), unique("experiment")
    experiment = registry.create_experiment(name)
    runs = []
    for chosen in ({"experiment_name": name}, {"experiment_id": experiment.id}):
        with registry.start_experiment_run(**chosen, run_description="of mine") as active:
            runs.append(active.info.id)
        assert active.info.experiment_id == experiment.id
    assert [stored.id for stored in registry.get_experiment_runs(experiment_name=name)] == runs
    assert [stored.id for stored in registry.get_experiment_runs(experiment_id=experiment.id)] == runs
    assert registry.get_experiment_run(runs[0]).description == "of mine"


def an_experiment_without_a_name_gets_one(address: str) -> None:
    registry = connect(address)
    with registry.start_experiment_run() as active:
        active.log_param("a", 1)
    assert active.info.experiment_id


def creating_an_experiment_again_updates_it(address: str) -> None:
    registry, name = connect(address), unique("experiment")
    first = registry.create_experiment(name)
    again = Experiment(name=name, description="added later", custom_properties={"label": "", "n": 1})
    again = run(registry, registry._api.upsert_experiment(again))
    assert (again.id, again.description, again.custom_properties) == (first.id, "added later", {"label": "", "n": 1})
    assert again.state == "LIVE"


def parameters_of_each_type_come_back(address: str) -> None:
    registry = connect(address)
    with registry.start_experiment_run(experiment_name=unique("experiment")) as active:
        active.log_param("number", 5.75)
        active.log_param("whole", 500)
        active.log_param("text", "adam", description="the optimizer")
        active.log_param("empty", "")
        active.log_param("yes", True)
        active.log_param("replaced", 1)
        active.log_param("replaced", 2)
    logged = {parameter.name: parameter for parameter in registry.get_experiment_run_logs(run_id=active.info.id)}
    assert {name: parameter.value for name, parameter in logged.items()} == {
        "number": 5.75,
        "whole": 500.0,
        "text": "adam",
        "empty": "",
        "yes": True,
        "replaced": 2.0,
    }
    assert {name: parameter.parameter_type for name, parameter in logged.items()} == {
        "number": ParameterType.NUMBER,
        "whole": ParameterType.NUMBER,
        "text": ParameterType.STRING,
        "empty": ParameterType.STRING,
        "yes": ParameterType.BOOLEAN,
        "replaced": ParameterType.NUMBER,
    }
    assert logged["text"].description == "the optimizer"


def an_object_as_a_parameter_comes_back(address: str) -> None:
    registry = connect(address)
    with registry.start_experiment_run(experiment_name=unique("experiment")) as active:
        pass
    value = json.dumps({"layers": [64, 32], "drop": None})
    parameter = Parameter(name="net", value=value, parameter_type=ParameterType.OBJECT)
    run(registry, registry._api.upsert_experiment_run_artifact(active.info.id, parameter))
    (logged,) = registry.get_experiment_run_logs(run_id=active.info.id)
    assert logged.value == {"layers": [64, 32], "drop": None}


def the_logs_of_a_run_are_those_of_the_server_once_it_ends(address: str) -> None:
    registry = connect(address)
    with registry.start_experiment_run(experiment_name=unique("experiment")) as active:
        active.log_param("rate", 0.001)
        active.log_metric("loss", 10, step=4, timestamp="0", description="a metric")
        active.log_dataset(
            name="train", source_type="local", source="here", uri="s3://data", schema="{}", profile="flat"
        )
    assert len(active.get_logs()) == 3
    metric = active.get_log("metrics", "loss")
    assert (metric.value, metric.step, metric.timestamp, metric.description) == (10.0, 4, "0", "a metric")
    dataset = active.get_log("datasets", "train")
    assert (dataset.uri, dataset.source_type, dataset.source) == ("s3://data", "local", "here")
    assert (dataset.schema, dataset.profile) == ("{}", "flat")
    assert active.get_log("params", "rate").value == 0.001
    for log in active.get_logs():
        assert log.id
        assert (log.experiment_id, log.experiment_run_id) == (active.info.experiment_id, active.info.id)
    assert list(registry.get_experiment_run_logs(run_id=active.info.id)) == active.get_logs()


def a_metric_is_one_artifact_with_a_history_of_steps(address: str) -> None:
    registry, name = connect(address), unique("experiment")
    with registry.start_experiment_run(experiment_name=name) as active:
        active.log_metric("loss", 1.0, step=0, timestamp="1000")
    info = active.info
    for step, value in ((1, 0.5), (2, 1 / 3), (2**31, 0.0), (7, -1e-9)):
        with registry.start_experiment_run(experiment_name=name, run_id=info.id) as active:
            active.log_metric("loss", value, step=step, timestamp=str(1000 + step))
            active.log_metric("accuracy", 1 - value, step=step, timestamp=str(1000 + step))
        assert active.info.id == info.id
        next_millisecond()
    logged = {metric.name: metric for metric in registry.get_experiment_run_logs(run_id=info.id)}
    assert set(logged) == {"loss", "accuracy"}
    assert (logged["loss"].value, logged["loss"].step, logged["loss"].timestamp) == (-1e-9, 7, "1007")

    history = _history(registry, info.id, name="loss")
    assert [(row.step, row.value, row.timestamp) for row in history] == [
        (0, 1.0, "1000"),
        (1, 0.5, "1001"),
        (2, 1 / 3, "1002"),
        (2**31, 0.0, str(1000 + 2**31)),
        (7, -1e-9, "1007"),
    ]
    assert {row.name for row in history} == {"loss"}
    assert [row.step for row in _history(registry, info.id, name="loss", step_ids="2,7, 99")] == [2, 7]
    assert len(_history(registry, info.id)) == 9
    rows = _history(registry, info.id, name="loss", page_size="2", order_by="ID", sort_order="DESC")
    assert [row.step for row in rows] == [7, 2**31]


def histories_of_several_runs_are_listed_together(address: str) -> None:
    registry, name = connect(address), unique("experiment")
    ids = []
    for value in (1.0, 2.0):
        with registry.start_experiment_run(experiment_name=name) as active:
            active.log_metric("loss", value)
        ids.append(active.info.id)

    async def history(query: str) -> Any:
        async with registry._api.get_client() as client:
            return await client.get_experiment_runs_metric_history(filter_query=query, name="loss")

    found = run(registry, history(f"experimentRunId IN ({', '.join(ids)})"))
    assert [row.value for row in found.items] == [1.0, 2.0]
    found = run(registry, history(f"experimentRunId = {ids[1]}"))
    assert [row.value for row in found.items] == [2.0]


def a_nested_run_names_its_parent(address: str) -> None:
    registry, name = connect(address), unique("experiment")
    with registry.start_experiment_run(experiment_name=name) as outer:
        outer.log_metric("loss", 10, step=4)
        with pytest.raises(ValueError, match="already active"):
            registry.start_experiment_run()
        with registry.start_experiment_run(nested=True) as inner:
            inner.log_metric("loss", 20, step=1)
    assert [metric.value for metric in registry.get_experiment_run_logs(run_id=outer.info.id)] == [10.0]
    assert [metric.value for metric in registry.get_experiment_run_logs(run_id=inner.info.id)] == [20.0]
    stored = registry.get_experiment_run(inner.info.id)
    assert stored.custom_properties == {"kubeflow.parent_run_id": outer.info.id}
    assert stored.experiment_id == outer.info.experiment_id
    assert registry.get_experiment_run(outer.info.id).custom_properties is None


def threads_log_runs_of_one_experiment_at_once(address: str) -> None:
    registry, name = connect(address), unique("experiment")
    registry.create_experiment(name)
    failures: list[BaseException] = []

    def work() -> None:
        try:
            with registry.start_experiment_run(experiment_name=name) as outer:
                outer.log_metric("loss", 10, step=4)
                with registry.start_experiment_run(nested=True) as inner:
                    inner.log_metric("loss", 20, step=55)
        except BaseException as failure:  # noqa: BLE001 (raised below)
            failures.append(failure)

    threads = [threading.Thread(target=work) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    runs = list(registry.get_experiment_runs(experiment_name=name))
    assert len(runs) == 10
    parents = [r.custom_properties["kubeflow.parent_run_id"] for r in runs if r.custom_properties]
    assert set(parents) == {r.id for r in runs if not r.custom_properties}


def what_is_missing_reads_as_nothing(address: str) -> None:
    registry, name = connect(address), unique("experiment")
    assert run(registry, registry._api.get_experiment_by_name(name)) is None
    assert run(registry, registry._api.get_experiment_by_id("999999999")) is None
    assert registry.get_experiment_run("999999999") is None
    assert list(registry.get_experiment_runs(experiment_name=name)) == []
    assert list(registry.get_experiment_runs(experiment_id="999999999")) == []
    assert list(registry.get_experiment_run_logs(run_id="999999999")) == []
    registry.create_experiment(name)
    assert list(registry.get_experiment_runs(experiment_name=name)) == []
    assert list(registry.get_experiment_run_logs(run_name="none", experiment_name=name)) == []


def the_logs_of_a_run_are_found_by_its_name(address: str) -> None:
    registry, name = connect(address), unique("experiment")
    for value in (1, 2):
        with registry.start_experiment_run(experiment_name=name) as active:
            active.log_metric("loss", value)
    by_name = registry.get_experiment_run_logs(run_name=active.info.name, experiment_name=name)
    assert [metric.value for metric in by_name] == [2.0]
    by_id = registry.get_experiment_run_logs(run_name=active.info.name, experiment_id=active.info.experiment_id)
    assert [metric.value for metric in by_id] == [2.0]


def a_run_whose_name_is_taken_is_refused(address: str) -> None:
    registry = connect(address)
    experiment = registry.create_experiment(unique("experiment"))
    first = ExperimentRun(name="one: two", experiment_id=experiment.id, owner="ada", custom_properties={"label": ""})
    stored = run(registry, registry._api.upsert_experiment_run(first))
    assert (stored.name, stored.owner, stored.custom_properties) == ("one: two", "ada", {"label": ""})
    with pytest.raises(ApiException) as taken:
        run(registry, registry._api.upsert_experiment_run(first))
    assert taken.value.status == 409
    with pytest.raises(ApiException) as orphan:
        run(registry, registry._api.upsert_experiment_run(ExperimentRun(name="r", experiment_id="999999999")))
    assert orphan.value.status == 404


def runs_and_their_logs_are_paged(address: str) -> None:
    registry, name = connect(address), unique("experiment")
    experiment = registry.create_experiment(name)
    for number in range(7):
        new = ExperimentRun(name=f"run {number}", experiment_id=experiment.id)
        last = run(registry, registry._api.upsert_experiment_run(new))
    expected = [f"run {number}" for number in range(7)]
    pager = registry.get_experiment_runs(experiment_id=experiment.id).page_size(3)
    found, tokens = read_all(pager)
    assert [stored.name for stored in found] == expected
    assert len(tokens) == 3
    assert tokens[2] == ""
    for order in (pager.order_by_id, pager.order_by_creation_time, pager.order_by_update_time):
        assert [stored.name for stored in order().descending()] == expected[::-1]
        assert [stored.name for stored in order().ascending()] == expected

    with registry.start_experiment_run(experiment_name=name, run_id=last.id) as active:
        for number in range(5):
            active.log_metric(f"metric {number}", number)
    found, tokens = read_all(registry.get_experiment_run_logs(run_id=last.id).page_size(2))
    assert [metric.value for metric in found] == [0.0, 1.0, 2.0, 3.0, 4.0]
    assert len(tokens) == 3


def the_logs_of_a_run_are_listed_by_kind(address: str) -> None:
    registry = connect(address)
    with registry.start_experiment_run(experiment_name=unique("experiment")) as active:
        _log_everything(active)

    def names(kind: ArtifactTypeQueryParam) -> list[str]:
        options = ListOptions.artifact_type(kind)
        api = registry._api
        logs = run(registry, api.get_artifacts_by_experiment_run_params(run_id=active.info.id, options=options))
        return [log.name for log in logs]

    assert names(ArtifactTypeQueryParam.METRIC) == ["loss"]
    assert names(ArtifactTypeQueryParam.PARAMETER) == ["rate"]
    assert names(ArtifactTypeQueryParam.DATASET_MINUS_ARTIFACT) == ["train"]
    assert names(ArtifactTypeQueryParam.MODEL_MINUS_ARTIFACT) == []


def other_artifacts_hang_below_a_run_too(address: str) -> None:
    registry = connect(address)
    with registry.start_experiment_run(experiment_name=unique("experiment")) as active:
        pass
    for artifact in (ModelArtifact(name="weights", uri="s3://w"), DocArtifact(name="card", uri="https://c")):
        made = run(registry, registry._api.upsert_experiment_run_artifact(active.info.id, artifact))
        assert type(made) is type(artifact)
        assert made.experiment_run_id == active.info.id
        with pytest.raises(ApiException) as taken:
            run(registry, registry._api.upsert_experiment_run_artifact(active.info.id, artifact))
        assert taken.value.status == 409
    assert [log.name for log in registry.get_experiment_run_logs(run_id=active.info.id)] == ["weights", "card"]


def filters_by_experiment_and_run_answer_only_theirs(address: str) -> None:
    registry = connect(address)
    experiments, runs = [], []
    for _ in range(2):
        name = unique("experiment")
        for _ in range(2):
            with registry.start_experiment_run(experiment_name=name) as active:
                _log_everything(active)
            runs.append(active.info.id)
            experiments.append(active.info.experiment_id)

    def found(query: str, kind: str | None = None) -> list[tuple[str, str]]:
        artifacts = list(_artifacts(registry, query, kind).page_size(5))
        assert all(a.experiment_id == experiments[runs.index(a.experiment_run_id)] for a in artifacts)
        return sorted((str(runs.index(artifact.experiment_run_id)), artifact.name) for artifact in artifacts)

    def all_of(*numbers: str) -> list[tuple[str, str]]:
        return [(number, name) for number in numbers for name in ("loss", "rate", "train")]

    for quote in ("", '"', "'"):
        assert found(f"experimentRunId = {quote}{runs[1]}{quote}") == all_of("1")
        assert found(f"experimentId = {quote}{experiments[2]}{quote}") == all_of("2", "3")
        within = ", ".join(f"{quote}{id_}{quote}" for id_ in (runs[0], runs[3]))
        assert found(f"experimentRunId IN ({within})") == all_of("0", "3")
        within = ",".join(f"{quote}{id_}{quote}" for id_ in (experiments[0], experiments[2]))
        assert found(f"experimentId IN ({within})") == all_of("0", "1", "2", "3")
    assert found(f"experimentId = {experiments[0]}", "metric") == [("0", "loss"), ("1", "loss")]
    assert found(f"experimentId = {experiments[0]} AND name LIKE '%ate%'") == [("0", "rate"), ("1", "rate")]
    assert found(f"experimentId = {experiments[0]} AND experimentRunId = {runs[2]}") == []
    assert found(f"experimentRunId = {runs[0]} OR experimentRunId = {runs[2]}", "parameter") == [
        ("0", "rate"),
        ("2", "rate"),
    ]
    assert found(f"experimentRunId IN ({runs[0]}, {runs[1]}) AND value > 0.4", "metric") == [
        ("0", "loss"),
        ("1", "loss"),
    ]
    assert found("experimentRunId = 999999999") == []


def artifacts_of_versions_are_not_those_of_runs(address: str) -> None:
    registry, name = connect(address), unique("model")
    api = registry._api
    register(registry, name)
    version = version_of(registry, name)
    for artifact in (
        DataSet(name="train", uri="s3://d", digest="sha256:0", source_type="s3", schema="{}"),
        Metric(name="loss", value=0.25, step=1, timestamp="5"),
        Parameter(name="rate", value="0.1", parameter_type=ParameterType.NUMBER),
    ):
        first = run(registry, api.upsert_model_version_artifact(artifact, version.id))
        assert first.experiment_id is None
        assert first.experiment_run_id is None
        if isinstance(artifact, DataSet):
            with pytest.raises(ApiException) as taken:
                run(registry, api.upsert_model_version_artifact(artifact, version.id))
            assert taken.value.status == 409
        else:
            assert run(registry, api.upsert_model_version_artifact(artifact, version.id)).id == first.id
    listed = run(registry, api.get_model_version_artifacts(version.id))
    assert [artifact.name for artifact in listed] == [name, "train", "loss", "rate"]


def _log_everything(active: ActiveExperimentRun) -> None:
    active.log_param("rate", 0.1)
    active.log_metric("loss", 0.5, step=1)
    active.log_dataset(name="train", uri="s3://data")


def _history(registry: ModelRegistry, run_id: str, **options: str) -> list[Any]:
    async def history() -> Any:
        async with registry._api.get_client() as client:
            return await client.get_experiment_run_metric_history(run_id, **options)

    return list(run(registry, history()).items)


def _artifacts(registry: ModelRegistry, query: str, kind: str | None) -> Pager[Any]:
    def page(options: ListOptions) -> Any:
        return run(registry, registry._api.get_artifacts(query, kind, options))

    return Pager(page)
