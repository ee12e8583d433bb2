"""The main job in a nutshell, on every store."""

import uuid

import httpx

from tests.support.processes import Proxy


def test_a_model_a_version_and_an_artifact_can_be_registered_and_read_back(any_proxy: Proxy) -> None:
    name = f"model-{uuid.uuid4()}"
    with httpx.Client(base_url=any_proxy.api) as client:
        model = client.post("/registered_models", json={"name": name}).json()
        version = client.post("/model_versions", json={"name": "v:1", "registeredModelId": model["id"]}).json()
        body = {"artifactType": "model-artifact", "name": "weights", "uri": "s3://bucket/weights"}
        artifact = client.post(f"/model_versions/{version['id']}/artifacts", json=body).json()

        assert client.get("/registered_model", params={"name": name}).json() == model
        assert client.get(f"/registered_models/{model['id']}/versions").json()["items"] == [version]
        assert client.get(f"/model_versions/{version['id']}/artifacts").json()["items"] == [artifact]
        assert client.get("/artifact", params={"name": "weights", "parentResourceId": version["id"]}).json() == artifact
