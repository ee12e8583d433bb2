"""The operations on MCP servers and their tools."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson

from model_catalog.entries import AssetType
from model_catalog.index.catalog import Catalog
from model_catalog.index.row import Row
from model_catalog.operations import pages
from model_catalog.operations.lists import entry_query, in_any_case, list_query, refusals
from model_registry_proxy.contract.routes import Call
from model_registry_proxy.errors import BadRequest, NotFound
from model_registry_proxy.http.api import Answer

_LARGEST_ID = 2**31 - 1
_TOOL_LIMIT = 10


def find_servers(catalog: Catalog, call: Call) -> Answer:
    """GET /mcp_servers."""
    asked, table = call.query, catalog.servers
    named = asked.get("namedQuery")
    if named and named not in table.named_queries:
        raise BadRequest(f'unknown named query "{named}": bad request')
    query = entry_query(
        catalog,
        AssetType.MCP_SERVERS,
        asked,
        name=asked.get("name"),
        named_query=named,
        **in_any_case(asked),
    )
    with refusals(query, "error listing MCP servers"):
        page = table.page(query)
    if not asked.get("includeTools"):
        return HTTPStatus.OK, pages.of_index(page, asked)
    rows = [_with_tools(table.row(number), asked) for number in page.rows]
    return HTTPStatus.OK, pages.written(rows, page.next_token, query.page_size)


def find_server_options(catalog: Catalog, _: Call) -> Answer:
    """GET /mcp_servers/filter_options."""
    return HTTPStatus.OK, catalog.servers.filter_options


def get_server(catalog: Catalog, call: Call) -> Answer:
    """GET /mcp_servers/{server_id}."""
    server = _server(catalog, call.texts[0])
    return HTTPStatus.OK, _with_tools(server, call.query) if call.query.get("includeTools") else server.json


def find_tools(catalog: Catalog, call: Call) -> Answer:
    """GET /mcp_servers/{server_id}/tools."""
    server = _server(catalog, call.texts[0])
    query = list_query(call.query, **in_any_case(call.query))
    with refusals(query, "error listing MCP server tools"):
        page = catalog.servers.parts(server.number, query)
    return HTTPStatus.OK, pages.of_index(page, call.query)


def get_tool(catalog: Catalog, call: Call) -> Answer:
    """GET /mcp_servers/{server_id}/tools/{tool_name}."""
    server_id, name = call.texts
    server = _server(catalog, server_id)
    tool = server.find_part(name)
    if tool is None:
        raise NotFound(f"tool '{name}' not found in server {server.id}: not found")
    answer = {
        "serverId": str(server.id),
        "serverName": orjson.loads(server.json)["name"],
        "tool": orjson.Fragment(tool),
    }
    return HTTPStatus.OK, orjson.dumps(answer)


def _server(catalog: Catalog, text: str) -> Row:
    """The server of an id; raises `BadRequest` for a text that is no id, and `NotFound`."""
    if not (text.isascii() and text.isdecimal()) or int(text) > _LARGEST_ID:
        raise BadRequest(f"invalid server ID '{text}': bad request")
    if found := catalog.servers.find_id(int(text)):
        return found
    raise NotFound(f"server not found with ID {text}: not found")


def _with_tools(server: Row, asked: Mapping[str, Any]) -> bytes:
    """A server as JSON, with as many of its tools as a request asks for."""
    limit = asked.get("toolLimit", _TOOL_LIMIT)
    tools = server.parts[:limit] if limit else server.parts
    shown = orjson.loads(server.json)
    if tools:
        shown["tools"] = [orjson.Fragment(tool) for tool in tools]
    return orjson.dumps(shown, option=orjson.OPT_SORT_KEYS)
