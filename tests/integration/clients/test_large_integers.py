"""Kubeflow's newest client reads and updates entities with large whole numbers where the server has `--client-safe-integers`."""

import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.support import processes

pytest.importorskip("kubeflow.hub")
SCRIPT = """
from kubeflow.hub import ModelRegistryClient
client = ModelRegistryClient({url!r}, author="me")
(model,) = client.list_models()
(version,) = client.list_model_versions("m")
expected = dict(trained_at="1795766384", big="-9223372036854775808", small=999999999, text="1795766384")
assert version.custom_properties == expected, version
version.description = "changed"
version.custom_properties["small"] = 5
client.update_model_version(version)
version = client.get_model_version("m", "1")
assert (version.description, version.custom_properties["trained_at"]) == ("changed", "1795766384")
"""


def value(kind: str, text: str) -> dict[str, str]:
    return {"metadataType": f"Metadata{kind}Value", f"{kind.lower()}_value": text}


def test_a_round_trip_through_kubeflows_client_keeps_the_numbers(tmp_path: Path) -> None:
    numbers = {"trained_at": value("Int", "1795766384"), "big": value("Int", "-9223372036854775808")}
    properties = {**numbers, "small": value("Int", "999999999"), "text": value("String", "1795766384")}
    flags = ("--client-safe-integers", "--validate-responses", "--workers", "2")
    with (
        processes.proxy(tmp_path, *flags) as proxy,
        httpx.Client(base_url=f"{proxy.url}/api/model_registry/v1alpha3") as http,
    ):
        model = http.post("/registered_models", json={"name": "m", "customProperties": numbers}).json()
        body = {"name": "1", "registeredModelId": model["id"], "customProperties": properties}
        version = http.post("/model_versions", json=body).json()
        assert version["customProperties"]["trained_at"] == value("String", "1795766384")
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", SCRIPT.format(url=proxy.url)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        for query in ("trained_at = 1795766384", "trained_at.int_value = 1795766384", "big < 0"):
            assert http.get("/model_versions", params={"filterQuery": query}).json()["size"] == 1, query
        path = f"/model_versions/{version['id']}"
        read = http.get(path)
        changed = http.patch(path, json={"author": "x"}, headers={"If-Match": read.headers["etag"]})
        assert changed.status_code == 200, changed.text
        changed = http.patch(path, json={"customProperties": {"trained_at": value("String", "1795766385")}}).json()
        assert changed["customProperties"] == {"trained_at": value("String", "1795766385")}
        assert http.get("/model_versions", params={"filterQuery": "trained_at.int_value > 0"}).json()["size"] == 0
        run = http.post(
            "/experiment_runs", json={"experimentId": http.post("/experiments", json={"name": "e"}).json()["id"]}
        ).json()
        metric = {"artifactType": "metric", "name": "loss", "value": 1.0, "customProperties": numbers}
        for _ in range(2):
            answer = http.post(f"/experiment_runs/{run['id']}/artifacts", json=metric).json()
            metric["customProperties"] = answer["customProperties"]
        assert answer["customProperties"]["trained_at"] == value("String", "1795766384")
        assert http.get("/artifacts", params={"filterQuery": "trained_at.int_value = 1795766384"}).json()["size"] == 1
