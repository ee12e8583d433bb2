"""The pages of the model catalog. `routes.py` takes them into its table."""

from model_registry_ui.pages import catalog, catalog_model, catalog_register, catalog_servers
from model_registry_ui.routing import PageRoute

CATALOG_ROUTES: tuple[PageRoute, ...] = (
    PageRoute("/catalog", "catalog", catalog.show),
    PageRoute("/catalog/model", "catalog_any_model", catalog_model.show),
    PageRoute("/catalog/register", "catalog_register", catalog_register.show, catalog_register.change),
    PageRoute("/catalog/mcp", "catalog_servers", catalog_servers.show_all),
    PageRoute("/catalog/mcp/{id:int}", "catalog_server", catalog_servers.show),
    PageRoute("/catalog/{source}/{name:path}", "catalog_model", catalog_model.show),
)
