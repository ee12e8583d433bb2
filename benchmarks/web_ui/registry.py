"""Fills a registry for the pages of the web UI: every kind of entity, and more rows below each parent in a larger store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from benchmarks.operations import API
from benchmarks.seeds import create, seed_mlmd
from benchmarks.servers import Target

_MOST = 200
"""The most rows below a parent that are created by REST."""
_WITH_METRICS = 2
"""Runs with a curve."""
ALIAS = "production"
"""An alias that was moved, so that it can be rolled back."""
_EXTENSIONS = "/api/model_registry/ext/v1"


@dataclass(frozen=True, slots=True)
class Seeded:
    """What a registry was filled with.

    Attributes:
        models: The number of models.
        ids: Ids by the part of the UI that shows them, such as "versions". The first ones have the most rows below them.
        prefix: The text that begins the names of all models.
    """

    models: int
    ids: Mapping[str, Sequence[str]]
    prefix: str


def fill(target: Target, models: int) -> Seeded:
    """Fills the store of a server.

    One model gets a twentieth as many versions as there are models. A version, an experiment and an environment get as many
    artifacts, runs and services, and a run as many steps of a metric, but at most 200.
    """
    seeds = seed_mlmd(target.mlmd, models, models // 20)
    model, version = seeds.pools["versioned"][0]["id"], seeds.pools["version"][-1]["id"]
    experiment = seeds.pools["experiment"][0]["id"]
    rows = range(min(models // 20, _MOST))
    with httpx.Client(base_url=f"http://{target.rest}{API}", timeout=60) as client:
        files = [{"artifactType": "model-artifact", "name": f"a{row}", "uri": f"s3://bench/{row}"} for row in rows]
        artifacts = create(client, f"/model_versions/{version}/artifacts", files)
        runs = create(client, "/experiment_runs", [{"name": f"r{row}", "experimentId": experiment} for row in rows])
        for run in runs:
            create(client, f"/experiment_runs/{run['id']}/artifacts", _measured(1))
        for run in runs[:_WITH_METRICS]:
            for body in _measured(len(rows)):
                create(client, f"/experiment_runs/{run['id']}/artifacts", [body])
        for each in (seeds.pools["version"][0]["id"], version):
            alias = f"http://{target.rest}{_EXTENSIONS}/registered_models/{model}/aliases/{ALIAS}"
            client.put(alias, json={"modelVersionId": each}).raise_for_status()
        (environment,) = create(client, "/serving_environments", [{"name": f"{seeds.prefix}-production"}])
        services = create(client, "/inference_services", [_service(row, environment["id"], model) for row in rows])
        for service in services:
            serves = f"/inference_services/{service['id']}/serves"
            create(client, serves, [{"name": "newest", "modelVersionId": version, "lastKnownState": "RUNNING"}])
    ids = {
        "models": [model],
        "versions": [version, seeds.pools["version"][0]["id"]],
        "artifacts": [artifacts[0]["id"]],
        "experiments": [experiment],
        "runs": [run["id"] for run in runs[:2]],
        "deployments": [services[0]["id"]],
        "environments": [environment["id"]],
    }
    return Seeded(models, ids, seeds.prefix)


def _measured(steps: int) -> list[dict[str, Any]]:
    """A parameter, and a metric with as many steps."""
    metrics = [
        {"artifactType": "metric", "name": "loss", "value": 1 / (1 + step), "step": step} for step in range(steps)
    ]
    return [{"artifactType": "parameter", "name": "depth", "value": "8"}, *metrics]


def _service(row: int, environment: str, model: str) -> dict[str, Any]:
    return {"name": f"s{row}", "servingEnvironmentId": environment, "registeredModelId": model, "runtime": "kserve"}
