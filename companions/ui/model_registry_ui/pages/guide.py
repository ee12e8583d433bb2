"""Help with queries, and what this registry and its UI are."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.responses import Response

from model_registry_ui.api import ApiError
from model_registry_ui.backend import Unreachable
from model_registry_ui.document_rules import fields_of
from model_registry_ui.page_request import PageRequest
from model_registry_ui.query_grammar import FIELDS, GRAMMAR

EXAMPLES = (
    ("Models whose name contains fraud", "models", 'name ILIKE "%fraud%"'),
    ("Models of ann or bob", "models", 'owner IN ("ann", "bob")'),
    ("Models without an owner", "models", "owner IS NULL"),
    ("Models with the label gold", "models", 'gold = ""'),
    ("Models for a task", "models", 'tasks = "tabular-classification"'),
    ("Archived models", "models", 'state = "ARCHIVED"'),
    ("Versions with a high accuracy", "versions", "accuracy >= 0.95"),
    ("Quick and exact versions", "versions", "accuracy > 0.9 AND latency_ms < 20"),
    ("Versions in production", "versions", 'stage = "production"'),
    ("Artifacts below a place", "artifacts", 'uri LIKE "s3://models/%"'),
)
SCHEMAS = (
    ("Models", "RegisteredModel"),
    ("Versions", "ModelVersion"),
    ("Models as artifacts", "ModelArtifact"),
    ("Data sets", "DataSet"),
    ("Metrics", "Metric"),
    ("Parameters", "Parameter"),
    ("Deployments", "InferenceService"),
    ("Environments", "ServingEnvironment"),
    ("Experiments", "Experiment"),
    ("Runs", "ExperimentRun"),
)
KEYS = (
    ("/", "search; Escape leaves it"),
    ("g h, g m, g e, g d, g c", "overview, models, experiments, deployments, catalog"),
    ("j, k", "the next and the previous row"),
    ("o", "open the row"),
    ("x", "tick the row"),
    ("f", "the first filter"),
    ("n", "a new one"),
    ("c", "compare what is ticked"),
    (".", "the actions: of the ticked rows, or of the page"),
    ("[ and ]", "the older and the newer version"),
    ("?", "this list"),
)
_NO_FIELDS = ("customProperties", "artifactType")
_HEALTH, _DOCUMENT = "/readyz/health", "/openapi.json"


@dataclass(frozen=True, slots=True)
class Example:
    """An example of a query, with the address of the list that it filters."""

    words: str
    query: str
    url: str


async def show_query_help(page: PageRequest) -> Response:
    """The grammar of queries, the fields of each kind from the server's document, and examples to click.

    With the parameter `kind`, the name of a collection, the fields of its entities stand above the grammar. Lists load that part.
    """
    examples = [
        Example(words, query, page.url(name, parameters={"query": query}))
        for words, name, query in EXAMPLES
        if name in page.addresses
    ]
    kind = next((one for one in FIELDS if one.collection and one.collection == page.parameter("kind")), None)
    context = {"grammar": GRAMMAR, "examples": examples, "fields": list(_fields(await _document(page))), "kind": kind}
    return await page.render("query_help.html", "Help with queries", context)


async def show_about(page: PageRequest) -> Response:
    """The server, its health, the user, and the keys."""
    health, prefix = await asyncio.gather(_health(page), page.api.prefix())
    context = {
        "prefix": prefix,
        "checks": health,
        "keys": KEYS,
        "address": page.options.public_address(page.request.scope),
        "root": page.options.root_path if page.options.is_mounted else page.options.server,
    }
    return await page.render("about.html", "About this registry", context)


async def _document(page: PageRequest) -> Mapping[str, Any]:
    """The server's document; nothing where it has none."""
    try:
        content = orjson.loads((await page.api.raw(_DOCUMENT)).body)
    except (ApiError, orjson.JSONDecodeError):
        return {}
    return content if isinstance(content, dict) else {}


def _fields(document: Mapping[str, Any]) -> Iterator[tuple[str, Sequence[str]]]:
    for title, schema in SCHEMAS:
        names = [name for name in fields_of(document, schema) if name not in _NO_FIELDS]
        if names:
            yield title, sorted(names)


async def _health(page: PageRequest) -> list[tuple[str, str, str]]:
    """Name, status and words of each check; empty where the server has no such page."""
    try:
        answer = await page.api.raw(_HEALTH, format="json")
        checks = orjson.loads(answer.body)["checks"]
        return [(str(one["Name"]), str(one["Status"]), str(one["Message"])) for one in checks.values()]
    except ApiError as error:
        return [("server", "fail", error.message)]
    except (Unreachable, orjson.JSONDecodeError, KeyError, AttributeError, TypeError):
        return []
