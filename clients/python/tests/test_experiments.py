"""Runs: each logged value arrives exactly once and in order, however the run ends."""

import asyncio
import threading
from collections.abc import Callable
from itertools import count

import pytest
from model_registry_client import (
    AsyncRegistry,
    Conflict,
    ExperimentRun,
    ExperimentRunStatus,
    NotLogged,
    Registry,
    RegistryError,
    Unreachable,
)

from clients.python.tests.faults import QUICK, Faults, through

Unique = Callable[[str], str]


def the_run(registry: Registry, experiment: str) -> ExperimentRun:
    (run,) = registry.experiment(experiment).runs()
    return run


def test_logged_values_of_a_run_arrive(registry: Registry, unique: Unique) -> None:
    name = unique("e")
    with registry.experiment(name, owner="ann").start_run("first", description="words") as run:
        run.log_params({"rate": 0.1, "layers": 3, "fast": True, "shape": {"a": [1]}, "kind": "tree"})
        for step in range(50):
            run.log_metrics({"loss": 1 / (step + 1), "accuracy": step / 50}, step=step)
        dataset = run.log_dataset("digits", "s3://data", digest="abc", schema={"columns": ["a"]}, profile="p")
        model = run.log_model("tree", "s3://model", model_format_name="sklearn")
    found = the_run(registry, name)
    assert (found.name, found.status, found.description) == ("first", ExperimentRunStatus.FINISHED, "words")
    assert int(found.end_time_since_epoch or 0) >= int(found.start_time_since_epoch or 0) > 0
    for metric, value in (("loss", lambda step: 1 / (step + 1)), ("accuracy", lambda step: step / 50)):
        history = list(registry.list_metric_history(run.id, name=metric))
        assert [(row.step, row.value) for row in history] == [(step, value(step)) for step in range(50)]
    (row,) = registry.experiment(name).compare()
    assert row == {
        "name": "first",
        "id": run.id,
        "status": "FINISHED",
        "params.rate": 0.1,
        "params.layers": 3,
        "params.fast": True,
        "params.shape": {"a": [1]},
        "params.kind": "tree",
        "metrics.loss": 1 / 50,
        "metrics.accuracy": 49 / 50,
    }
    assert list(registry.list_datasets(experiment_run_id=run.id)) == [dataset]
    assert list(registry.list_model_artifacts(experiment_run_id=run.id)) == [model]
    experiment = registry.find_experiment(name)
    assert experiment
    assert experiment.owner == "ann"


async def test_logged_values_of_a_run_with_asyncio_arrive(async_registry: AsyncRegistry, unique: Unique) -> None:
    experiment = async_registry.experiment(unique("e"))
    async with experiment.start_run() as run:
        run.log_param("rate", 0.1)
        for step in range(20):
            run.log_metric("loss", float(step), step)
        await run.log_dataset("digits", "s3://data")
    steps = [row.step async for row in async_registry.list_metric_history(run.id, name="loss")]
    assert steps == list(range(20))
    (row,) = await experiment.compare(run.name)
    assert (row["status"], row["params.rate"], row["metrics.loss"]) == ("FINISHED", 0.1, 19.0)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ValueError("bad"), "FAILED"),
        (KeyboardInterrupt(), "KILLED"),
        (SystemExit(1), "FAILED"),
        (SystemExit(0), "FINISHED"),
        (asyncio.CancelledError(), "KILLED"),
    ],
    ids=repr,
)
def test_a_run_records_how_it_ended_and_keeps_its_values(
    registry: Registry, unique: Unique, error: BaseException, status: str
) -> None:
    name = unique("e")
    with pytest.raises(type(error)), registry.experiment(name).start_run() as run:
        run.log_metric("loss", 0.5, 1)
        raise error
    found = the_run(registry, name)
    assert found.status == status
    assert found.end_time_since_epoch
    assert [row.value for row in registry.list_metric_history(found.id)] == [0.5]


async def test_the_run_of_a_cancelled_task_is_killed(async_registry: AsyncRegistry, unique: Unique) -> None:
    experiment, begun = async_registry.experiment(unique("e")), asyncio.Event()

    async def train() -> None:
        async with experiment.start_run() as run:
            run.log_metric("loss", 0.5)
            begun.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(train())
    await asyncio.wait_for(begun.wait(), 60)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    (row,) = await experiment.compare()
    assert (row["status"], row["metrics.loss"]) == ("KILLED", 0.5)


