"""The experiment that the registry of the browser tests holds: a sweep of twelve runs with curves, data sets and models."""

import math
from collections.abc import Awaitable, Callable
from typing import Any

Make = Callable[..., Awaitable[dict[str, Any]]]
_START = 1_795_000_000_000
_STEPS = 12
RUNS = 12
PAGES = {
    "experiments": "/ui/experiments",
    "experiment": "/ui/experiments/{experiment}",
    "experiment in parallel coordinates": "/ui/experiments/{experiment}?chart=parallel",
    "experiment as a scatter plot": "/ui/experiments/{experiment}?chart=scatter",
    "no run": "/ui/experiments/{experiment}?q=nonsense",
    "run": "/ui/runs/{run}",
    "run that still runs": "/ui/runs/{last_run}",
    "curves": "/ui/runs/{run}/curves",
    "curve": "/ui/runs/{run}/curves?metric=loss&smoothing=0.5",
    "compare runs": "/ui/compare/runs?id={run}&id={last_run}",
    "compare runs with curves": "/ui/compare/runs?id={run}&id={last_run}&metric=loss&curves=1",
    "compare versions": "/ui/compare/versions?id={version}&id={first_version}",
    "compare nothing": "/ui/compare/runs",
    "new experiment": "/ui/experiments/new",
    "new run": "/ui/experiments/{experiment}/runs/new",
    "edit an experiment": "/ui/experiments/{experiment}/edit",
    "edit a run": "/ui/runs/{run}/edit",
    "end a run": "/ui/runs/{last_run}/end",
    "archive an experiment": "/ui/experiments/{experiment}/archive",
    "labels of a run": "/ui/runs/{run}/labels",
}


def _uneven(number: int) -> float:
    """A number between 0 and 1 that looks as by chance, and is the same each time."""
    return math.modf(math.sin(number * 12.9898) * 43758.5453)[0] % 1


async def fill_experiment(make: Make) -> dict[str, str]:
    """Makes the experiment by a function that posts an entity to a path; returns the ids for the pages."""
    experiment = await make("/experiments", name="fraud-sweep", owner="ann", description="Rates and depths for 2026.")
    runs = [await _run(make, experiment["id"], number) for number in range(RUNS)]
    return {"experiment": experiment["id"], "run": runs[0], "last_run": runs[-1]}


async def _run(make: Make, experiment: str, number: int) -> str:
    is_last = number == RUNS - 1
    ended = {} if is_last else {"endTimeSinceEpoch": str(_START + 60_000 * (number + 2))}
    run = await make(
        "/experiment_runs",
        name=f"sweep-{number + 1}",
        experimentId=experiment,
        owner="ann",
        status="RUNNING" if is_last else "FAILED" if number == 5 else "FINISHED",
        startTimeSinceEpoch=str(_START),
        **ended,
    )
    path = f"/experiment_runs/{run['id']}/artifacts"
    rate = round(10 ** (-1 - 3 * _uneven(number + 1)), 5)
    parameters = {
        "rate": str(rate),
        "depth": str(2 + number % 5),
        "optimizer": ("adam", "sgd")[number % 2],
        "seed": "7",
    }
    for name, value in parameters.items():
        await make(path, artifactType="parameter", name=name, value=value)
    for step in range(_STEPS if number in {0, RUNS - 1} else 1):
        fall = math.exp(-step / (4 + number / 2))
        values = {"loss": fall + 0.1 * _uneven(step + number), "accuracy": 0.95 - 0.3 * fall - number / 200}
        for name, measured in values.items():
            await make(
                path, artifactType="metric", name=name, value=measured, step=step, timestamp=str(_START + step * 5000)
            )
    await make(path, artifactType="dataset-artifact", name="payments-spring", uri="s3://data/payments/spring.parquet")
    await make(
        path, artifactType="model-artifact", name=f"fraud-{number}", uri=f"s3://models/fraud/{number}", state="LIVE"
    )
    return str(run["id"])
