"""Health, and the start of a proxy while its store is missing, comes, goes, or can never be served."""

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support import processes
from tests.support.processes import ROOT, Process, Proxy
from tests.support.stores import on
from tests.support.tiers import slow
from tests.support.watching import await_true

CHECKS = ("/readyz/isDirty", "/readyz/health")
PREFIXES = ("", "/api/model_registry/v1alpha3", "/api/model_registry/v1", "/any/thing")
NOT_YET = "model registry service not yet initialized"
COUNTED = (
    "registered_models",
    "artifacts",
    "model_versions",
    "serving_environments",
    "inference_services",
    "experiments",
    "experiment_runs",
)
ENGINES = ("embedded-sqlite", "google-sqlite")


# A store that is there


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("check", CHECKS)
def test_a_ready_proxy_says_ok_in_plain_text_behind_any_prefix(proxy: Proxy, prefix: str, check: str) -> None:
    response = httpx.get(proxy.url + prefix + check)
    assert (response.status_code, response.text) == (200, "OK")
    assert response.headers["content-type"].startswith("text/plain")


def as_json(proxy: Proxy, check: str) -> dict[str, Any]:
    response = httpx.get(proxy.url + check, params={"format": "json"}, timeout=30)
    assert response.headers["content-type"].startswith("application/json")
    content: dict[str, Any] = response.json()
    assert content["status"] == ("pass" if response.status_code == 200 else "fail")
    for name, found in content["checks"].items():
        assert list(found) == ["Name", "Status", "Message", "Details"]
        assert found["Name"] == name
    return content


def test_health_in_json_names_every_resource(proxy: Proxy) -> None:
    name = f"seen-{uuid.uuid4()}"
    assert httpx.post(proxy.api + "/registered_models", json={"name": name}).is_success
    content = as_json(proxy, "/readyz/health")
    assert content["status"] == "pass"
    assert set(content["checks"]) == {"database", "model-registry", "meta"}
    details = content["checks"]["model-registry"]["Details"]
    assert set(details) == {f"{name}_{fact}" for name in COUNTED for fact in ("accessible", "count")} | {
        "total_resources_checked"
    }
    assert all(details[f"{name}_accessible"] is True for name in COUNTED)
    assert details["registered_models_count"] == 1  # of a list of one
    assert content["checks"]["database"]["Details"] == {"datastore_type": "mlmd"}


def test_is_dirty_in_json_asks_the_store_only(proxy: Proxy) -> None:
    content = as_json(proxy, "/readyz/isDirty")
    assert content["status"] == "pass"
    assert set(content["checks"]) == {"database", "meta"}


@pytest.mark.parametrize("check", CHECKS)
def test_health_in_json_says_when_and_how_long(proxy: Proxy, check: str) -> None:
    meta = as_json(proxy, check)["checks"]["meta"]
    assert (meta["Status"], meta["Message"]) == ("pass", "")
    assert set(meta["Details"]) == {"check_duration_ms", "timestamp"}
    assert isinstance(meta["Details"]["check_duration_ms"], int)
    assert meta["Details"]["timestamp"].endswith("Z")
    answered = datetime.fromisoformat(meta["Details"]["timestamp"])
    assert abs(datetime.now(answered.tzinfo) - answered) < timedelta(minutes=1)


@pytest.mark.parametrize("query", ["?format=text", "?format=", "?other=json"])
def test_any_other_format_is_plain_text(proxy: Proxy, query: str) -> None:
    assert httpx.get(proxy.url + "/readyz/health" + query).text == "OK"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"])
@pytest.mark.parametrize("check", CHECKS)
def test_health_takes_get_only(proxy: Proxy, method: str, check: str) -> None:
    response = httpx.request(method, proxy.url + check)
    assert response.status_code == 405
    assert response.headers["allow"] == "GET"


def test_livez_says_ok(proxy: Proxy) -> None:
    response = httpx.get(proxy.url + "/livez")
    assert (response.status_code, response.text) == (200, "OK")


# A store that is not there, comes, goes and comes back


