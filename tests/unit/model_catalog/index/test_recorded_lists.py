"""The lists of the recorded catalog: the same answers as Kubeflow's server, or the better one that is named."""

import copy
import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

import pytest

from converters.errors import RefusedError
from model_catalog.entries import AssetType
from model_catalog.index.queries import Page, Query
from model_catalog.index.recommendations import performance_page, recommended_page
from tests.support.recorded_catalog import checker, recording

from .recorded_questions import parameters_of, path_of, query_of, recorded_catalog, wanted_of

API, MCP_API = "/api/model_catalog/v1alpha1", "/api/mcp_catalog/v1alpha1"
Ask = Callable[[Query], Page]

OTHERWISE = {
    "params_b = 9.0": "a whole number is equal to a decimal",
    "NOT region": "NOT is understood",
    "IS NULL": "IS NULL is understood",
    "NOT IN": "NOT IN is understood",
    "artifacts.`use case`": "backquotes may follow a prefix",
}
"""Parts of filters whose recorded answer is not ours, and why."""


def lists() -> list[Any]:
    chosen = []
    for entry in recording("answers.json")["entries"]:
        path = path_of(entry["url"])
        given = parameters_of(entry["url"])
        is_list = path in {f"{API}/models", f"{MCP_API}/mcp_servers"} or path.endswith(
            ("/artifacts", "/artifacts/performance", "/tools")
        )
        if entry["method"] != "GET" or not is_list or _is_of_the_server(entry, given):
            continue
        chosen.append(pytest.param(entry, id=entry["name"]))
    return chosen


def _is_of_the_server(entry: Any, given: dict[str, list[str]]) -> bool:
    """Whether the request is refused before the index is asked, or by its path only."""
    texts = ("pageSize", "targetRPS", "recommendations", "toolLimit", "includeTools", "artifactType", "source and")
    if entry["status"] == 400 and any(str(entry["body"].get("message", "")).find(text) >= 0 for text in texts):
        return True
    return (
        entry["status"] == 404
        or "/nope" in entry["url"]
        or "/sources/nope" in entry["url"]
        or "999999" in entry["url"]
        or "/x/tools" in entry["url"]
    )


def asked(url: str) -> tuple[Ask, Query]:
    """The function of the index for a url, and the query."""
    catalog = recorded_catalog()
    path, given = path_of(url), parameters_of(url)
    is_recommended = given.get("recommendations", ["false"])[0] in {"true", "1"}
    if path == f"{API}/models":
        query = query_of(url)
        if is_recommended:
            return lambda each: recommended_page(catalog.models, each, wanted_of(url)), query
        return catalog.models.page, query
    if path == f"{MCP_API}/mcp_servers":
        return catalog.servers.page, query_of(url, AssetType.MCP_SERVERS)
    query = query_of(url)
    if path.endswith("/tools"):
        name, version = re.findall(r"\{mcp:(.*)@(.*)\}", path)[0]
        rows = [catalog.servers.find(source, (name, version)) for source in catalog.settings.sources]
        row = next(row for row in rows if row)
        return lambda each: catalog.servers.parts(row.number, each), query
    source, name = re.findall(r"/sources/(.*?)/models/(.*?)/artifacts", path)[0]
    found = catalog.models.find(source, name)
    assert found
    if path.endswith("/performance"):
        names = [values[0] for key, values in given.items() if key.endswith("Property") and values[0]]
        return (
            lambda each: performance_page(
                catalog.models, found.number, each, wanted_of(url), only_recommended=is_recommended, asked=names
            ),
            query,
        )
    return lambda each: catalog.models.parts(found.number, each), query


def all_pages(ask: Ask, query: Query, *, to_the_end: bool) -> dict[str, Any]:
    """The answer that a client sees: one page, or all pages."""
    items: list[Any] = []
    sizes = []
    while True:
        page = ask(query)
        items += [json.loads(item) for item in page.items]
        sizes.append(page.size)
        if not to_the_end:
            return {
                "items": items,
                "nextPageToken": page.next_token,
                "pageSize": query.page_size,
                "size": page.size,
            }
        if not page.next_token:
            return {"items": items, "sizes": sizes}
        query = replace(query, token=page.next_token)


def answered(entry: Any) -> tuple[int, dict[str, Any]]:
    try:
        ask, query = asked(entry["url"])
        return 200, all_pages(ask, query, to_the_end="sizes" in entry["body"])
    except RefusedError as error:
        return 400, {"code": "Bad Request", "message": str(error)}


@pytest.mark.parametrize("entry", lists())
def test_a_list_is_as_recorded(entry: Any) -> None:
    status, body = answered(entry)
    if any(part in unquote(entry["url"]) for part in OTHERWISE):
        assert status == 200
        return
    if "mcp_servers" in entry["url"]:
        entry = copy.deepcopy(entry)  # other tests read the same recording
        for each in body.get("items", []) + entry["body"].get("items", []):
            each.pop("tools", None)  # the server adds them
    problems = checker().compare(
        entry, status, {}, body, strict=False, loose=status == 400, rules=recording("answers.json")["tolerate"]
    )
    assert problems == [], body.get("message")
