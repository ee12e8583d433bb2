"""MLflow's registry API of a whole server: several processes that create versions, authentication, and its switch."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from model_registry_proxy.security.tokens import new_token
from tests.support.processes import Proxy, need_engine, proxy

API = "/api/2.0/mlflow"


@pytest.mark.slow
def test_numbers_of_versions_are_unique_and_without_a_gap_also_among_processes(tmp_path: Path) -> None:
    need_engine()
    with proxy(tmp_path, "--workers", "3") as server:
        assert sorted(created(server, 90)) == list(range(1, 91))


def created(server: Proxy, count: int) -> list[int]:
    """Creates versions over many connections at the same time; returns their numbers."""
    httpx.post(f"{server.url}{API}/registered-models/create", json={"name": "churn"}).raise_for_status()

    def create(number: int) -> int:
        with httpx.Client(timeout=60) as client:  # a connection of its own, so that every process gets some
            body = {"name": "churn", "source": f"s3://b/{number}"}
            answer = client.post(f"{server.url}{API}/model-versions/create", json=body).raise_for_status()
            return int(answer.json()["model_version"]["version"])

    with ThreadPoolExecutor(16) as pool:
        return list(pool.map(create, range(count)))


def test_tokens_are_taken_as_passwords_and_refusals_have_mlflows_shape(tmp_path: Path) -> None:
    need_engine()
    token, line = new_token("tom", ())
    (tmp_path / "tokens").write_text(line)
    with proxy(
        tmp_path, "--auth", "tokens", "--auth-tokens", str(tmp_path / "tokens"), "--extensions", "mlflow"
    ) as server:
        url = f"{server.url}{API}/registered-models"
        refused = httpx.get(f"{url}/search")
        assert (refused.status_code, refused.json()["error_code"]) == (401, "UNAUTHENTICATED")
        wrong = httpx.get(f"{url}/search", auth=("anyone", "wrong"))
        assert (wrong.status_code, wrong.json()["error_code"]) == (401, "UNAUTHENTICATED")
        made = httpx.post(f"{url}/create", json={"name": "churn"}, auth=("anyone", token))
        assert made.json()["registered_model"]["user_id"] == "tom"
        # Aliases are switched off: their paths are not there, and no model shows any.
        off = httpx.get(f"{url}/alias", params={"name": "churn", "alias": "x"}, auth=("anyone", token))
        assert (off.status_code, off.json()["error_code"]) == (404, "ENDPOINT_NOT_FOUND")
        shown = httpx.get(f"{url}/get", params={"name": "churn"}, headers={"authorization": f"Bearer {token}"})
        assert shown.json()["registered_model"]["aliases"] == []


def test_without_the_switch_nothing_is_served(tmp_path: Path) -> None:
    need_engine()
    with proxy(tmp_path, "--extensions", "none") as server:
        for beginning in ("/api/2.0/mlflow", "/ajax-api/2.0/mlflow"):
            answer = httpx.get(f"{server.url}{beginning}/registered-models/search")
            assert answer.status_code == 404
        assert "mlflow" not in httpx.get(f"{server.url}/.well-known/model-registry").json()
