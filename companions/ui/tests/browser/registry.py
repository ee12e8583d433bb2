"""What the registry of the browser tests holds: enough for every page, always the same, and fit for pictures."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
from model_registry_client.custom_properties import to_wire

from companions.ui.tests import recorded_catalog
from companions.ui.tests.browser import deployments, experiments
from tests.support.serving import EXTENSIONS

Make = Callable[..., Awaitable[dict[str, Any]]]
CARD = """# Fraud detection

Finds unusual card payments within **20 ms**. Trained on payments of the last 12 months.

| metric | validation | test |
|---|---|---|
| AUC | 0.974 | 0.969 |
| recall at 1 % | 0.81 | 0.79 |

```python
import onnxruntime

session = onnxruntime.InferenceSession("fraud.onnx")
```

Not for decisions about credit. Read [the report](https://example.org/report) first.
"""
MODELS = (
    ("support-router", "Sends each ticket to the right team.", "bob", {"stage": "staging", "nlp": ""}),
    ("search-ranking", "Orders the results of the search.", "dana", {"stage": "production"}),
    ("invoice-reader", "Reads amounts and dates from scanned invoices.", "ann", {"stage": "production", "vision": ""}),
    ("demand-forecast", "Weekly demand of each shop and product.", "carla", {"stage": "production", "gold": ""}),
    ("churn", "Which contracts end within a month.", "bob", {"stage": "staging", "marketing": ""}),
    (
        "fraud-detection",
        "Finds unusual card payments within 20 ms.",
        "ann",
        {"stage": "production", "gold": "", "payments": "", "rows": 1_204_511, "limits": {"cpu": 2, "memory": "1Gi"}},
    ),
)
PAGES = {
    "overview": "/ui/",
    "models": "/ui/models",
    "models with filters": "/ui/models?q=e&owner=ann&property=stage&op=%3D&value=production&desc=1",
    "models by a query that cannot be read": "/ui/models?query=name+%3D+%3D",
    "no model": "/ui/models?q=nonsense",
    "model": "/ui/models/{model}",
    "versions of a model": "/ui/models/{model}/versions",
    "chart of a property": "/ui/models/{model}/versions?chart=accuracy",
    "chart of a property that no version has": "/ui/models/{model}/versions?chart=nonsense",
    "versions": "/ui/versions",
    "version": "/ui/versions/{version}",
    "artifacts of a version": "/ui/versions/{version}/artifacts",
    "use": "/ui/versions/{version}/use",
    "artifacts": "/ui/artifacts",
    "artifact": "/ui/artifacts/{artifact}",
    "search": "/ui/search?q=fraud",
    "search for a query that cannot be read": "/ui/search?q=name+%3D+%3D",
    "help with queries": "/ui/query-help",
    "about": "/ui/about",
    "look": "/ui/look",
    "register a model": "/ui/models/new",
    "register a version": "/ui/models/{model}/versions/new",
    "add an artifact": "/ui/versions/{version}/artifacts/new?kind=dataset-artifact",
    "register a run": "/ui/runs/{run}/register",
    "archive a model": "/ui/models/{model}/archive",
    "labels of a model": "/ui/models/{model}/labels",
    "change many models": "/ui/models/change?do=remove-label&id={model}",
    "edit a model": "/ui/models/{model}/edit",
    "properties of a model": "/ui/models/{model}/properties",
    "edit a version": "/ui/versions/{version}/edit",
    "properties of a version": "/ui/versions/{version}/properties",
    "edit an artifact": "/ui/artifacts/{artifact}/edit",
    **deployments.PAGES,
    **experiments.PAGES,
    **recorded_catalog.PAGES,
}
"""Every page, by a name for people. A page that is added goes here too; `IDS` fills the braces."""
IDS: dict[str, str] = {}
"""The ids of the entities that the pages show, by the names in braces."""


def path_of(name: str) -> str:
    """The path of a page."""
    return PAGES[name].format(**IDS)


async def fill(make: Make) -> None:
    """Fills a registry by a function that posts an entity to a path."""
    environment = await make("/serving_environments", name="production")
    for name, description, owner, properties in MODELS:
        model = await make(
            "/registered_models",
            name=name,
            description=description,
            owner=owner,
            customProperties=to_wire(properties),
            readme=CARD,
            license="apache-2.0",
            licenseLink="https://www.apache.org/licenses/LICENSE-2.0",
            provider="Example",
            tasks=["tabular-classification"],
            libraryName="onnxruntime",
        )
        versions: list[str] = []
        for number in range(4):
            measured = {"accuracy": 0.91 + number / 100, "latency_ms": 24 - 2 * number, "stage": "staging"}
            version = await make(
                "/model_versions",
                name=f"1.{number}.0",
                registeredModelId=model["id"],
                author=owner,
                description="Retrained on newer data." if number else "First version.",
                customProperties=to_wire(measured),
            )
            IDS.setdefault("first_version", version["id"])
            versions.append(version["id"])
            artifact = await make(
                f"/model_versions/{version['id']}/artifacts",
                artifactType="model-artifact",
                name=name,
                uri=f"s3://models/{name}/1.{number}.0/model.onnx",
                modelFormatName="onnx",
                modelFormatVersion="1.17",
                state="LIVE",
            )
        service = await make(
            "/inference_services",
            servingEnvironmentId=environment["id"],
            name=f"{name}-service",
            registeredModelId=model["id"],
            runtime="kserve-onnx",
        )
        await deployments.fill_serves(make, name, service["id"], versions)
        IDS.update(
            environment=environment["id"],
            model=model["id"],
            first_version_of_model=versions[0],
            version=version["id"],
            artifact=artifact["id"],
            service=service["id"],
        )
    IDS.update(await experiments.fill_experiment(make))
    await deployments.fill_lineage(make, IDS["version"], IDS["run"])


async def fill_aliases(client: httpx.AsyncClient) -> None:
    """Moves aliases of the model over the API: one twice, and one with the longest name and a long reason without a space."""
    aliases = f"{EXTENSIONS}/registered_models/{IDS['model']}/aliases"
    for alias, version, reason in (
        ("production", "first_version_of_model", "the first release"),
        ("production", "version", "better in March"),
        ("a" * 100, "version", "x" * 500),
    ):
        body = {"modelVersionId": IDS[version], "reason": reason}
        (await client.put(f"{aliases}/{alias}", json=body)).raise_for_status()
