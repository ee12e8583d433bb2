"""Facts that Kubeflow's own tests of its catalog check, as far as no recorded answer has them."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.support.catalog import catalog

SOURCES = """
catalogs:
- {id: good, name: Good, type: yaml, enabled: true, properties: {yamlCatalogPath: models.yaml}}
- {id: quiet, name: Quiet, type: yaml, enabled: false, properties: {yamlCatalogPath: none.yaml}}
- {id: missing, name: Missing, type: yaml, enabled: true, properties: {yamlCatalogPath: none.yaml}}
mcp_catalogs:
- {id: tools, name: Tools, type: yaml, properties: {yamlCatalogPath: servers.yaml}}
namedQueries:
  safe: {assetType: mcp_servers, filters: {sast: {operator: "=", value: true}, readOnlyTools: {operator: "=", value: true}}}
"""
MODELS = """
models:
- name: first-one
  artifacts:
  - {uri: "s3://b/1", customProperties: {score: {metadataType: MetadataDoubleValue, double_value: 0.9}}}
  - {uri: "s3://b/2", customProperties: {score: {metadataType: MetadataDoubleValue, double_value: 0.7}}}
- {name: Second-One}
- {name: THIRD-ONE}
"""
SERVERS = """
mcp_servers:
- {name: plain, provider: A, license: MIT, deploymentMode: local, transports: [stdio]}
- name: sums
  provider: B
  license: MIT
  customProperties:
    sast: {metadataType: MetadataBoolValue, bool_value: true}
    readOnlyTools: {metadataType: MetadataBoolValue, bool_value: true}
    secureEndpoint: {metadataType: MetadataStringValue, string_value: ""}
- {name: far, provider: C, deploymentMode: remote, transports: [http], endpoints: {http: "https://a.test/mcp"}}
"""
API, MCP = "/api/model_catalog/v1alpha1", "/api/mcp_catalog/v1alpha1"
ARTIFACTS = f"{API}/sources/good/models/first-one/artifacts"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of a catalog of these files."""
    folder = tmp_path_factory.mktemp("catalog")
    for name, text in (("sources", SOURCES), ("models", MODELS), ("servers", SERVERS)):
        (folder / f"{name}.yaml").write_text(text)
    with (
        catalog(folder, "--catalogs-path", "sources.yaml") as url,
        httpx.Client(base_url=url, trust_env=False) as client,
    ):
        yield client


def items(client: httpx.Client, path: str, **query: Any) -> list[dict[str, Any]]:
    answer = client.get(path, params=query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def names(client: httpx.Client, path: str, **query: Any) -> list[str]:
    return [item["name"] for item in items(client, path, **query)]


def test_security_indicators_may_be_custom_properties(client: httpx.Client) -> None:
    (found,) = items(client, f"{MCP}/mcp_servers", filterQuery="sast=true AND readOnlyTools=true")
    assert found["securityIndicators"] == {"sast": True, "readOnlyTools": True}
    assert set(found["customProperties"]) == {"sast", "readOnlyTools", "secureEndpoint"}
    assert names(client, f"{MCP}/mcp_servers", namedQuery="safe") == ["sums"]
    assert names(client, f"{MCP}/mcp_servers", namedQuery="safe", filterQuery="provider='A'") == []


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("license='MIT' AND (provider='A' OR provider='B')", {"plain", "sums"}),
        ("provider IN ('A','C')", {"plain", "far"}),
        ("deploymentMode='remote'", {"far"}),
        ("transports='http'", {"far"}),
    ],
)
def test_servers_are_filtered(client: httpx.Client, query: str, expected: set[str]) -> None:
    assert set(names(client, f"{MCP}/mcp_servers", filterQuery=query)) == expected


@pytest.mark.parametrize("text", ["x' OR '1'='1", "x; DROP TABLE", "<script>alert(1)</script>", "x@#$%^&*()"])
def test_odd_characters_of_a_search_are_only_text(client: httpx.Client, text: str) -> None:
    assert items(client, f"{MCP}/mcp_servers", q=text) == []
    assert items(client, f"{API}/models", q=text) == []


@pytest.mark.parametrize(
    "query",
    ["x IN ('a', 'b'))", "x.double_value < abc", "x.string_value = 5.0", "x.string_value IN (a", "x.string_value AND"],
)
def test_wrong_filters_of_artifacts_are_named_so(client: httpx.Client, query: str) -> None:
    answer = client.get(ARTIFACTS, params={"filterQuery": query})
    assert answer.status_code == 400
    assert "invalid filter query" in answer.json()["message"]


def test_an_order_by_a_property_that_nothing_has_is_the_order_by_id(client: httpx.Client) -> None:
    usual = items(client, ARTIFACTS, orderBy="ID")
    assert items(client, ARTIFACTS, orderBy="missing.double_value", sortOrder="DESC") == usual
    assert items(client, ARTIFACTS, orderBy="score.double_value") == usual[::-1]


def test_an_order_in_lower_case_can_be_turned_around(client: httpx.Client) -> None:
    ascending = names(client, f"{API}/models", orderBy="name", sortOrder="ASC")
    assert ascending == names(client, f"{API}/models", orderBy="name", sortOrder="DESC")[::-1]
    assert len(ascending) == 3


def test_sources_say_whether_they_can_be_used(client: httpx.Client) -> None:
    found = {item["id"]: item for item in items(client, f"{API}/sources")}
    assert {name: item["status"] for name, item in found.items()} == {
        "good": "available",
        "quiet": "disabled",
        "missing": "error",
    }
    assert found["missing"]["error"]
    assert {item["source_id"] for item in items(client, f"{API}/models")} == {"good"}


@pytest.mark.parametrize("config", ["not: valid: yaml: config: [[[]]", "catalogs: []"])
def test_a_preview_of_a_config_that_says_nothing_is_refused(client: httpx.Client, config: str) -> None:
    answer = client.post(f"{API}/sources/preview", files={"config": ("config.yaml", config)})
    assert answer.status_code == 422
    assert "invalid config" in answer.json()["message"]


def test_an_id_that_no_server_has_is_not_found(client: httpx.Client) -> None:
    assert client.get(f"{MCP}/mcp_servers/99999").status_code == 404
    assert client.get(f"{MCP}/mcp_servers", params={"namedQuery": "none"}).status_code == 400
