"""The recorded catalog, read by us: the same models, artifacts, servers, tools and statuses."""

from collections.abc import Mapping
from urllib.parse import unquote

import pytest

from model_catalog.entries import Content, Entry, SourceError, Status
from model_catalog.reading.merging import merge
from model_catalog.reading.performance import find_performance
from model_catalog.reading.sources_file import read_sources_file
from tests.support.catalog_sources import content_of
from tests.support.recorded_catalog import FOLDER, answer, differences, numbered, recording

API = "/api/model_catalog/v1alpha1"
NOW = "4102444800000"
"""In the year 2100, so that the checker takes it for the time of the load."""


@pytest.fixture(scope="module")
def contents() -> Mapping[str, Content | SourceError | None]:
    """What each source of the recorded catalog holds; None for those that are disabled."""
    settings = merge(
        read_sources_file(FOLDER / "fixtures" / name) for name in ("sources.yaml", "sources-override.yaml")
    )
    performance = find_performance([FOLDER / "fixtures" / "perf"])
    found: dict[str, Content | SourceError | None] = {}
    for source in settings.sources.values():
        try:
            found[source.id] = content_of(source, performance, NOW) if source.enabled else None
        except SourceError as error:
            found[source.id] = error
    return found


def entries(contents: Mapping[str, Content | SourceError | None]) -> dict[tuple[str, str], Entry]:
    return {
        (
            entry.item["source_id"],
            entry.item["name"] + "@" * ("version" in entry.item) + entry.item.get("version", ""),
        ): entry
        for content in contents.values()
        if isinstance(content, Content)
        for entry in content.entries
    }


def status(content: Content | SourceError | None) -> Status:
    if content is None:
        return Status.DISABLED
    if isinstance(content, SourceError):
        return Status.ERROR
    return Status.PARTIALLY_AVAILABLE if content.failures else Status.AVAILABLE


@pytest.mark.parametrize("question", [f"{API}/sources?pageSize=100", f"{API}/sources?assetType=mcp_servers"])
def test_each_source_has_the_recorded_status(
    contents: Mapping[str, Content | SourceError | None], question: str
) -> None:
    expected = {item["id"]: item["status"] for item in answer("answers.json", question)["items"]}
    assert {identifier: status(contents[identifier]).value for identifier in expected} == expected


def test_all_models_are_as_recorded(contents: Mapping[str, Content | SourceError | None]) -> None:
    models = [entry.item for entry in entries(contents).values() if "toolCount" not in entry.item]
    models.sort(key=lambda item: (item["name"], item["source_id"]))
    assert differences("answers.json", f"{API}/models?pageSize=200", models) == []


@pytest.mark.parametrize(
    "question",
    [
        each["url"]
        for each in recording("answers.json")["entries"]
        if each["url"].partition("?")[0].endswith("/artifacts")
        and each["status"] == 200
        and each["url"].partition("?")[2] in {"", "pageSize=20"}
        and "nothing" not in each["url"]
    ],
)
def test_the_artifacts_of_a_model_are_as_recorded(
    contents: Mapping[str, Content | SourceError | None], question: str
) -> None:
    source, name = unquote(question.removeprefix(f"{API}/sources/").partition("/artifacts")[0]).split("/models/")
    parts = numbered(entries(contents)[source, name])
    assert differences("answers.json", question, parts) == []


def test_all_servers_are_as_recorded(contents: Mapping[str, Content | SourceError | None]) -> None:
    servers = [entry.item for entry in entries(contents).values() if "toolCount" in entry.item]
    servers.sort(key=lambda item: (item["name"], item["version"]))
    assert differences("answers.json", "/api/mcp_catalog/v1alpha1/mcp_servers?orderBy=NAME", servers) == []


