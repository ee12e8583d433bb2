"""The addresses of models of the catalog in the UI, and their paths in the API."""

from typing import NamedTuple
from urllib.parse import quote

from model_registry_ui.page_request import PageRequest

_NO_SEGMENTS = ("", ".", "..")
"""Segments that browsers, gateways or servers change."""
_RESERVED = "mcp"
"""A segment below the catalog that has pages of its own."""


class CatalogModelId(NamedTuple):
    """Which model it is: the id of its source, and its name there."""

    source: str
    name: str

    @property
    def path(self) -> str:
        """The path in the API of the catalog, below its prefix."""
        return f"/sources/{quote(self.source, safe='')}/models/{quote(self.name, safe='')}"


def url_of(page: PageRequest, place: CatalogModelId) -> str:
    """Returns the address of the page of a model: a readable path, or, for names that no path can hold, parameters."""
    segments = (place.source, *place.name.split("/"))
    is_plain = place.source != _RESERVED and "/" not in place.source and not {*segments} & {*_NO_SEGMENTS}
    if is_plain and "".join(segments).isprintable():
        return f"{page.url('catalog')}/{quote(place.source, safe='')}/{quote(place.name)}"
    return page.url("catalog_any_model", "", {"source": place.source, "name": place.name})


def place_of(page: PageRequest) -> CatalogModelId:
    """Returns the model that the address of a page names, by its path or by its parameters."""
    given = page.request.path_params
    if "name" in given:
        return CatalogModelId(given["source"], given["name"])
    return CatalogModelId(page.parameter("source"), page.parameter("name"))
