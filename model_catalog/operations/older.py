"""What `v1alpha1` answers in another way than `v1`: its clients were written for a server that does it so.

A filter may not have NOT, IS NULL or back quotes behind a prefix, a tool comes without its server, and a source without
`hasApiKey`.
"""

import re
from http import HTTPStatus

import orjson

from converters.errors import FilterError
from model_catalog.index.catalog import Catalog, SourceState
from model_catalog.operations.servers import get_tool
from model_catalog.operations.sources import sources_page
from model_registry_proxy.contract.routes import Call
from model_registry_proxy.http.api import Answer

VERSION = "v1alpha1"
_NEWER = re.compile(
    r"""
    '(?:[^'\\]|\\.)*' | "(?:[^"\\]|\\.)*"       # texts, which may hold anything
    | (?P<quotes>\.\s*`) | `[^`]*`
    | \b(?P<word>NOT|IS)\b
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)


def check_filter(call: Call) -> None:
    """Raises `FilterError` for a filter that has what only `v1` takes."""
    for found in _NEWER.finditer(call.query.get("filterQuery", "")):
        if found["quotes"] or found["word"]:
            what = "back quotes behind a point" if found["quotes"] else found["word"]
            raise FilterError(f"invalid filter query: {what} at position {found.start() + 1} is taken by v1 only.")


def find_sources(catalog: Catalog, call: Call) -> Answer:
    """GET /sources, without what was added later."""
    return sources_page(catalog, call, SourceState.shown)


def get_bare_tool(catalog: Catalog, call: Call) -> Answer:
    """GET /mcp_servers/{server_id}/tools/{tool_name}, without the server."""
    _, answer = get_tool(catalog, call)
    return HTTPStatus.OK, orjson.dumps(orjson.loads(answer)["tool"], option=orjson.OPT_SORT_KEYS)
