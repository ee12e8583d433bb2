"""The command `model-registry catalog`: probes, pages, rules for browsers, access, and files that change while it serves."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from model_registry_proxy.security.tokens import new_token
from tests.support.catalog import MODELS, SERVERS, catalog
from tests.support.patience import PATIENCE_SECONDS

SOURCES = """
model_catalogs:
- {id: first, name: First, type: yaml, labels: [Good], properties: {yamlCatalogPath: models.yaml}}
mcp_catalogs:
- {id: tools, name: Tools, type: yaml, properties: {yamlCatalogPath: servers.yaml}}
"""
POLICY = "roles: {reader: {users: [ann]}}\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small catalog."""
    folder = tmp_path_factory.mktemp("catalog")
    (folder / "sources.yaml").write_text(SOURCES)
    (folder / "models.yaml").write_text("models: [{name: acme/small, provider: Acme}, {name: preview}]")
    (folder / "servers.yaml").write_text("mcp_servers: [{name: tides, version: '1', tools: [{name: get}]}]")
    return folder


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[httpx.Client]:
    """A client of a service without authentication."""
    with (
        catalog(folder, "--catalogs-path", "sources.yaml", "--cache-dir", str(folder / "cache")) as url,
        httpx.Client(base_url=url, trust_env=False) as client,
    ):
        yield client


def test_the_page_of_services_names_the_document_and_its_paths(client: httpx.Client) -> None:
    found = client.get("/.well-known/model-registry").json()
    prefixes = [f"/api/{name}_catalog/{version}" for name in ("model", "mcp") for version in ("v1", "v1alpha1")]
    assert (found["catalog"]["prefixes"], found["documentation"]) == (prefixes, "/docs")
    document = client.get(found["catalog"]["document"]).json()
    assert document["info"]["title"] == "Model Catalog"
    assert "Model Catalog" in client.get("/docs").text


def test_probes_are_answered(client: httpx.Client) -> None:
    for path in ("/livez", "/readyz"):
        assert (client.get(path).status_code, client.get(path).text) == (200, "OK")
        assert client.head(path).status_code == 200
        assert client.post(path).status_code == 405


def test_a_cache_folder_that_can_take_nothing_keeps_no_source_from_being_served(folder: Path) -> None:
    (folder / "a-file").write_text("")
    cache = str(folder / "a-file" / "cache")
    with catalog(folder, "--catalogs-path", "sources.yaml", "--cache-dir", cache) as url:
        found = httpx.get(f"{url}{MODELS}/models", trust_env=False).json()
    assert [model["name"] for model in found["items"]] == ["acme/small", "preview"]


