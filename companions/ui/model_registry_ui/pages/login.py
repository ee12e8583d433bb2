"""Signing in by a token, and signing out. A form that was being sent when the token ended is kept, and sent again by hand."""

from urllib.parse import parse_qsl, urlencode

from model_registry_client.entities import RegisteredModel
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from model_registry_ui import access, notices
from model_registry_ui.api import ApiError
from model_registry_ui.backend import Unreachable
from model_registry_ui.identity import LONGEST_TOKEN, Identities, fits
from model_registry_ui.page_request import MOST_FIELDS, PageRequest

_SEE_OTHER, _UNAUTHORIZED, _NOT_FOUND, _BAD_REQUEST, _TOO_LARGE, _UNAVAILABLE = 303, 401, 404, 400, 413, 503
_TITLE = "Sign in"
_MOST_FIELDS = 10


async def show(page: PageRequest) -> Response:
    """The form for a token; 404 where the server takes none."""
    _check(page)
    return await form(page, page.parameter("next"))


async def form(page: PageRequest, to: str, problem: str = "", kept: str = "", status: int = 200) -> Response:
    """Returns the form for a token.

    Args:
        page: The request.
        to: Where it leads afterwards.
        problem: Why an earlier token was refused.
        kept: The fields of a form that could not be sent, urlencoded; it goes to `to`.
        status: The HTTP status.
    """
    context = {"next": page.inside(to), "problem": problem, "kept": kept}
    return await page.render("login.html", _TITLE, context, status=status)


async def change(page: PageRequest) -> Response:
    """Checks a token by one small list, and stores it in the cookie."""
    _check(page)
    sent = dict(await page.form(_MOST_FIELDS))
    token, to, kept = (sent.get(name, "").strip() for name in ("token", "next", "kept"))
    try:
        if problem := await _problem(page, token):
            return await form(page, to, problem, kept, _UNAUTHORIZED if fits(token) else _BAD_REQUEST)
    except Unreachable as error:
        return await form(page, to, str(error), kept, _UNAVAILABLE)
    response = (
        await _again(page, page.inside(to), kept, token) if kept else RedirectResponse(page.inside(to), _SEE_OTHER)
    )
    is_secure = page.options.is_secure(page.request.scope)
    _identities(page).remember(response, token, is_secure=is_secure)
    notices.forget(response, page.options.base)
    return response


async def sign_out(page: PageRequest) -> Response:
    """Removes the cookie of the token, and that of the last change, which holds former values."""
    response = RedirectResponse(page.url("overview"), _SEE_OTHER)
    _identities(page).forget(response)
    notices.forget(response, page.options.base)
    return response


async def show_signed_out(page: PageRequest) -> Response:
    """Leads to the first page: signing out is a POST."""
    return page.redirect(page.url("overview"))


async def _problem(page: PageRequest, token: str) -> str:
    """Why a token cannot be used; an empty text if it can. A user without rights is known too."""
    if len(token) > LONGEST_TOKEN:
        return f"This token has more than the {LONGEST_TOKEN} bytes that a cookie holds. Sign in by a gateway before this server."
    if not fits(token):
        return "This is no token: it has only letters, digits and the signs - . _ ~ + / ="
    try:
        await page.api.as_user(token).page(RegisteredModel, pageSize="1")
    except ApiError as error:
        return error.message if error.status == _UNAUTHORIZED else ""
    return ""


async def _again(page: PageRequest, to: str, kept: str, token: str) -> Response:
    """The fields of the form that could not be sent, with a button that sends it. Its header knows the user of the new token."""
    try:
        fields = await page.apart(parse_qsl, kept, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise HTTPException(_TOO_LARGE, f"The form has too many fields: at most {MOST_FIELDS} are taken.") from None
    user = await access.ask(page.api.as_user(token))
    context = {"fields": fields, "to": to, "user": user, "may_write": user.may_write, "is_signed_in": True}
    return await page.render("send_again.html", "Send the form again", context)


def kept_form(fields: list[tuple[str, str]]) -> str:
    """Returns the fields of a form as one text, for `form`."""
    return urlencode(fields)


def _identities(page: PageRequest) -> Identities:
    return Identities(page.options.trusts_gateway, page.options.base)


def _check(page: PageRequest) -> None:
    if not page.options.takes_tokens:
        raise HTTPException(_NOT_FOUND)
