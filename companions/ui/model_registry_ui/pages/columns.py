"""Which columns a list shows: the choice is kept in a cookie, and stands in the address that the user is led to."""

from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from model_registry_ui import kept_columns
from model_registry_ui.page_request import PageRequest

_SEE_OTHER = 303


async def show(page: PageRequest) -> Response:
    """The form is a part of every list, so a reload of this address leads to the first page."""
    return page.redirect(page.inside(""))


async def change(page: PageRequest) -> Response:
    """Keeps the columns `cols` of the list `list`, or the usual ones with `usual`, and leads to `next`."""
    sent = await page.form()
    given = dict(sent)
    columns = () if given.get("usual") else tuple(value for name, value in sent if name == "cols" and value)
    url = page.inside(given.get("next", ""))
    written = urlencode([("cols", column) for column in columns])
    to = f"{url}{'&' if '?' in url else '?'}{written}" if written else url
    response = RedirectResponse(to, _SEE_OTHER)
    kept = kept_columns.changed(kept_columns.of(page.request), given.get("list", ""), columns)
    is_secure = page.options.is_secure(page.request.scope)
    kept_columns.remember(response, kept, page.options.base, is_secure=is_secure)
    return response
