"""Models of the catalog among the results of a search."""

from dataclasses import dataclass
from typing import Any

from model_registry_client.entity import moment

from model_registry_ui.api import ApiError
from model_registry_ui.catalog.addresses import CatalogModelId, url_of
from model_registry_ui.page_request import PageRequest


@dataclass(frozen=True, slots=True)
class FoundModel:
    """A model that a search has found, with its address and the id of its source."""

    name: str
    description: str
    updated: Any
    url: str
    source: str


async def found_models(page: PageRequest, words: str, most: int) -> tuple[list[FoundModel], bool]:
    """Returns the most relevant models, and whether there are more; none where there is no catalog, or where it refuses."""
    if not page.api.has_catalog:
        return [], False
    try:
        answer = await page.api.catalog("/models", q=words, orderBy="RELEVANCE", pageSize=str(most))
    except ApiError:
        return [], False
    found = [
        FoundModel(
            one["name"],
            one.get("description") or "",
            moment(one.get("lastUpdateTimeSinceEpoch")),
            url_of(page, CatalogModelId(one.get("source_id") or "", one["name"])),
            one.get("source_id") or "",
        )
        for one in answer.get("items") or ()
    ]
    return found, bool(answer.get("nextPageToken"))
