"""The look: theme, density, rows of a page and single keys, stored in a cookie."""

from starlette.responses import RedirectResponse, Response

from model_registry_ui.page_request import PageRequest
from model_registry_ui.preferences import CHOICES

TITLES = {"theme": "Theme", "density": "Rows of tables", "size": "Rows on a page", "keys": "Keys with single letters"}
_SEE_OTHER = 303


async def show(page: PageRequest) -> Response:
    """The form."""
    chosen = page.preferences.as_dict()
    groups = [(name, TITLES[name], values, chosen[name]) for name, values in CHOICES.items()]
    return await page.render("look.html", "Look", {"groups": groups, "next": page.parameter("next")})


async def change(page: PageRequest) -> Response:
    """Stores what was chosen, and leads back."""
    sent = dict(await page.form())
    response = RedirectResponse(page.inside(sent.get("next", "")), _SEE_OTHER)
    changed = page.preferences.changed(sent)
    changed.remember(response, page.options.base, is_secure=page.options.is_secure(page.request.scope))
    return response