@contextmanager
def waiting_proxy(folder: Path, mlmd_port: int, *flags: str) -> Iterator[Proxy]:
    """A proxy that serves, whether or not its store is there."""
    port = processes.free_port()
    command = [sys.executable, "-m", "model_registry_proxy", "proxy", "-n", "127.0.0.1", "-p", str(port)]
    command += ["--mlmd-hostname", "127.0.0.1", "--mlmd-port", str(mlmd_port), "--log-level", "warning", *flags]
    with processes.running(command, folder / f"proxy-{port}.log", clean_environment()) as process:
        url = f"http://127.0.0.1:{port}"
        processes.wait_until(lambda: answers(url + "/livez", 200), process, "The proxy")
        yield Proxy(process.child, process.log, url, mlmd_port)


def clean_environment() -> dict[str, str]:
    return {**{k: v for k, v in os.environ.items() if not k.startswith("MR_")}, "PYTHONPATH": str(ROOT)}


def answers(url: str, status: int) -> bool:
    try:
        return httpx.get(url, timeout=30).status_code == status
    except httpx.TransportError:
        return False


@contextmanager
def standalone_engine(folder: Path, port: int) -> Iterator[Process]:
    """`model-registry mlmd-server`, without waiting for it."""
    command = [sys.executable, "-m", "model_registry_proxy", "mlmd-server", "--mlmd-port", str(port)]
    command += ["-n", "127.0.0.1", "--database", str(folder / "registry.db")]
    with processes.running(command, folder / "engine.log", clean_environment()) as process:
        yield process


@contextmanager
def store_at(kind: str, folder: Path, port: int) -> Iterator[Process]:
    """An MLMD server of this kind, on the same file each time."""
    if kind.startswith("google"):
        with processes.mlmd_server(folder, processes.sqlite_connection(folder / "registry.db"), port) as (process, _):
            yield process
    else:
        with standalone_engine(folder, port) as process:
            yield process


@pytest.fixture(scope="module")
def lonely(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """A proxy whose store never comes."""
    with waiting_proxy(tmp_path_factory.mktemp("lonely"), processes.free_port()) as proxy:
        yield proxy


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/registered_models"), ("POST", "/registered_models"), ("GET", "/artifacts/1"), ("PATCH", "/artifacts/1")],
)
def test_without_its_store_the_api_answers_503_in_json(lonely: Proxy, method: str, path: str) -> None:
    body = {"GET": None, "POST": {"name": "x"}, "PATCH": {"artifactType": "doc-artifact"}}[method]
    response = httpx.request(method, lonely.api + path, json=body)
    assert response.status_code == 503
    assert int(response.headers["retry-after"]) > 0
    assert response.headers["content-type"].startswith("application/json")
    content = response.json()
    assert set(content) == {"code", "message"}
    assert content["code"] == "Service Unavailable"


def test_without_its_store_a_proxy_still_explains_a_wrong_request(lonely: Proxy) -> None:
    assert httpx.get(lonely.api + "/nothing").status_code == 404
    assert httpx.get(lonely.api + "/registered_models?pageSize=0").status_code == 400
    assert httpx.post(lonely.api + "/registered_models", json={"name": ""}).status_code == 422
    assert httpx.get(lonely.url + "/openapi.json").status_code == 200


def test_without_its_store_a_proxy_lives_but_is_not_ready(lonely: Proxy) -> None:
    assert httpx.get(lonely.url + "/livez").status_code == 200
    for check in CHECKS:
        response = httpx.get(lonely.url + check)
        assert response.status_code == 503
        assert response.headers["content-type"].startswith("text/plain")
        assert response.text


def test_without_its_store_the_service_check_says_that_it_is_not_initialized(lonely: Proxy) -> None:
    content = as_json(lonely, "/readyz/health")
    assert content["status"] == "fail"
    found = content["checks"]["model-registry"]
    assert (found["Status"], found["Message"]) == ("fail", NOT_YET)
    assert found["Details"] == {"service_ready": False}


