"""The deployments and the lineage that the registry of the browser tests holds."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

Make = Callable[..., Awaitable[dict[str, Any]]]
SERVES: Mapping[str, Sequence[tuple[int, str]]] = {
    "support-router": ((0, "RUNNING"),),
    "invoice-reader": ((0, "NEW"), (0, "FAILED")),
    "demand-forecast": ((-1, "RUNNING"),),
    "churn": ((0, "COMPLETE"),),
    "fraud-detection": ((-2, "COMPLETE"), (-1, "RUNNING")),
}
"""The serves of the service of a model: how many versions before the newest one, and the state."""
PAGES = {
    "deployments of a model": "/ui/models/{model}/deployments",
    "deployments of a version": "/ui/versions/{version}/deployments",
    "lineage of a model": "/ui/models/{model}/lineage",
    "lineage of a version": "/ui/versions/{version}/lineage",
    "lineage of a run": "/ui/runs/{run}/lineage",
    "history of a model": "/ui/models/{model}/history",
    "aliases of a model": "/ui/models/{model}/aliases",
    "moving an alias": "/ui/models/{model}/aliases/move?alias=production",
    "rolling an alias back": "/ui/models/{model}/aliases/rollback?alias=production",
    "history of a version": "/ui/versions/{version}/history",
    "history of a run": "/ui/runs/{run}/history",
    "history of a deployment": "/ui/deployments/{service}/history",
    "environments": "/ui/environments",
    "environment": "/ui/environments/{environment}",
    "change many deployments": "/ui/deployments/change?do=undeploy&id={service}",
    "new deployment": "/ui/deployments/new?model={model}&version={version}",
    "deploy another version": "/ui/deployments/{service}/version",
    "undeploy": "/ui/deployments/{service}/state",
    "record a serve": "/ui/deployments/{service}/serves/new",
    "edit a deployment": "/ui/deployments/{service}/edit",
    "new environment": "/ui/environments/new",
    "edit an environment": "/ui/environments/{environment}/edit",
    "deployments": "/ui/deployments",
    "deployments with drift": "/ui/deployments?seen=drift",
    "deployment": "/ui/deployments/{service}",
}


async def fill_serves(make: Make, model: str, service: str, versions: Sequence[str]) -> None:
    """Makes the serves of a model's service by a function that posts an entity to a path."""
    for served, state in SERVES.get(model, ()):
        fields = {"modelVersionId": versions[served - 1], "lastKnownState": state}
        name = f"{state.lower()} with 1.{3 + served}.0"
        await make(f"/inference_services/{service}/serves", name=name, **fields)


async def fill_lineage(make: Make, version: str, run: str) -> None:
    """Lets a version share its training data and a report with a run."""
    for kind, name, uri in (
        ("dataset-artifact", "payments-2026", "s3://data/payments/2026"),
        ("doc-artifact", "evaluation", "https://example.org/evaluation"),
    ):
        made = await make(f"/experiment_runs/{run}/artifacts", artifactType=kind, name=name, uri=uri)
        await make(f"/model_versions/{version}/artifacts", artifactType=kind, id=made["id"])
