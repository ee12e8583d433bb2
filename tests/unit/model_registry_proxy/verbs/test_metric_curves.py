"""Curves of metrics of a run: several names in one request, thinned, and the names of its metrics."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from model_registry_proxy.registry.registry import Limits
from tests.support.asking import ask, refusal, send
from tests.support.guarded import guarding
from tests.support.serving import Served, serving


async def a_run(served: Served, **metrics: Iterable[float]) -> str:
    """Creates a run that has logged these values, one a step; returns its id."""
    experiment = (await served.make("/experiments", name="experiment"))["id"]
    run = (await served.make("/experiment_runs", name="run", experimentId=experiment))["id"]
    for name, values in metrics.items():
        for step, value in enumerate(values):
            await log(served, run, name, value, step=step, timestamp=str(1000 + step))
    return str(run)


async def log(served: Served, run: str, name: str, value: float, **fields: Any) -> None:
    """Logs one value of a metric."""
    await served.make(f"/experiment_runs/{run}/artifacts", artifactType="metric", name=name, value=value, **fields)


async def test_each_metric_has_its_values_in_the_order_of_the_names() -> None:
    async with serving() as served:
        run = await a_run(served, loss=[2.0, 1.0], accuracy=[0.5])
        found = await ask(served.client, f"/experiment_runs/{run}/metric_history", names=" accuracy,loss,,none,loss")
        assert found == {
            "metrics": [
                curve("accuracy", [{"value": 0.5, "step": 0, "timestamp": "1000"}]),
                curve(
                    "loss", [{"value": 2, "step": 0, "timestamp": "1000"}, {"value": 1, "step": 1, "timestamp": "1001"}]
                ),
                curve("none", []),
            ]
        }


def curve(name: str, points: list[dict[str, Any]]) -> dict[str, Any]:
    """A curve of which nothing is left out."""
    return {"name": name, "count": len(points), "isThinned": False, "isComplete": True, "points": points}


async def test_many_values_are_thinned_and_spikes_and_ends_stay() -> None:
    values = [float(step) for step in range(150)]
    values[77] = 1e6
    async with serving() as served:
        run = await a_run(served, loss=values)
        (found,) = (await ask(served.client, f"/experiment_runs/{run}/metric_history", names="loss", maxPoints=20))[
            "metrics"
        ]
    assert (found["count"], found["isThinned"], found["isComplete"]) == (150, True, True)
    assert len(found["points"]) <= 20
    steps = [point["step"] for point in found["points"]]
    assert steps == sorted(steps)
    assert {0, 77, 149} <= set(steps)
    assert all(point["value"] == values[point["step"]] for point in found["points"])


async def test_points_are_sorted_by_step_and_then_by_the_order_of_writing() -> None:
    async with serving() as served:
        run = await a_run(served)
        for value, step in ((1, 5), (2, 3), (3, 5), (4, 3)):
            await log(served, run, "loss", value, step=step)
        (found,) = (await ask(served.client, f"/experiment_runs/{run}/metric_history", names="loss"))["metrics"]
    assert [(point["step"], point["value"]) for point in found["points"]] == [(3, 2), (3, 4), (5, 1), (5, 3)]


async def test_a_metric_whose_name_begins_as_another_one_is_not_mixed_with_it() -> None:
    async with serving() as served:
        run = await a_run(served, loss=[1.0], loss__x=[2.0], loss_=[3.0])
        found = (await ask(served.client, f"/experiment_runs/{run}/metric_history", names="loss,loss__x,loss_"))[
            "metrics"
        ]
    assert [(each["name"], [point["value"] for point in each["points"]]) for each in found] == [
        ("loss", [1]),
        ("loss__x", [2]),
        ("loss_", [3]),
    ]


async def test_beyond_the_scan_limit_the_answer_says_that_it_is_not_complete() -> None:
    async with serving(limits=Limits(scan=100)) as served:
        run = await a_run(served, loss=map(float, range(250)))
        (found,) = (await ask(served.client, f"/experiment_runs/{run}/metric_history", names="loss"))["metrics"]
        assert (found["count"], found["isComplete"]) == (200, False)
        steps = [point["step"] for point in found["points"]]
        assert steps == [*range(100), *range(150, 250)], "the middle is missing, the ends are there"


async def test_many_curves_share_the_values_that_one_request_reads() -> None:
    async with serving(limits=Limits(scan=300)) as served:
        run = await a_run(served, loss=map(float, range(250)))
        path = f"/experiment_runs/{run}/metric_history"
        for others, count in ((9, 250), (14, 250), (29, 200)):  # 300, 200 and 100 of the first, and 100 of the last
            names = ",".join(["loss", *(f"m{number}" for number in range(others))])
            loss = (await ask(served.client, path, names=names))["metrics"][0]
            assert (loss["count"], loss["isComplete"]) == (count, count == 250)


async def test_the_names_of_all_metrics_of_a_run_are_sorted() -> None:
    async with serving() as served:
        run = await a_run(served, loss=[1.0, 2.0], accuracy=[1.0])
        await served.make(f"/experiment_runs/{run}/artifacts", artifactType="parameter", name="rate", value="1")
        assert await ask(served.client, f"/experiment_runs/{run}/metric_names") == {
            "names": ["accuracy", "loss"],
            "isComplete": True,
        }


@pytest.mark.parametrize("path", ["metric_history", "metric_names"])
async def test_a_run_that_does_not_exist_is_404(path: str) -> None:
    async with serving() as served:
        await served.make("/registered_models", name="model")
        for id_ in ("1", "99", "0"):
            assert await refusal(served.client, f"/experiment_runs/{id_}/{path}", names="loss") == (
                404,
                f"No experiment run has id {id_}.",
            )


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({}, "names must name metrics of the run, separated by commas; metric_names has those that there are."),
        ({"names": ", "}, 'names must name metrics of the run, separated by commas; got ", ".'),
        ({"names": ",".join(f"m{number}" for number in range(51))}, "names may have at most 50 names; got 51."),
        ({"names": "a", "maxPoints": "1"}, "maxPoints must be at least 2; got 1."),
        ({"names": "a", "maxPoints": "10001"}, "maxPoints must be at most 10000; got 10001."),
        ({"names": "a", "maxPoints": "ten"}, 'maxPoints must be a whole number; got "ten".'),
    ],
)
async def test_bad_parameters_are_400_and_the_message_names_them(query: dict[str, str], message: str) -> None:
    async with serving() as served:
        run = await a_run(served)
        assert await refusal(served.client, f"/experiment_runs/{run}/metric_history", **query) == (400, message)


async def test_an_unchanged_curve_is_304() -> None:
    async with serving() as served:
        run = await a_run(served, loss=[1.0])
        path = f"/experiment_runs/{run}/metric_history"
        tag = (await send(served.client, path, names="loss")).headers["etag"]
        response = await served.client.get(
            f"http://test/api/model_registry/ext/v1{path}", params={"names": "loss"}, headers={"if-none-match": tag}
        )
        assert response.status_code == 304
        await log(served, run, "loss", 2)
        assert (await send(served.client, path, names="loss")).headers["etag"] != tag


async def test_a_metric_that_also_belongs_to_a_hidden_model_is_hidden(tmp_path: Path) -> None:
    async with guarding(tmp_path) as guarded:
        served = guarded.served
        run = await a_run(served, loss=[1.0], hidden=[2.0])
        model = (await served.make("/registered_models", name="secret"))["id"]
        version = (await served.make("/model_versions", name="v", registeredModelId=model))["id"]
        rows = (await served.client.get(f"/experiment_runs/{run}/artifacts")).json()["items"]
        metric = next(row for row in rows if row["name"] == "hidden")
        await served.make(f"/model_versions/{version}/artifacts", artifactType="metric", id=metric["id"])
        for user, names in (("outsider", ["loss"]), ("changer", ["hidden", "loss"])):
            assert (await ask(guarded.by(user), f"/experiment_runs/{run}/metric_names"))["names"] == names
