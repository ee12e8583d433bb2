"""The list of the models of the catalog."""

from starlette.responses import Response

from model_registry_ui.catalog.listing import view
from model_registry_ui.page_request import CATALOG, PageRequest


async def show(page: PageRequest) -> Response:
    """The list."""
    return await page.render("catalog.html", "Catalog", {"list": await view(page)}, section=CATALOG)
