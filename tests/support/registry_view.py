"""The whole content of a registry over REST, in a form in which two registries with different ids and times can be compared."""

import json
from collections.abc import Iterable
from typing import Any

import httpx

Json = dict[str, Any]

CONTEXTS = (
    "registered_models",
    "experiments",
    "serving_environments",
    "model_versions",
    "experiment_runs",
    "inference_services",
)
REFERENCES = ("registeredModelId", "experimentId", "servingEnvironmentId", "modelVersionId", "experimentRunId")
OWN = {"id", "createTimeSinceEpoch", "lastUpdateTimeSinceEpoch"}


def everything(client: httpx.Client) -> Json:
    """Returns the entities, each under the path of its parents' names and its own. Lists without a meaningful order are sorted."""
    labels: dict[str, str] = {}
    contexts: Json = {}
    for collection in CONTEXTS:
        for row in rows(client, f"/{collection}"):
            above = [labels[row[name]] for name in REFERENCES[:3] if name in row and collection != "inference_services"]
            if collection == "inference_services":
                above = [labels[row["servingEnvironmentId"]]]
            labels[row["id"]] = "/".join([*above, f"{collection}={row['name']}"])
            contexts[labels[row["id"]]] = row

    def plain(row: Json) -> Json:
        return {name: labels[value] if name in REFERENCES else value for name, value in row.items() if name not in OWN}

    def bag(found: Iterable[Json]) -> list[str]:
        return sorted(json.dumps(plain(row), sort_keys=True) for row in found)

    below = {}
    for label, row in contexts.items():
        collection = label.rpartition("/")[2].partition("=")[0]
        if collection in ("model_versions", "experiment_runs"):
            below[f"{label}/artifacts"] = bag(rows(client, f"/{collection}/{row['id']}/artifacts"))
        if collection == "inference_services":
            below[f"{label}/serves"] = bag(rows(client, f"/{collection}/{row['id']}/serves"))
        if collection == "experiment_runs":
            history = rows(client, f"/{collection}/{row['id']}/metric_history")
            for name in {value["name"] for value in history}:
                below[f"{label}/{name}"] = [plain(value) for value in history if value["name"] == name]
    return {
        "contexts": {label: plain(row) for label, row in contexts.items()},
        "below": below,
        "artifacts": bag(rows(client, "/artifacts")),
    }


def rows(client: httpx.Client, path: str) -> list[Json]:
    """All rows of a list."""
    found: list[Json] = []
    token = ""
    while True:
        page = client.get(path, params={"pageSize": 100, **({"nextPageToken": token} if token else {})})
        assert page.status_code == 200, page.text
        found += page.json()["items"]
        if not (token := page.json()["nextPageToken"]):
            return found
