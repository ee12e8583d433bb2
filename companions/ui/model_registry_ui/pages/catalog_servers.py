"""MCP servers of the catalog: the list, and the page of one with its tools."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from model_registry_client.catalogued import CatalogSource
from model_registry_client.custom_properties import from_wire
from starlette.responses import Response

from model_registry_ui.catalog.listing import broken, name_of, sources_of
from model_registry_ui.cells import Outside, labels_of, properties_of
from model_registry_ui.facts import Fact, facts
from model_registry_ui.markdown import cards
from model_registry_ui.page_request import CATALOG, Crumb, PageRequest

_KIND = "mcp_servers"
_MOST_TOOLS = 200
_INDICATORS: Mapping[str, str] = {
    "verifiedSource": "the publisher is known",
    "secureEndpoint": "its connections are encrypted",
    "sast": "its source was scanned",
    "readOnlyTools": "no tool changes anything",
}
"""What is known about the security of a server, in words."""
FACTS = (
    Fact("Source", "text", lambda _, related: related["source"]),
    Fact("Version", "text", lambda server, _: server.get("version")),
    Fact("Provider", "text", lambda server, _: server.get("provider")),
    Fact("License", "text", lambda server, _: None if server.get("license_link") else server.get("license")),
    Fact("License", "outside", lambda server, _: _outside(server.get("license"), server.get("license_link"))),
    Fact("Runs", "text", lambda server, _: server.get("deploymentMode")),
    Fact("Transports", "words", lambda server, _: server.get("transports")),
    Fact("Tags", "words", lambda server, _: server.get("tags")),
    Fact("Security", "words", lambda server, _: _indicators(server)),
    Fact("Documents", "outside", lambda server, _: _outside("", server.get("documentationUrl"))),
    Fact("Repository", "outside", lambda server, _: _outside(server.get("sourceCode"), server.get("repositoryUrl"))),
    Fact("Published", "text", lambda server, _: server.get("publishedDate")),
    Fact("Updated", "time", lambda server, _: server.get("lastUpdateTimeSinceEpoch")),
)


@dataclass(frozen=True, slots=True)
class Row:
    """A server, the address of its page, and the name of its source."""

    server: Mapping[str, Any]
    url: str
    source: str


async def show_all(page: PageRequest) -> Response:
    """The list of servers, by name, with a search."""
    words, after = page.parameter("q").strip(), page.parameter("after")
    parameters = {"q": words, "nextPageToken": after, "pageSize": page.preferences.size, "orderBy": "NAME"}
    answer, sources = await asyncio.gather(
        page.api.mcp_catalog("/mcp_servers", **parameters), sources_of(page.api, _KIND)
    )
    token = answer.get("nextPageToken") or ""
    rows = [
        Row(one, page.url("catalog_server", str(one.get("id") or "")), _source_of(one, sources))
        for one in answer.get("items") or ()
    ]
    url = page.url("catalog_servers")
    written = urlencode([(name, value) for name, value in (("q", words), ("after", token)) if value])
    context = {
        "rows": rows,
        "words": words,
        "broken": broken(sources),
        "list_url": url,
        "summary": f"{len(rows)} {'server' if len(rows) == 1 else 'servers'} shown{', more follow' if token else ''}",
        "next_url": f"{url}?{written}" if token else "",
    }
    way = [Crumb("Catalog", page.url(CATALOG))]
    return await page.render("catalog_servers.html", "MCP servers", context, crumbs=way, section=CATALOG)


async def show(page: PageRequest) -> Response:
    """The page of one server with its tools."""
    path = f"/mcp_servers/{page.id}"
    server, tools, sources = await asyncio.gather(
        page.api.mcp_catalog(path),
        page.api.mcp_catalog(f"{path}/tools", pageSize=str(_MOST_TOOLS)),
        sources_of(page.api, _KIND),
    )
    properties = from_wire(server.get("customProperties"))
    readme = server.get("readme") or ""
    endpoints = server.get("endpoints") or {}
    context = {
        "server": server,
        "facts": list(facts(FACTS, server, {"source": _source_of(server, sources)})),
        "labels": labels_of(properties),
        "properties": properties_of(page, properties),
        "tool_properties": properties_of(page, properties, of_tools=True),
        "tools": tools.get("items") or (),
        "has_more": bool(tools.get("nextPageToken")),
        "places": [*endpoints.items(), *(("files", one.get("uri")) for one in server.get("artifacts") or ())],
        "card": await cards().html(readme) if readme else None,
        "readme": readme,
    }
    way = [Crumb("Catalog", page.url(CATALOG)), Crumb("MCP servers", page.url("catalog_servers"))]
    return await page.render("catalog_server.html", server.get("name") or page.id, context, crumbs=way, section=CATALOG)


def _source_of(server: Mapping[str, Any], sources: Sequence[CatalogSource]) -> str:
    id_ = server.get("source_id") or ""
    return next((name_of(one) for one in sources if one.id == id_), id_)


def _outside(words: str | None, address: str | None) -> Outside | None:
    return Outside(words or address, address) if address else None


def _indicators(server: Mapping[str, Any]) -> list[str]:
    known = server.get("securityIndicators") or {}
    return [words for name, words in _INDICATORS.items() if known.get(name) is True]