def test_values_are_sent_during_the_run(registry: Registry, unique: Unique, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("model_registry_client._sync.runs.FLUSH_SECONDS", 0.02)
    with registry.experiment(unique("e")).start_run() as run:
        run.log_metric("loss", 1.0, 1)
        for _ in range(500):
            if list(registry.list_metric_history(run.id)):
                break
            threading.Event().wait(0.02)
        assert [row.value for row in registry.list_metric_history(run.id)] == [1.0]


def test_many_threads_may_log_into_one_run(registry: Registry, unique: Unique) -> None:
    with registry.experiment(unique("e")).start_run() as run:

        def work(number: int) -> None:
            for step in range(20):
                run.log_metric(f"m{number}", step, step)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    for number in range(5):
        assert [row.step for row in registry.list_metric_history(run.id, name=f"m{number}")] == list(range(20))


def test_lost_responses_neither_lose_nor_duplicate_values(server_url: str, registry: Registry, unique: Unique) -> None:
    faults = Faults(["passed"] * 2 + ["answer lost", "request lost", "passed", 503, "answer lost", 429] * 5)
    name = unique("e")
    with through(faults, server_url) as shaky, shaky.experiment(name).start_run() as run:
        for step in range(30):
            run.log_metric("loss", step, step)
    assert [row.step for row in registry.list_metric_history(run.id)] == list(range(30))


def test_values_that_the_server_refuses_are_reported_and_the_others_arrive(
    server_url: str, registry: Registry, unique: Unique
) -> None:
    name, faults = unique("e"), Faults(["passed"] * 2 + [400])  # experiment, run, the first value
    with (
        through(faults, server_url) as shaky,
        pytest.raises(NotLogged, match="1 values") as failure,
        shaky.experiment(name).start_run() as run,
    ):
        run.log_metric("good", 1.0, 1)
        run.log_metric("good", 2.0, 2)
    assert [value.fields["value"] for value in failure.value.values] == [1.0]
    found = the_run(registry, name)
    assert found.status is ExperimentRunStatus.FINISHED
    assert [row.name for row in registry.list_metric_history(found.id)] == ["good"]


def test_an_outage_does_not_hide_the_error_of_the_script(server_url: str, unique: Unique) -> None:
    faults = Faults()
    with through(faults, server_url) as shaky:
        with pytest.raises(ZeroDivisionError) as failure, shaky.experiment(unique("e")).start_run() as run:
            run.log_metric("loss", 1.0)
            faults._faults, faults._method = ["refused"] * 99, "POST"
            faults.sent.clear()
            _ = 1 / 0
        assert "not recorded" in "".join(failure.value.__notes__)
        faults._faults = ["refused"] * 99
        with pytest.raises((NotLogged, Unreachable)) as lost, shaky.experiment(unique("e")).start_run() as run:
            raise AssertionError("never reached")
        assert lost.value


def test_the_error_names_the_values_that_an_outage_kept_from_the_server(server_url: str, unique: Unique) -> None:
    faults = Faults()
    with through(faults, server_url) as shaky:
        with pytest.raises(NotLogged, match="1 values") as failure, shaky.experiment(unique("e")).start_run() as run:
            run.log_metric("loss", 1.0)
            faults._faults, faults._method = ["refused"] * 99, "any"
        assert [value.fields["value"] for value in failure.value.values] == [1.0]
        assert "marked as ended" in "".join(failure.value.__notes__)


def test_values_that_could_not_be_sent_wait_for_the_next_flush(
    server_url: str, registry: Registry, unique: Unique
) -> None:
    faults = Faults()
    with through(faults, server_url) as shaky, shaky.experiment(unique("e")).start_run() as run:
        faults._faults = ["refused"] * QUICK.attempts
        for step in range(3):
            run.log_metric("loss", step, step)
        with pytest.raises(NotLogged, match="3 values"):
            run.flush()
        assert len(run._buffer) == 3
    assert [row.step for row in registry.list_metric_history(run.id)] == [0, 1, 2]


def test_a_name_is_used_once_unless_its_run_is_resumed(registry: Registry, unique: Unique) -> None:
    experiment = registry.experiment(unique("e"))
    with experiment.start_run("same") as first:
        first.log_metric("loss", 1.0, 1)
    with pytest.raises(Conflict), experiment.start_run("same"):
        pass
    with experiment.start_run("same", resume=True) as again:
        assert registry.get_experiment_run(again.id).status is ExperimentRunStatus.RUNNING
        again.log_metric("loss", 2.0, 2)
    assert again.id == first.id
    assert [row.value for row in registry.list_metric_history(first.id)] == [1.0, 2.0]
    assert [row["name"] for row in experiment.compare()] == ["same"]


def test_a_run_that_has_not_begun_has_no_id(registry: Registry, unique: Unique) -> None:
    run = registry.experiment(unique("e")).start_run()
    with pytest.raises(RegistryError, match="begin"):
        _ = run.id
    assert run.begin().id
    run.end("KILLED")
    assert run.info.status is ExperimentRunStatus.KILLED
    assert list(registry.experiment(unique("none")).runs()) == []


def test_logging_does_not_wait_for_the_server(server_url: str, unique: Unique) -> None:
    faults, numbers = Faults(), count()
    with through(faults, server_url) as shaky, shaky.experiment(unique("e")).start_run() as run:
        before = len(faults.sent)
        for _ in range(100):
            run.log_metric("loss", next(numbers))
        assert len(faults.sent) == before
