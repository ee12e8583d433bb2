"""Values that the fields of filters suggest, for lists that ask for them when their filters are opened: one call of the API."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from model_registry_client.entities import (
    Artifact,
    Experiment,
    InferenceService,
    ModelVersion,
    RegisteredModel,
    ServingEnvironment,
)
from starlette.exceptions import HTTPException
from starlette.responses import Response

from model_registry_ui.forms.simple import suggestions
from model_registry_ui.lists.declaration import SUGGESTED_FIELDS
from model_registry_ui.lists.owners import KINDS
from model_registry_ui.page_request import PageRequest

MOST_VALUES = 200
"""The most values of one field: the most frequent ones."""
_ROWS_OF: Mapping[type, Sequence[str]] = {
    ServingEnvironment: (InferenceService.collection,),
    RegisteredModel: (InferenceService.collection, ModelVersion.collection),
}
"""The collections whose rows belong to an entity of a class."""
_NOT_FOUND = 404
_KINDS = frozenset(
    kind.collection.strip("/")
    for kind in (RegisteredModel, ModelVersion, Artifact, ServingEnvironment, InferenceService, Experiment)
)


async def show(page: PageRequest) -> Response:
    """The values of a kind of entities: `kind` is its collection, `within` a query that its rows match.

    Raises:
        ApiError: The API refuses, for example the query.
        HTTPException: There is no such kind, or the server has no extensions.
        Unreachable: The registry does not answer.
    """
    kind = page.parameter("kind")
    facets = None
    if kind in _KINDS:
        facets = await page.api.extension(f"/facets/{kind}", filterQuery=page.parameter("within"))
    if facets is None:
        raise HTTPException(_NOT_FOUND, "There are no suggestions for these filters.")
    values = {**dict(_values(facets)), **await _names(page, kind)}
    return await page.render("suggestions.html", "Values for filters", {"suggestions": values})


async def _names(page: PageRequest, kind: str) -> dict[str, Sequence[str]]:
    """The names of what rows of this kind belong to: the newest ones."""
    names = [name for name, owner in KINDS.items() if kind in (below.strip("/") for below in _ROWS_OF[owner])]
    found = await asyncio.gather(*(suggestions(page.api, KINDS[name]) for name in names))
    return dict(zip(names, found, strict=True))


def _values(facets: Mapping[str, Any]) -> Iterator[tuple[str, Sequence[str]]]:
    """The values by the name of the filter. A label is a property that is an empty text in some row."""
    fields = {field["name"]: [one["value"] for one in field["values"]] for field in facets["fields"]}
    properties = facets["customProperties"]["properties"]
    for name, field in SUGGESTED_FIELDS.items():
        yield name, fields.get(field, [])[:MOST_VALUES]
    yield "label", [one["name"] for one in properties if one["emptyTexts"]][:MOST_VALUES]
    yield "property", [one["name"] for one in properties if one["count"] > one["emptyTexts"]][:MOST_VALUES]
