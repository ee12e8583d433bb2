"""`Idempotency-Key` on every store: an answer that is lost, and many requests with one key."""

import socket
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import httpx
import orjson
import pytest

from tests.support.processes import Proxy

Json = dict[str, Any]


def cut_off(address: str, body: Json, key: str) -> None:
    """POSTs a body, and closes the connection when the answer begins: the create is committed then, and its answer is lost."""
    parts, content = urlsplit(address), orjson.dumps(body)
    head = f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nIdempotency-Key: {key}\r\n"
    with socket.create_connection((parts.hostname, parts.port), timeout=60) as connection:
        connection.sendall(f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content)
        assert connection.recv(1) == b"H"


@pytest.fixture(scope="module")
def made(any_proxy: Proxy) -> Json:
    """What entities are created below."""
    with httpx.Client(base_url=any_proxy.api, timeout=60) as client:
        model = client.post("/registered_models", json={"name": f"idempotency {uuid.uuid4()}"}).json()["id"]
        experiment = client.post("/experiments", json={"name": f"idempotency {uuid.uuid4()}"}).json()["id"]
        run = client.post("/experiment_runs", json={"experimentId": experiment}).json()["id"]
    return {"model": model, "experiment": experiment, "run": run}


def filled(body: Json, **ids: str) -> Json:
    """A body with ids in the place of `{names}`."""
    return {name: value.format(**ids) if isinstance(value, str) else value for name, value in body.items()}


CREATES = {
    "model": ("/registered_models", {"name": "idempotency {new}"}),
    "version": ("/model_versions", {"name": "{new}", "registeredModelId": "{model}"}),
    "run": ("/experiment_runs", {"experimentId": "{experiment}"}),
    "artifact": ("/model_artifacts", {"name": "idempotency", "uri": "s3://x"}),
    "metric": ("/experiment_runs/{run}/artifacts", {"artifactType": "metric", "name": "{new}", "value": 0.1}),
}


@pytest.mark.parametrize("create", CREATES.values(), ids=CREATES)
def test_a_create_whose_answer_was_lost_is_found_by_its_key(
    any_proxy: Proxy, made: Json, create: tuple[str, Json]
) -> None:
    key = str(uuid.uuid4())
    path = create[0].format(**made)
    body = filled(create[1], new=key, **made)
    cut_off(any_proxy.api + path, body, key)
    with httpx.Client(base_url=any_proxy.api, timeout=60, headers={"Idempotency-Key": key}) as client:
        again = client.post(path, json=body)
        assert (again.status_code, again.headers.get("idempotent-replayed")) == (
            200 if "value" in body else 201,
            "true",
        )
        assert client.post(path, json={**body, "description": "other"}).status_code == 422


@pytest.mark.parametrize("create", CREATES.values(), ids=CREATES)
def test_24_creates_in_8_threads_with_one_key_create_one(
    any_proxy: Proxy, made: Json, create: tuple[str, Json]
) -> None:
    key = str(uuid.uuid4())
    path = create[0].format(**made)
    body = filled(create[1], new=key, **made)
    headers = {"Idempotency-Key": key}
    with httpx.Client(base_url=any_proxy.api, timeout=60, headers=headers) as client, ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: client.post(path, json=body), range(24)))
    assert {answer.status_code for answer in answers} == {200 if "value" in body else 201}, answers[0].text
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert [answer.headers.get("idempotent-replayed") for answer in answers].count("true") == 23
