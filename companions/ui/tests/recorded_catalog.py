"""A model catalog that answers with what a server was once recorded to answer. It knows the filters that the pages use."""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl

import orjson
from model_registry_ui.backend import Answer
from model_registry_ui.remote import DISCOVERY

from companions.ui.tests.fake_backend import API, CATALOG, MCP_CATALOG
from tests.support.recorded_catalog import answer

_RECORDED = "/api/model_catalog/v1alpha1"
_SERVERS = "/api/mcp_catalog/v1alpha1/mcp_servers"
_PEAR = "/sources/partner-models/models/orchard/pear-01"
_SAME = {
    "/sources": "/sources?pageSize=100",
    "/models": "/models?pageSize=200",
    f"{_PEAR}/artifacts": f"{_PEAR}/artifacts?pageSize=20",
}
"""Paths whose whole answer was recorded with parameters."""
MODEL = "/ui/catalog/partner-models/orchard/pear-01"
"""A model of it with files, measurements of performance and numbers of accuracy."""
FORM = "/ui/catalog/register?source=partner-models&name=orchard/pear-01"
PAGES = {
    "catalog": "/ui/catalog",
    "catalog with conditions": "/ui/catalog?q=pear&source=partner-models&sort=updated",
    "catalog by a query that is refused": "/ui/catalog?query=license+%3D+%3D",
    "model of the catalog": f"{MODEL}?rps=20",
    "register a model of the catalog": FORM,
    "MCP servers": "/ui/catalog/mcp",
    "MCP server": "/ui/catalog/mcp/1",
}
"""The pages of the catalog, by names for people."""
_Ask = Callable[[], Awaitable[Any]]
_Send = Callable[[Any], Awaitable[None]]


def recorded(path: str, parameters: dict[str, str]) -> Answer:
    """Returns the answer to a question of the UI."""
    if path.startswith(MCP_CATALOG):
        return _of_servers(path.removeprefix(MCP_CATALOG), parameters)
    below = path.removeprefix(CATALOG)
    if parameters.get("targetRPS"):
        below += "?targetRPS=20"
    if "= =" in parameters.get("filterQuery", ""):
        return _answer({"message": "invalid filter query: unexpected = at column 8"}, 400)
    try:
        content = dict(answer("answers.json", _RECORDED + _SAME.get(below, below)))
    except StopIteration:
        return _answer({"message": f"There is no {path}."}, 404)
    if "items" in content:
        content["items"] = [one for one in content["items"] if _fits(one, parameters)][: int(parameters["pageSize"])]
        content["nextPageToken"] = ""
    return _answer(content)


def _of_servers(below: str, parameters: dict[str, str]) -> Answer:
    """The answer about MCP servers. The ids of the recorded ones are their places in the list, from 1 on."""
    servers = [
        {**one, "id": str(number)}
        for number, one in enumerate(
            answer("answers.json", f"{_SERVERS}?includeTools=true&sourceLabel=harbour")["items"], 1
        )
    ]
    match below.strip("/").split("/"):
        case ["mcp_servers"]:
            return _answer({"items": [one for one in servers if _fits(one, parameters)], "nextPageToken": ""})
        case ["mcp_servers", id_, *rest] if int(id_) <= len(servers):
            server = servers[int(id_) - 1]
            return _answer({"items": server.get("tools") or []} if rest else server)
    return _answer({"message": f"There is no {below}."}, 404)


def _fits(one: dict[str, Any], parameters: dict[str, str]) -> bool:
    if parameters.get("artifactType", one.get("artifactType")) != one.get("artifactType"):
        return False
    if "accuracy-metrics" in parameters.get("filterQuery", ""):
        return one.get("metricsType") == "accuracy-metrics"
    return parameters.get("q", "") in one.get("name", "")


def _answer(content: Any, status: int = 200) -> Answer:
    return Answer(status, orjson.dumps(content), {"content-type": "application/json"})


def with_catalog(app: Any, api: str = API, extensions: str = "") -> Any:
    """Returns an ASGI application that also answers for the recorded catalog, and names its prefixes and those of the API."""
    named = {"api": {"prefixes": [api]}, "catalog": {"prefixes": [CATALOG, MCP_CATALOG]}}
    named |= {"extensions": {"prefixes": [extensions]}} if extensions else {}

    async def serve(scope: Any, receive: _Ask, send: _Send) -> None:
        if scope["path"] == DISCOVERY:
            found = _answer(named)
        elif not scope["path"].startswith((CATALOG, MCP_CATALOG)):
            await app(scope, receive, send)
            return
        else:
            found = recorded(scope["path"], dict(parse_qsl(scope["query_string"].decode())))
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": found.status, "headers": headers})
        await send({"type": "http.response.body", "body": found.body})

    return serve
