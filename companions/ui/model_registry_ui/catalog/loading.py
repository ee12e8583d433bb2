"""Loads one model of the catalog with its files."""

from collections.abc import Sequence

from model_registry_client.catalogued import CatalogArtifact, CatalogModel

from model_registry_ui.api import Api
from model_registry_ui.catalog.addresses import CatalogModelId

FILES = "model-artifact"
MOST_FILES = 100


async def model_of(api: Api, place: CatalogModelId) -> CatalogModel:
    """Returns a model; raises `ApiError` and `Unreachable`."""
    return CatalogModel.from_wire({"source_id": place.source, **await api.catalog(place.path)})


async def artifacts_of(
    api: Api, place: CatalogModelId, below: str = "", **parameters: str
) -> tuple[list[CatalogArtifact], str]:
    """Returns artifacts of a model, and the token of the next page; empty on the last one.

    Args:
        api: The API.
        place: The model.
        below: A path below that of all artifacts, such as `/performance`.
        parameters: Parameters of the list in the API.
    """
    found = await api.catalog(f"{place.path}/artifacts{below}", **parameters)
    return [CatalogArtifact.from_wire(one) for one in found.get("items") or ()], found.get("nextPageToken") or ""


async def files_of(api: Api, place: CatalogModelId) -> Sequence[CatalogArtifact]:
    """Returns the files of a model."""
    return (await artifacts_of(api, place, artifactType=FILES, pageSize=str(MOST_FILES)))[0]