def test_an_answer_has_an_id_and_a_tag_and_is_not_sent_twice(client: httpx.Client) -> None:
    first = client.get(f"{MODELS}/models", headers={"X-Request-Id": "x1"})
    assert first.headers["x-request-id"]
    again = client.get(f"{MODELS}/models", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_every_page_may_read_but_only_pages_of_this_server_may_preview(client: httpx.Client) -> None:
    other = {"Origin": "http://other.test"}
    assert client.get(f"{MODELS}/models", headers=other).headers["access-control-allow-origin"] == "http://other.test"
    files = {"config": ("c.yaml", b"type: yaml\n"), "catalogData": ("d.yaml", b"models: [{name: a}]")}
    assert client.post(f"{MODELS}/sources/preview", files=files, headers=other).status_code == 403
    assert client.post(f"{MODELS}/sources/preview", files=files).json()["summary"]["totalModels"] == 1


def test_other_hosts_are_this_server_too_as_every_page_may_read(client: httpx.Client) -> None:
    assert client.get(f"{MODELS}/models", headers={"Host": "model-catalog:8080"}).status_code == 200


def test_a_source_has_a_status(client: httpx.Client) -> None:
    assert client.get(f"{MODELS}/sources/first/status").json() == {
        "assetType": "models",
        "enabled": True,
        "error": None,
        "id": "first",
        "name": "First",
        "size": 2,
        "status": "available",
    }
    assert client.get(f"{MODELS}/sources/none/status").status_code == 404
    assert client.delete(f"{MODELS}/sources/first/status").status_code == 405


def test_a_tool_comes_with_its_server_and_without_it_at_the_older_version(client: httpx.Client) -> None:
    (server,) = client.get(f"{SERVERS}/mcp_servers").json()["items"]
    path = f"/mcp_servers/{server['id']}/tools/get"
    newer, older = client.get(SERVERS + path).json(), client.get(f"{SERVERS}alpha1{path}").json()
    assert newer == {"serverId": server["id"], "serverName": "tides", "tool": older}


@pytest.mark.parametrize("text", ["NOT provider = 'x'", "provider IS NULL", "provider not in ('x')"])
def test_a_newer_filter_is_refused_at_the_older_version(client: httpx.Client, text: str) -> None:
    query = {"filterQuery": text}
    assert client.get(f"{MODELS}/models", params=query).status_code == 200
    refused = client.get(f"{MODELS}alpha1/models", params=query)
    assert refused.status_code == 400
    assert "invalid filter query" in refused.json()["message"]


def test_words_within_texts_are_no_newer_filter(client: httpx.Client) -> None:
    query = {"filterQuery": "provider = 'is not' OR provider = \"NOT\" OR `is` = 'x' OR notes = 'y'"}
    assert client.get(f"{MODELS}alpha1/models", params=query).status_code == 200


def test_relevance_and_recommended_are_orders(client: httpx.Client) -> None:
    for order in ("RELEVANCE", "RECOMMENDED"):
        answer = client.get(f"{MODELS}/models", params={"q": "ACME", "orderBy": order}).json()
        assert [item["name"] for item in answer["items"]] == ["acme/small"]


def test_a_changed_file_is_served_and_a_broken_one_leaves_what_was_there(client: httpx.Client, folder: Path) -> None:
    file = folder / "models.yaml"
    file.write_text("models: [{name: acme/small}, {name: acme/new}]")
    _wait(lambda: client.get(f"{MODELS}/sources/first/models/acme/new").status_code == 200)
    file.write_text("models: [{name: acme/small}, {nme: x}]")
    _wait(lambda: client.get(f"{MODELS}/sources/first/status").json()["error"] is not None)
    assert client.get(f"{MODELS}/sources/first/models/acme/new").status_code == 200


def _wait(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_with_a_policy_only_readers_are_served(folder: Path, tmp_path: Path) -> None:
    tokens = tmp_path / "tokens.yaml"
    made = {user: new_token(user, (), None) for user in ("ann", "eve")}
    tokens.write_text("\n".join(line for _, line in made.values()) + "\n")
    (tmp_path / "policy.yaml").write_text(POLICY)
    audit = tmp_path / "audit.log"
    flags = ["--auth", "tokens", "--auth-tokens", str(tokens), "--policy", str(tmp_path / "policy.yaml")]
    with catalog(folder, "--catalogs-path", "sources.yaml", *flags, "--audit-log", str(audit)) as url:
        assert httpx.get(f"{url}{MODELS}/models", trust_env=False).status_code == 401
        statuses = {
            user: httpx.get(
                f"{url}{MODELS}/models", headers={"Authorization": f"Bearer {token}"}, trust_env=False
            ).status_code
            for user, (token, _) in made.items()
        }
        files = {"config": ("c.yaml", b"type: yaml\n"), "catalogData": ("d.yaml", b"models: []")}
        headers = {"Authorization": f"Bearer {made['ann'][0]}"}
        assert httpx.post(f"{url}{MODELS}/sources/preview", files=files, headers=headers, trust_env=False).is_success
    assert statuses == {"ann": 200, "eve": 403}
    recorded = audit.read_text()
    assert [word in recorded for word in ('"denied":"forbidden"', '"operation":"previewCatalogSource"')] == [True, True]
