"""What a page shows when it cannot show what it should: one page for all failures, with what can be done next."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from model_registry_client.errors import RegistryError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from model_registry_ui.api import ApiError
from model_registry_ui.backend import Unreachable
from model_registry_ui.page_request import RETRY_AFTER, PageRequest
from model_registry_ui.pages import login

_UNAUTHORIZED, _BAD_GATEWAY, _UNAVAILABLE, _FORBIDDEN = 401, 502, 503, 403
_LONGEST_WAIT = 60
"""Seconds after which a page tries again at the latest."""
Handler = Callable[[Request, Exception], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Explained:
    """A kind of failure in words: a heading, and what can be done."""

    heading: str
    advice: str


KINDS: Mapping[int, Explained] = {
    400: Explained("This address cannot be read", "Go back, or begin at one of the pages above."),
    401: Explained("You need to sign in", "The registry shows this only to users that it knows."),
    403: Explained("You may not do this", "Ask the people who run this registry for access."),
    404: Explained("There is nothing here", "It does not exist, or it is not shown to you. Search for it by its name."),
    405: Explained("This page takes no changes", "Open it again and use its own buttons."),
    408: Explained("This took too long to arrive", "Send it again over a quicker connection."),
    413: Explained("This is too large", "Send less at a time."),
    414: Explained("This address is too long", "Go back, and take fewer filters or columns."),
    421: Explained("This server has another name", "Open it by a name that its operator has allowed."),
    500: Explained("Something went wrong", "The log of the server says more. Give its operator the request id below."),
    502: Explained("The registry's answer cannot be read", "Is its address that of a model registry?"),
    503: Explained("The store cannot be reached", "Nothing is lost. Try again in a moment."),
}
_OTHER = Explained("The registry refuses this", "Go back, and try something else.")


def handlers(visit: Callable[[Request], PageRequest]) -> dict[Any, Handler]:
    """Returns Starlette's handlers of exceptions."""

    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, ApiError)  # noqa: S101 (Starlette calls this for no other)
        page = visit(request)
        if error.status == _UNAUTHORIZED and page.options.takes_tokens and "login" in page.addresses:
            if request.method != "POST":
                return page.redirect(page.url("login", parameters={"next": page.here}))
            kept = await page.apart(login.kept_form, page.sent)
            return await login.form(page, page.here, error.message, kept, _UNAUTHORIZED)
        return await shown(page, error.status, error.message, error.headers.get("retry-after", ""))

    async def unreachable(request: Request, error: Exception) -> Response:
        return await shown(visit(request), _UNAVAILABLE, str(error))

    async def unreadable(request: Request, error: Exception) -> Response:
        return await shown(visit(request), _BAD_GATEWAY, str(error))

    async def by_route(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101
        # Without words of ours, Starlette has those of HTTP.
        is_own = error.detail != HTTPStatus(error.status_code).phrase
        response = await shown(visit(request), error.status_code, error.detail if is_own else "")
        response.headers.update(error.headers or {})
        return response

    async def unexpected(request: Request, _: Exception) -> Response:
        return await shown(visit(request), 500, "")

    return {
        ApiError: refused,
        Unreachable: unreachable,
        RegistryError: unreadable,
        HTTPException: by_route,
        Exception: unexpected,
    }


async def shown(page: PageRequest, status: int, message: str, retry_after: str = "") -> Response:
    """Returns the page of a failure. It keeps a form that was sent.

    Args:
        page: The request that failed.
        status: The HTTP status.
        message: The API's own words; may be empty.
        retry_after: Seconds after which to try again, as the API says it.
    """
    explained = KINDS.get(status, _OTHER)
    says_when = retry_after.isascii() and retry_after.isdigit()
    seconds = min(int(retry_after[:9] if says_when else RETRY_AFTER), _LONGEST_WAIT)
    tries_again = status == _UNAVAILABLE and page.request.method == "GET"
    context = {
        "explained": explained,
        "message": message,
        "seconds": max(seconds, 1) if tries_again else 0,
        "status": status,
        "typed": page.sent if page.keeps_form else [],
    }
    response = await page.render("error.html", explained.heading, context, status=status)
    if says_when:
        response.headers["retry-after"] = retry_after
    return response


async def forged(page: PageRequest, reason: str) -> Response:
    """Returns the refusal of a change that another site's page may have sent."""
    return await shown(page, _FORBIDDEN, reason)