@pytest.mark.parametrize(("server", "question"), [("tide-tables@1.2.0", ""), ("bare@", "")])
def test_the_tools_of_a_server_are_as_recorded(
    contents: Mapping[str, Content | SourceError | None], server: str, question: str
) -> None:
    tools = entries(contents)["mcp-tools", server].parts
    assert (
        differences("answers.json", f"/api/mcp_catalog/v1alpha1/mcp_servers/{{mcp:{server}}}/tools{question}", tools)
        == []
    )


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (
            "unknown-key",
            "unknown-key.yaml: line 3: model 'x/one': a model has no key 'licence'; did you mean 'license'?",
        ),
        ("number-text", "line 3: model 'x/one': maturity must be a text, but is the number 2; put it in quotes: \"2\""),
        ("yaml11-bool", "language has an entry that must be a text, but is false; in YAML yes, no, on, off"),
        ("wrong-kind", 'tasks must be a list of texts such as [a, b], but is the text "text-generation"'),
        (
            "bad-artifact-type",
            "line 5: model 'x/one': artifact 0: artifactType must be model-artifact or metrics-artifact",
        ),
        ("double-key", "double-key.yaml: line 4: the key 'name' is set twice"),
        ("not-yaml", "not-yaml.yaml: line 3: while parsing a flow sequence that begins in line 2, did not find"),
        ("missing-file", "nowhere.yaml cannot be read: No such file or directory"),
        ("no-path", "source 'no-path' has no file; write properties: {yamlCatalogPath: models.yaml}"),
        ("no-type", "source 'no-type' has no type; write type: yaml"),
        ("odd-type", "has the unknown type 'ftp'"),
        ("bad-legacy", "properties.excludedModels must be a list"),
        ("all-bad", "none of the 2 entries can be used: all-bad.yaml: line 5: model 'x/one': artifact 0: its uri"),
        (
            "mcp-badurl",
            "server 'bad-url': its http endpoint \"ftp://x.test\" has the scheme ftp; it needs one of http, https",
        ),
        ("mcp-nopath", "has no file"),
        ("mcp-oddtype", "has the unknown type 'gopher'"),
    ],
)
def test_what_is_wrong_is_said_with_its_place_and_what_would_work(
    contents: Mapping[str, Content | SourceError | None], source: str, words: str
) -> None:
    assert isinstance(contents[source], SourceError)
    assert words in str(contents[source])


def test_what_was_left_out_is_named(contents: Mapping[str, Content | SourceError | None]) -> None:
    partner, tools = contents["partner-models"], contents["mcp-tools"]
    assert isinstance(partner, Content)
    assert isinstance(tools, Content)
    assert [failure.partition(": artifact")[0].partition(": model ")[2] for failure in partner.failures] == [
        "'orchard/bad-scheme'",
        "'orchard/no-scheme'",
        "'orchard/empty-uri'",
    ]
    assert [failure.rpartition(": ")[0].partition(": server ")[2].partition("'")[0] for failure in tools.failures] != []
    assert len(tools.failures) == 3
    assert any("pear-01/evaluations.ndjson: line 4 is not a JSON object" in warning for warning in partner.warnings)


def test_what_the_recorded_service_loses_is_kept(contents: Mapping[str, Content | SourceError | None]) -> None:
    found = entries(contents)
    assert found["quirk-models", "quill/ids"].item["externalId"] == "ext-4711"
    artifact = found["quirk-models", "quill/tag:v2"].parts[0]
    assert (artifact["name"], artifact["externalId"]) == ("tag weights", "quill-ext-1")
    assert found["core-models", "tidewater/ebbtide-1b"].item["customProperties"]["params_b"]["int_value"] == "1"
    assert found["mcp-number", "numbered@2.1"].item["license_link"] == "https://licences.test/underscore"
    assert found["mcp-tools", "tide-tables@2.0.0-rc1"].item["publishedDate"] == "2025-04-02T00:00:00Z"
    assert found["mcp-remote", "weather-remote@3.1"].filtered["endpoints"]["websocket"] == "wss://mcp.sky.test/ws"
