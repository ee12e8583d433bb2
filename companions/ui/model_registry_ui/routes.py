"""The table of routes: every page of the UI is a row here. A link to a page that has no row is left out."""

from model_registry_ui.pages import look, models, overview
from model_registry_ui.routing import PageRoute

ROUTES: tuple[PageRoute, ...] = (
    PageRoute("/", "overview", overview.show),
    PageRoute("/models", "models", models.show_all),
    PageRoute("/models/{id}", "model", models.show),
    PageRoute("/look", "look", look.show, look.change, is_public=True),
)
