"""Registry and catalog in one process: `model-registry proxy --catalogs-path`."""

from collections.abc import Iterator

import httpx
import pytest

from tests.support.catalog import MODELS, SERVERS
from tests.support.ports import free_port
from tests.support.processes import API, PROXY, environment, running, wait_until

SOURCES = "model_catalogs: [{id: first, type: yaml, properties: {yamlCatalogPath: models.yaml}}]"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of a proxy that serves a catalog, and whose MLMD server does not answer."""
    folder = tmp_path_factory.mktemp("both")
    (folder / "sources.yaml").write_text(SOURCES)
    (folder / "models.yaml").write_text("models: [{name: acme/small}]")
    port = free_port()
    where = ["-n", "127.0.0.1", "-p", str(port), "--mlmd-hostname", f"127.0.0.1:{free_port()}", "--metrics-port", "0"]
    command = [*PROXY, *where, "--catalogs-path", "sources.yaml"]
    with (
        running(command, folder / "proxy.log", environment()) as process,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client,
    ):
        wait_until(lambda: _has_models(client), process, "The proxy")
        yield client


def _has_models(client: httpx.Client) -> bool:
    try:
        return client.get(f"{MODELS}/sources/first/models/acme/small").is_success
    except httpx.TransportError:
        return False


def test_the_catalog_is_served_also_while_mlmd_is_away(client: httpx.Client) -> None:
    assert client.get(f"{MODELS}/models").json()["size"] == 1
    assert client.get(f"{SERVERS}alpha1/mcp_servers").json()["size"] == 0
    assert client.get(f"{API}/registered_models").status_code == 503


def test_readiness_is_that_of_the_registry_and_of_the_catalog(client: httpx.Client) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.text) == (503, "The metadata store cannot be reached yet.")
    checks = client.get("/readyz", params={"format": "json"}).json()["checks"]
    assert {name: check["Status"] for name, check in checks.items()} == {
        "database": "fail",
        "model-registry": "fail",
        "model-catalog": "pass",
        "meta": "pass",
    }


def test_the_ui_shows_the_catalog_also_while_mlmd_is_away(client: httpx.Client) -> None:
    answer = client.get("/ui/catalog")
    assert answer.status_code == 200
    assert 'href="/ui/catalog/first/acme/small">acme/small</a>' in answer.text
    assert client.get("/ui/catalog/first/acme/small").status_code == 200


def test_its_document_is_served_next_to_those_of_the_registry(client: httpx.Client) -> None:
    found = client.get("/.well-known/model-registry").json()
    assert list(found) == ["version", "api", "extensions", "mlflow", "catalog", "documentation", "ui"]
    assert found["catalog"]["document"] == "/openapi/catalog.json"
    assert client.get("/openapi/catalog.json").json()["info"]["title"] == "Model Catalog"
    assert 'href="../docs/extensions"' in client.get("/docs/catalog").text


def test_failures_have_the_form_of_the_registry(client: httpx.Client) -> None:
    unknown = client.get(f"{MODELS}/nothing")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "Not Found")
    assert client.delete(f"{MODELS}/models").json()["message"] == "DELETE is not allowed here; use GET."


def test_the_rules_for_browsers_are_those_of_the_registry(client: httpx.Client) -> None:
    other = client.get(f"{MODELS}/models", headers={"Origin": "http://other.test"})
    assert "access-control-allow-origin" not in other.headers
    assert client.get(f"{MODELS}/models", headers={"Host": "other.test"}).status_code == 421
