"""Forms are for users who may save them. The API decides each save again."""

from model_registry_ui import access
from model_registry_ui.api import ApiError
from model_registry_ui.page_request import PageRequest

_FORBIDDEN = 403


async def require_change(page: PageRequest, model_id: str = "") -> None:
    """Raises `ApiError` with the status 403 if the registry says that the user may not change this.

    Args:
        page: The request.
        model_id: The model whose rules decide; empty if those for everything decide.
    """
    known = await page.access()
    if model_id and known.is_known and model_id not in known.models:
        known = await access.ask(page.api, model_id)
    if not known.may_change(model_id):
        user = known.user or "this user"
        raise ApiError(_FORBIDDEN, f"This needs the role writer; {user} has the role {known.role or 'reader'} here.")