@pytest.mark.slow
@pytest.mark.parametrize("kind", on(ENGINES))
def test_a_proxy_serves_as_soon_as_its_store_comes_and_again_when_it_comes_back(tmp_path: Path, kind: str) -> None:
    port = processes.free_port()
    with waiting_proxy(tmp_path, port) as proxy, httpx.Client(base_url=proxy.api, timeout=60) as client:
        assert client.get("/registered_models").status_code == 503
        ready = proxy.url + "/readyz/health"
        with store_at(kind, tmp_path, port) as store:
            await_true(lambda: answers(ready, 200), "the proxy to be ready")
            made = client.post("/registered_models", json={"name": "kept"})
            assert made.status_code == 201
            store.stop()
            refused = client.get("/registered_models")
            assert (refused.status_code, refused.json()["code"]) == (503, "Service Unavailable")
            assert "retry-after" in refused.headers
            assert answers(ready, 503)
            assert answers(proxy.url + "/livez", 200)
            assert answers(
                proxy.url + "/readyz/isDirty", 200
            )  # for liveness in Kubeflow's manifests: a restart repairs no store
        with store_at(kind, tmp_path, port):
            await_true(lambda: answers(ready, 200), "the proxy to be ready again")
            assert client.get("/registered_models").json()["items"] == [made.json()]
            assert client.post("/registered_models", json={"name": "kept"}).status_code == 409


@pytest.mark.slow
@pytest.mark.parametrize("kind", on(ENGINES))
def test_proxies_that_start_together_on_an_empty_store_all_get_ready(tmp_path: Path, kind: str) -> None:
    port = processes.free_port()
    with ExitStack() as stack:
        proxies = [stack.enter_context(waiting_proxy(tmp_path, port)) for _ in range(4)]
        stack.enter_context(store_at(kind, tmp_path, port))
        for number, proxy in enumerate(proxies):
            await_true(lambda ready=proxy.url + "/readyz/health": answers(ready, 200), "all proxies to be ready")  # type: ignore[misc]
            assert httpx.post(proxy.api + "/registered_models", json={"name": f"by-{number}"}).status_code == 201
        for proxy in proxies:
            assert proxy.child.poll() is None
            assert httpx.get(proxy.api + "/registered_models").json()["size"] == len(proxies)


# A store that can never be served


@pytest.fixture
def foreign_store(tmp_path: Path) -> Path:
    """A store with a type as the Go server's embedded store declares it."""
    metadata_store = pytest.importorskip("ml_metadata.metadata_store.metadata_store")
    pb = pytest.importorskip("ml_metadata.proto.metadata_store_pb2")
    file = tmp_path / "foreign.db"
    config = pb.ConnectionConfig()
    config.sqlite.filename_uri = str(file)
    config.sqlite.connection_mode = pb.SqliteMetadataSourceConfig.READWRITE_OPENCREATE
    metric = pb.ArtifactType(name="kf.Metric", properties={"value": pb.PROTO, "step": pb.INT, "timestamp": pb.STRING})
    metadata_store.MetadataStore(config).put_artifact_type(metric)
    return file


@pytest.mark.parametrize("workers", ["1", *slow("2")])
def test_a_store_of_the_go_servers_own_kind_ends_the_start_with_an_explanation(
    foreign_store: Path, workers: str
) -> None:
    command = [sys.executable, "-m", "model_registry_proxy", "proxy", "-n", "127.0.0.1", "-p", "0", "--mlmd-port", "0"]
    command += ["--database", str(foreign_store), "--workers", workers, "--metrics-port", "0"]
    done = subprocess.run(
        command,
        check=False,
        capture_output=True,
        text=True,
        timeout=90,
        env=clean_environment(),
        cwd=foreign_store.parent,
    )
    assert done.returncode == 1, done.stderr
    messages = [line for line in done.stderr.splitlines() if "types differ" in line]
    assert messages
    assert "empty database" in messages[0]
    assert "Traceback" not in done.stderr
    if workers == "1":
        assert done.stderr.count("\n") == 1
