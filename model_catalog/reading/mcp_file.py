"""YAML files of MCP servers: each server becomes an Entry with its tools.

They are read more loosely than files of models, as in Kubeflow's catalog: unknown keys are passed over, and a number may
stand for a text.
A server that cannot be used is left out by itself.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, BinaryIO

from model_catalog.entries import Entry, JsonObject, SourceError

from .checks import (
    FieldError,
    boolean,
    checked,
    items,
    kind_of,
    loose_text,
    loose_texts,
    mapping,
    one_of,
    plain_mapping,
    without_unknown,
)
from .custom_properties import custom_properties
from .licences import licence_name
from .patterns import ALL, Patterns
from .report import Report
from .times import time_text
from .uris import WEB_SCHEMES, wrong_with_uri
from .wording import quoted
from .yaml_values import Fields, YamlError, YamlReader

Rules = dict[str, Callable[[Any], Any]]

_LONGEST_NAME, _LONGEST_VERSION = 255, 100
_TIMES = ("createTimeSinceEpoch", "lastUpdateTimeSinceEpoch")
_BARE_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_FULL_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)")

_PARAMETER: Rules = {**dict.fromkeys(("name", "type", "description"), loose_text), "required": boolean}
_ENDPOINTS: Rules = dict.fromkeys(("http", "sse", "websocket"), loose_text)
_ARTIFACT: Rules = dict.fromkeys(("uri", *_TIMES), loose_text)
_INDICATORS: Rules = dict.fromkeys(("verifiedSource", "secureEndpoint", "sast", "readOnlyTools"), boolean)


def _of(rules: Rules, what: str) -> Callable[[Any], JsonObject]:
    """A check of a mapping, without the keys that it does not know."""

    def check(value: Any) -> JsonObject:
        return checked(without_unknown(mapping(value), rules), rules, what)

    return check


def _parameters(value: Any) -> list[JsonObject]:
    return [
        {"name": "", "type": "", "required": False} | _of(_PARAMETER, "a parameter")(each)
        for each in items(value)
        if each is not None
    ]


_CUSTOM = partial(custom_properties, as_text=loose_text)
_TOOL: Rules = {
    **dict.fromkeys(("name", "description", "externalId", *_TIMES), loose_text),
    "accessType": one_of("read_only", "read_write", "execute"),
    "parameters": _parameters,
    "customProperties": _CUSTOM,
}
_SERVER: Rules = {
    **dict.fromkeys(("name", "version", "externalId", "description", "provider", "logo", "readme"), loose_text),
    **dict.fromkeys(("documentationUrl", "repositoryUrl", "sourceCode", "publishedDate", *_TIMES), loose_text),
    "license": lambda value: licence_name(loose_text(value)),
    "license_link": loose_text,
    "licenseLink": loose_text,
    "transports": loose_texts,
    "tags": loose_texts,
    "deploymentMode": one_of("local", "remote"),
    "endpoints": _of(_ENDPOINTS, "endpoints"),
    "artifacts": lambda value: [_of(_ARTIFACT, "an artifact")(each) for each in items(value) if each is not None],
    "runtimeMetadata": plain_mapping,
    "securityIndicators": _of(_INDICATORS, "securityIndicators"),
    "customProperties": _CUSTOM,
    "tools": lambda value: [_of(_TOOL, "a tool")(each) for each in items(value) if each is not None],
}
_NOT_SHOWN = ("licenseLink", "tools", "endpoints")
_LEFT_OUT_IF_EMPTY = ("artifacts", "transports", "tags", "securityIndicators", "runtimeMetadata")


@dataclass(frozen=True, slots=True)
class McpFile:
    """Where MCP servers come from, and what they get.

    Attributes:
        name: Of the file, for messages.
        source_id: Which servers get.
        now: Milliseconds since 1970, as text, for times that are not given.
        patterns: Which servers are taken.
    """

    name: str
    source_id: str
    now: str
    patterns: Patterns = ALL

    def entries(self, file: bytes | BinaryIO, report: Report) -> Iterator[Entry]:
        """The servers of a file, one by one, in its order. If two have one name and version, both come, and the later one counts.

        Raises:
            SourceError: The file cannot be used. What came before is not used either.
        """
        for line, server in self._servers(file, report):
            if not self.patterns.allow(server["name"]):
                continue
            try:
                _check(server)
                yield self._entry(server)
            except FieldError as error:
                report.fail(f"{self.name}: line {line}: server {quoted(server['name'])}: {error}")

    def names(self, file: bytes | BinaryIO, report: Report) -> Iterator[str]:
        """The names of all servers of a file, taken or not, in its order. Raises SourceError."""
        for _, server in self._servers(file, report):
            yield server["name"]

    def _servers(self, file: bytes | BinaryIO, report: Report) -> Iterator[tuple[int, JsonObject]]:
        reader = YamlReader(file, strict=False)
        try:
            for given in reader.items("mcp_servers"):
                try:
                    server = _of(_SERVER, "a server")(given)
                    _check_name(server)
                except FieldError as error:
                    name = given.get("name") if isinstance(given, Fields) else None
                    named = f"server {quoted(name)}" if name is not None else "a server"
                    report.fail(f"{self.name}: line {reader.line}: {named}: {error}")
                    continue
                yield reader.line, server
        except YamlError as error:
            raise SourceError(f"{self.name}: {error}") from error
        self._check_rest(reader.rest)

    def _check_rest(self, rest: Any) -> None:
        if rest is not None and not isinstance(rest, Fields):
            raise SourceError(
                f"{self.name}: line 1: a file of servers is a mapping with mcp_servers, but this is {kind_of(rest)}"
            )
        if rest is None:
            return
        servers = next((value for key, value in rest.items() if key.lower() == "mcp_servers"), None)
        if servers is not None and not isinstance(servers, list):
            raise SourceError(f"{self.name}: line {rest.line}: mcp_servers must be a list, but is {kind_of(servers)}")

    def _entry(self, server: JsonObject) -> Entry:
        tools = [self._tool(tool) for tool in server.get("tools", ())]
        item = {key: value for key, value in server.items() if key not in _NOT_SHOWN}
        item = {"version": "", "customProperties": {}} | item | {"source_id": self.source_id, "toolCount": len(tools)}
        item |= {key: time_text(item.get(key), self.now) for key in _TIMES}
        item["securityIndicators"] = _indicators(item["customProperties"]) | item.get("securityIndicators", {})
        endpoints = server.get("endpoints", {})
        shown = {key: value for key, value in endpoints.items() if key != "websocket"}
        if shown:
            item["endpoints"] = shown
        filtered: JsonObject = {"endpoints": endpoints} if endpoints != shown else {}
        if "licenseLink" in server:
            item.setdefault("license_link", server["licenseLink"])
            filtered["licenseLink"] = server["licenseLink"]
        if (published := item.get("publishedDate")) and published != _full_time(published):
            item["publishedDate"], filtered["publishedDate"] = _full_time(published), published
        for key in _LEFT_OUT_IF_EMPTY:
            if not item.get(key, True):
                del item[key]
        return Entry(item, tools, filtered)

    def _tool(self, tool: JsonObject) -> JsonObject:
        shown = {"accessType": "read_only", "customProperties": {}} | tool
        if not shown.get("parameters", True):
            del shown["parameters"]
        return shown | {key: time_text(tool.get(key), self.now) for key in _TIMES}


def _indicators(properties: JsonObject) -> JsonObject:
    """The security indicators among the custom properties, where files may have them too."""
    found = {name: properties.get(name, {}).get("bool_value") for name in _INDICATORS}
    return {name: value for name, value in found.items() if value is not None}


def _check_name(server: JsonObject) -> None:
    for key, longest in (("name", _LONGEST_NAME), ("version", _LONGEST_VERSION)):
        value = server.get(key, "")
        if len(value) > longest:
            raise FieldError(f"its {key} has {len(value)} characters; {longest} are allowed")
        if "@" in value:
            raise FieldError(f"its {key} has an @, which stands between name and version; leave it out")
    if not server.get("name"):
        raise FieldError("it has no name; give it one, such as name: weather")


def _check(server: JsonObject) -> None:
    endpoints = server.get("endpoints", {})
    if server.get("deploymentMode") == "remote" and not endpoints:
        raise FieldError(
            "its deploymentMode is remote, so it needs endpoints; write such as endpoints: {http: https://...}"
        )
    for key in ("http", "sse"):
        if key in endpoints and (problem := wrong_with_uri(endpoints[key], WEB_SCHEMES)):
            raise FieldError(f"its {key} endpoint {problem}")
    for number, artifact in enumerate(server.get("artifacts", ())):
        if problem := wrong_with_uri(artifact.get("uri", "")):
            raise FieldError(f"artifact {number}: its uri {problem}")
    for number, tool in enumerate(server.get("tools", ())):
        if not tool.get("name"):
            raise FieldError(f"tool {number} has no name")
    published = server.get("publishedDate", "")
    if published and not (_BARE_DATE.fullmatch(published) or _FULL_TIME.fullmatch(published)):
        del server["publishedDate"]


def _full_time(date: str) -> str:
    """A date as a time, since answers promise times."""
    return f"{date}T00:00:00Z" if _BARE_DATE.fullmatch(date) else date
