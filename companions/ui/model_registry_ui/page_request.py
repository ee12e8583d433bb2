"""One request for a page: what a page's function gets, and how it answers."""

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, ParamSpec, TypeVar
from urllib.parse import parse_qsl, urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from model_registry_ui import access, notices
from model_registry_ui.access import Access
from model_registry_ui.addresses import Addresses, Parameters
from model_registry_ui.api import Api
from model_registry_ui.documents import Documents
from model_registry_ui.identity import COOKIE, fits
from model_registry_ui.notices import Notice
from model_registry_ui.options import MOUNT, Options
from model_registry_ui.preferences import Preferences
from model_registry_ui.rendering import render
from model_registry_ui.worker import LARGE, apart, in_thread

LARGEST_FORM = 8 * 2**20
"""Bytes of a form."""
MOST_FIELDS = 10_000
"""Fields of a form."""
_SEE_OTHER, _TOO_LARGE, _UNAVAILABLE = 303, 413, 503
RETRY_AFTER = "5"
"""Seconds after which a page is asked for again, where the registry does not say it."""
_NOT_REPEATED = (400, _TOO_LARGE, 414)
"""The statuses of pages whose links do not repeat the parameters of the address: these were refused, and may be long."""
_ADMIN = "admin"
_LEADS_AWAY = re.compile(r"\\|^[^?#]*(?:%2e|%2f|%5c|//|/\.{1,2}(?:[/?#]|$))", re.IGNORECASE)
"""A path that browsers or gateways read as another one. `%5c` and the like may stand in the query."""
CATALOG = "catalog"
NAVIGATION = (
    ("Models", "models"),
    ("Experiments", "experiments"),
    ("Deployments", "deployments"),
    ("Catalog", CATALOG),
)
"""The entries of the header. One without a page is left out, and so is the catalog where the server has none."""
P = ParamSpec("P")
T = TypeVar("T")


