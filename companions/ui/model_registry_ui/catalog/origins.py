"""Where files of the registry come from: a link to the model of the catalog that they were registered from."""

from typing import Any

from model_registry_client.from_catalog import SOURCE_KIND

from model_registry_ui.catalog.addresses import CatalogModelId, url_of
from model_registry_ui.cells import Link
from model_registry_ui.page_request import PageRequest


def origin_of(page: PageRequest, artifact: Any) -> Link | None:
    """Returns the link; `None` for files from elsewhere, or where the server has no catalog."""
    source, name = (getattr(artifact, field, None) for field in ("model_source_class", "model_source_name"))
    if getattr(artifact, "model_source_kind", None) != SOURCE_KIND or not (source and name and page.api.has_catalog):
        return None
    return Link(name, url_of(page, CatalogModelId(source, name)), f"of {source}")
