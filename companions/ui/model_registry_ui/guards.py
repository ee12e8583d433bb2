"""Guards of every page: the headers of answers, and a refusal of changes that another site's page sends."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from model_registry_ui.options import Options

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors {}; base-uri 'none'"
)
_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",  # under no-referrer, browsers send `Origin: null` with a form
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
_CACHE = "private, no-cache"


def with_headers(app: ASGIApp, options: Options) -> ASGIApp:
    """Returns an ASGI application that adds these headers to every answer of `app`."""
    added = {**_HEADERS, "content-security-policy": _POLICY.format(options.frame_ancestors)}

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(added)
                if "cache-control" not in headers:  # files that are the same for everybody have one
                    headers["cache-control"] = _CACHE
                    headers.add_vary_header("Cookie")
            await send(message)

        await app(scope, receive, send_guarded)

    return guarded


def refusal(scope: Scope, options: Options) -> str | None:
    """Returns why a change is refused; `None` if a page of the UI itself has sent it.

    Browsers say so in `Sec-Fetch-Site`. Where that is missing (plain http on a name other than localhost, old browsers), `Origin`
    must be this very address. Where both are sent, both must say it; `Origin: null` says nothing. A request with neither, or with
    one of them twice, is refused, because a forged one looks the same.
    """
    headers = Headers(scope=scope)
    sites, origins = headers.getlist("sec-fetch-site"), headers.getlist("origin")
    if len(sites) > 1 or len(origins) > 1:
        return "This form was sent with the header Sec-Fetch-Site or Origin twice, so its source is not known."
    if sites and sites[0] != "same-origin":
        return "Another site has sent this form, and may change nothing here."
    origin = origins[0] if origins else None
    if sites and origin in {None, "null"}:
        return None
    if origin is None:
        return "This form was sent without the headers Sec-Fetch-Site and Origin, so its source is not known. Open the page again."
    if origin in options.origins or options.is_own_origin(scope, origin):
        return None
    return f"The page at {origin[:200]} has sent this form, and may change nothing here."