class Crumb(NamedTuple):
    """A step of the way to a page. The last one is the page itself and has no address."""

    words: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the navigation."""

    words: str
    url: str
    is_current: bool


class PageRequest:
    """A request, the API for its user, and the way to answer.

    Attributes:
        request: Starlette's request.
        options: How the UI is served.
        addresses: The addresses of all pages.
        api: The API on behalf of the user.
        documents: The document of the API, which has the rules of forms.
        preferences: What the user prefers about the look.
        request_id: The id that the answer and the log have.
        sent: The fields of the form that was sent, once `form` has read them.
        keeps_form: Whether the page of a failure shows them again. Those of the login are never shown.
    """

    def __init__(
        self,
        request: Request,
        options: Options,
        addresses: Addresses,
        api: Api,
        documents: Documents,
        request_id: str,
    ) -> None:
        self.request, self.options, self.addresses = request, options, addresses
        self.api, self.documents, self.request_id = api, documents, request_id
        self.preferences = Preferences.of(request)
        self._access: asyncio.Task[Access] | None = None
        self.sent: list[tuple[str, str]] = []
        self.keeps_form = True
        self._size = 0

    @property
    def id(self) -> str:
        """What stands for `{id}` in the path."""
        return str(self.request.path_params["id"])

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """The parameters of the URL, in their order."""
        return self.request.query_params.multi_items()

    def parameter(self, name: str) -> str:
        """Returns a parameter of the URL; an empty text if it is not there."""
        return self.request.query_params.get(name, "")

    @property
    def here(self) -> str:
        """The address of this page with its parameters."""
        query = self.request.url.query
        path = self.options.base + self.request.scope["path"].removeprefix(MOUNT)
        return f"{path}?{query}" if query else path

    def here_with(self, name: str, value: str) -> str:
        """Returns the address of this page with a parameter in place of those of this name."""
        query = urlencode([*(pair for pair in self.parameters if pair[0] != name), (name, value)])
        return f"{self.here.partition('?')[0]}?{query}"

    def inside(self, url: str) -> str:
        """Returns an address of the UI as it is; for every other one, the address of the first page."""
        first = f"{self.options.base}/"
        is_inside = url.startswith(first) and url.isprintable() and not _LEADS_AWAY.search(url)
        return url if is_inside else first

    def url(self, name: str, id_: str = "", parameters: Parameters = ()) -> str:
        """Returns the address of a page; see `Addresses.of`."""
        return self.addresses.of(name, id_, parameters)

    async def form(self, most_fields: int = MOST_FIELDS) -> list[tuple[str, str]]:
        """Returns the fields of the form that was sent, in their order. From then on the registry has the time of a page to answer.

        Args:
            most_fields: How many fields are taken.

        Raises:
            HTTPException: It is too large.
        """
        parts, size = [], 0
        async for part in self.request.stream():
            size += len(part)
            if size > LARGEST_FORM:
                raise HTTPException(_TOO_LARGE, f"The form is too large: at most {LARGEST_FORM} bytes are taken.")
            parts.append(part)
        text, self._size = b"".join(parts).decode("utf-8", "replace"), size
        try:
            self.sent = await self.apart(parse_qsl, text, keep_blank_values=True, max_num_fields=most_fields)
        except ValueError:
            problem = f"The form has too many fields: at most {most_fields} are taken."
            raise HTTPException(_TOO_LARGE, problem) from None
        self.api.ends_in(self.options.page_seconds)
        return self.sent

    async def apart(self, work: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
        """Returns the result of work on the form that was sent: of a large one, in a thread. See `worker.apart`."""
        return await apart(self._size, work, *arguments, **named)

    def begin(self, model_id: str = "") -> None:
        """Asks for the user's access, also for a model, at the same time as the page asks for its own content."""
        if self._access is None and not self.options.is_open:
            self._access = asyncio.create_task(access.ask(self.api, model_id))

    async def access(self) -> Access:
        """Returns what the user may do; nothing is known where the page did not ask for it."""
        return await self._access if self._access else access.UNKNOWN

    def stop_waiting(self) -> None:
        """Gives up what was asked about the user and is not answered yet."""
        if self._access and (self._access.cancelled() or not self._access.done()):
            self._access.cancel()
            self._access = None

    async def may_change(self, model_id: str = "") -> bool:
        """Returns whether changes of a model may be offered; without a model, changes of anything.

        The server is asked for the model only where that can differ from what the user may do elsewhere.
        """
        user = await self.access()
        is_clear = not (user.is_known and user.may_write and model_id) or user.role == _ADMIN or model_id in user.models
        return (user if is_clear else await access.ask(self.api, model_id)).may_change(model_id)

    async def render(
        self,
        template: str,
        title: str,
        context: Mapping[str, Any] | None = None,
        *,
        crumbs: Sequence[Crumb] = (),
        section: str = "",
        here: str = "",
        status: int = 200,
    ) -> Response:
        """Returns a page.

        Args:
            template: The name of its template, which extends `frame.html`.
            title: What it shows, such as the name of a model.
            context: The names that the template uses.
            crumbs: The way to the page, without the page itself.
            section: The name of the entry in the navigation that it belongs to.
            here: The last step of the way, where the title is longer.
            status: The HTTP status.
        """
        user = await self.access()
        entries = [
            Entry(words, self.url(name), name == section)
            for words, name in NAVIGATION
            if name in self.addresses and (name != CATALOG or self.api.has_catalog)
        ]
        frame = {
            "page": self,
            "title": title,
            "crumbs": [*crumbs, Crumb(here or title)] if crumbs else [],
            "navigation": entries,
            "user": user,
            "may_write": user.may_write,
            "is_signed_in": not (user.is_known or user.sign_in) and fits(self.request.cookies.get(COOKIE, "")),
            "url": self.url,
            "base": self.options.base,
            "options": self.options,
            "preferences": self.preferences,
            "notice": (notice := notices.of(self.request)),
            "back": self.here.partition("?")[0] if status in _NOT_REPEATED else self.here,
        }
        is_long = max(self.api.received, self._size) > LARGE
        response = HTMLResponse(await in_thread(is_long, render, template, {**frame, **(context or {})}), status)
        if status == _UNAVAILABLE:
            response.headers["retry-after"] = RETRY_AFTER
        if notice:
            notices.forget(response, self.options.base)
        return response

    def redirect(self, url: str, notice: Notice | None = None) -> Response:
        """Returns an answer that leads to another page of the UI, which shows the notice."""
        response = RedirectResponse(url, _SEE_OTHER)
        if notice:
            is_secure = self.options.is_secure(self.request.scope)
            notices.remember(response, notice, self.options.base, is_secure=is_secure)
        return response
