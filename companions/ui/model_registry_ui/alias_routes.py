"""The pages about aliases. `routes.py` takes them into its table."""

from model_registry_ui.pages import aliases
from model_registry_ui.routing import PageRoute

ALIAS_ROUTES: tuple[PageRoute, ...] = (
    PageRoute("/models/{id}/aliases", "model_aliases", aliases.show),
    PageRoute("/models/{id}/aliases/move", "alias_move", aliases.show_move, aliases.change_move),
    PageRoute("/models/{id}/aliases/rollback", "alias_back", aliases.show_back, aliases.change_back),
)
