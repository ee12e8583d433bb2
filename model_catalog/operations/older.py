"""What `v1alpha1` answers in another way than `v1`: its clients were written for a server that does it so.

A filter may not have NOT, IS NULL or back quotes behind a prefix, and a number with a point equals no whole number. A search does
not look into readmes. A tool comes without its server, and a source without `hasApiKey`.
"""

import re
from http import HTTPStatus

import orjson

from converters.errors import FilterError
from converters.filters.tree import ValueType
from model_catalog.entries import AssetType
from model_catalog.index.catalog import Catalog, SourceState
from model_catalog.index.fields import ARTIFACT, MODEL, SERVER, TOOL
from model_catalog.operations.lists import RELEVANCE, entry_query
from model_catalog.operations.models import models_page
from model_catalog.operations.servers import get_tool
from model_catalog.operations.sources import sources_page
from model_registry_proxy.contract.routes import Call
from model_registry_proxy.http.api import Answer

VERSION = "v1alpha1"
_TOKENS = re.compile(
    r"""
    '(?:[^'\\]|\\.)*+(?:'|\\?\Z) | "(?:[^"\\]|\\.)*+(?:"|\\?\Z)             # texts, which may hold anything
    | (?P<name>`[^`]*+`|(?<![\w.])[\w.]++)(?P<operator>\s*+[<>=!]++\s*+)(?P<number>-?\d++\.\d++)
    | (?P<quotes>\.\s*+`) | `[^`]*+(?:`|\Z)
    | \b(?P<word>NOT|IS)\b
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
"""What a filter is made of, as far as it matters here. No character is looked at more than a few times, whatever the text."""
_KINDS = tuple(f".{kind}" for kind in ValueType)
_FIELDS = {name for table in (MODEL, ARTIFACT, SERVER, TOOL) for name in table.by_name}


def in_newer_words(call: Call) -> Call:
    """The call as `v1` has it: there a number with a point equals a whole number, here it is compared with doubles only.

    Raises `FilterError` for a filter that has what only `v1` takes.
    """
    text = call.query.get("filterQuery", "")
    newer = _TOKENS.sub(_newer, text)
    return call if newer == text else call._replace(query={**call.query, "filterQuery": newer})


def _newer(found: re.Match[str]) -> str:
    if found["quotes"] or found["word"]:
        what = "back quotes behind a point" if found["quotes"] else found["word"]
        raise FilterError(f"invalid filter query: {what} at position {found.start() + 1} is taken by v1 only.")
    name: str = found["name"] or ""
    bare = name.strip("`").removeprefix("artifacts.")
    if not name or bare in _FIELDS or bare.endswith(_KINDS):
        return found[0]
    return f"{name}.{ValueType.DOUBLE}{found['operator']}{found['number']}"


def find_models(catalog: Catalog, call: Call) -> Answer:
    """GET /models. The order by name is the usual one of a search too, and only RELEVANCE looks into readmes."""
    in_readme = call.query.get("orderBy") == RELEVANCE
    return models_page(catalog, call, entry_query(catalog, AssetType.MODELS, call.query, q_in_readme=in_readme))


def find_sources(catalog: Catalog, call: Call) -> Answer:
    """GET /sources, without what was added later."""
    return sources_page(catalog, call, SourceState.shown)


def get_bare_tool(catalog: Catalog, call: Call) -> Answer:
    """GET /mcp_servers/{server_id}/tools/{tool_name}, without the server."""
    _, answer = get_tool(catalog, call)
    return HTTPStatus.OK, orjson.dumps(orjson.loads(answer)["tool"], option=orjson.OPT_SORT_KEYS)
