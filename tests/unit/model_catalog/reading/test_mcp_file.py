"""Files of MCP servers."""

import pytest

from model_catalog.entries import Entry, SourceError
from model_catalog.reading.mcp_file import McpFile
from model_catalog.reading.patterns import Patterns
from model_catalog.reading.report import Report

FILE = McpFile("mcp.yaml", "mine", "77")
TIMES = {"createTimeSinceEpoch": "77", "lastUpdateTimeSinceEpoch": "77"}


def read(text: str, report: Report | None = None) -> list[Entry]:
    return [*FILE.entries(text.encode(), report or Report())]


@pytest.mark.parametrize("text", ["", "mcp_servers:", "mcp_servers: []", "other: 1"])
def test_a_file_without_servers_is_no_error(text: str) -> None:
    assert read(text) == []


def test_a_bare_server_is_shown_with_what_each_has() -> None:
    (entry,) = read("mcp_servers: [{name: a, tags: [], unknown: 1}]")
    assert entry.item == {
        "name": "a",
        "version": "",
        "customProperties": {},
        "source_id": "mine",
        "toolCount": 0,
        **TIMES,
    }


def test_numbers_may_stand_for_texts() -> None:
    (entry,) = read(
        "mcp_servers: [{name: 5, version: 2.10, description: no, tags: [1, 2.0], publishedDate: 2025-04-02}]"
    )
    assert {key: entry.item[key] for key in ("name", "version", "description", "tags", "publishedDate")} == {
        "name": "5",
        "version": "2.1",
        "description": "false",
        "tags": ["1", "2"],
        "publishedDate": "2025-04-02T00:00:00Z",
    }


@pytest.mark.parametrize(
    ("date", "shown"),
    [("'2025-03-01T10:00:00Z'", "2025-03-01T10:00:00Z"), ("soon", None), ("2025-03-01", "2025-03-01T00:00:00Z")],
)
def test_dates_are_shown_as_times(date: str, shown: str | None) -> None:
    assert read(f"mcp_servers: [{{name: a, publishedDate: {date}}}]")[0].item.get("publishedDate") == shown


def test_both_names_of_the_licence_link_count() -> None:
    one, two = read("mcp_servers: [{name: a, licenseLink: x}, {name: b, licenseLink: x, license_link: z}]")
    assert (one.item["license_link"], two.item["license_link"], "licenseLink" in two.item) == ("x", "z", False)


def test_tools_have_an_access_and_their_parameters_are_complete() -> None:
    (entry,) = read(
        "mcp_servers: [{name: a, tools: [{name: t, schema: '{}', parameters: [{name: p}]}, ~, {name: u, parameters: []}]}]"
    )
    assert entry.parts == [
        {
            "name": "t",
            "accessType": "read_only",
            "customProperties": {},
            "parameters": [{"name": "p", "type": "", "required": False}],
            **TIMES,
        },
        {"name": "u", "accessType": "read_only", "customProperties": {}, **TIMES},
    ]
    assert entry.item["toolCount"] == 2


def test_a_web_socket_is_an_endpoint_for_filters_only() -> None:
    (entry,) = read("mcp_servers: [{name: a, deploymentMode: remote, endpoints: {websocket: 'wss://x'}}]")
    assert "endpoints" not in entry.item
    assert entry.filtered == {"endpoints": {"websocket": "wss://x"}}


@pytest.mark.parametrize(
    ("server", "words"),
    [
        ("~", "mcp.yaml: line 3: a server: must be a mapping, but is nothing"),
        ("text", "must be a mapping"),
        ("{version: '1'}", "line 3: a server: it has no name"),
        ("{name: a@b}", "server 'a@b': its name has an @"),
        ("{name: a, version: '1@2'}", "its version has an @"),
        (f"{{name: {'n' * 256}}}", "its name has 256 characters; 255 are allowed"),
        (f"{{name: a, version: {'v' * 101}}}", "its version has 101 characters; 100 are allowed"),
        ("{name: a, deploymentMode: cloud}", "deploymentMode must be local or remote"),
        ("{name: a, deploymentMode: remote}", "so it needs endpoints"),
        ("{name: a, endpoints: {http: 'ftp://x'}}", 'its http endpoint "ftp://x" has the scheme ftp'),
        ("{name: a, artifacts: [{uri: x}]}", 'artifact 0: its uri "x" has no scheme'),
        ("{name: a, artifacts: [{}]}", "artifact 0: its uri is empty"),
        ("{name: a, tools: [{description: x}]}", "tool 0 has no name"),
        ("{name: a, tools: [{name: t, accessType: all}]}", "accessType must be read_only or read_write or execute"),
        ("{name: a, securityIndicators: {sast: 'yes'}}", "sast must be true or false"),
        ("{name: a, runtimeMetadata: 5}", "runtimeMetadata must be a mapping"),
        ("{name: [a]}", "name must be a text, but is a list"),
    ],
)
def test_a_bad_server_is_left_out_and_named(server: str, words: str) -> None:
    report = Report()
    entries = read(f"mcp_servers:\n- name: good\n- {server}\n- name: fine\n", report)
    assert [entry.item["name"] for entry in entries] == ["good", "fine"]
    assert [words in failure for failure in report.failures] == [True], report.failures


@pytest.mark.parametrize("text", ["- a", "mcp_servers: {a: 1}", "mcp_servers: ["])
def test_a_file_of_another_shape_is_refused(text: str) -> None:
    with pytest.raises(SourceError, match=r"mcp\.yaml: line "):
        read(text)


def test_patterns_choose_the_servers_and_all_names_are_known() -> None:
    file = McpFile("mcp.yaml", "mine", "77", Patterns(["a*"]))
    text = b"mcp_servers: [{name: a1}, {name: b}]"
    assert [entry.item["name"] for entry in file.entries(text, Report())] == ["a1"]
    assert [*file.names(text, Report())] == ["a1", "b"]
