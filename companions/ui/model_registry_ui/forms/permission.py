"""Forms are for users who may save them. The API decides each save again."""

from model_registry_ui.api import ApiError
from model_registry_ui.page_request import PageRequest

_UNAUTHORIZED, _FORBIDDEN = 401, 403


async def require_change(page: PageRequest, model_id: str = "") -> None:
    """Raises `ApiError` with the status 403 if the registry says that the user may not change this.

    Args:
        page: The request.
        model_id: The model whose rules decide; empty if those for everything decide.
    """
    if await page.may_change(model_id):
        return
    known = await page.access()
    raise ApiError(
        _FORBIDDEN,
        f"This needs the role writer; {known.user or 'this user'} has the role {known.role or 'reader'} here.",
    )


async def require_writer(page: PageRequest, model_id: str = "") -> None:
    """Raises `ApiError` before a form is read: with the status 403 as `require_change`, or with 401 if the user must sign in.

    With 401 the fields are read first, because the login keeps them.

    Args:
        page: The request.
        model_id: The model whose rules decide; empty if those for everything decide.
    """
    if problem := (await page.access()).sign_in:
        await page.form()
        raise ApiError(_UNAUTHORIZED, problem)
    await require_change(page, model_id)
