"""Model cards: Markdown of the store, which may be hostile, as HTML that is safe under the content security policy."""

import asyncio
import hashlib
import re
import threading
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from typing import TypeVar
from urllib.parse import quote

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markupsafe import Markup, escape

from model_registry_ui import links
from model_registry_ui.highlighting import highlighted
from model_registry_ui.shown_text import visible

MOST_BYTES = 65_536
"""A longer card is shown as its source."""
_SECONDS = 2.0
_CACHED, _FAILED, _WAITING = 64, 1024, 16
MOST_HEADINGS = 1000
"""Further headings of a card have no id, so no link leads to them."""
_TOP, _LOWEST = 3, 6
_PICTURE = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=%]+")
_ALIGNED = re.compile(r"text-align:(left|right|center)")
_SLUG = re.compile(r"[^\w]+")
K = TypeVar("K")


def render(text: str) -> Markup | None:
    """Returns a card as HTML; `None` for one that is too long.

    Raw HTML is shown as text. Headings begin at `h3` and have ids that begin with `card-`. Only http and https addresses are
    links. Pictures are shown if their data is in the card; others become links.
    """
    if len(text.encode(errors="replace")) > MOST_BYTES:
        return None
    return Markup(_PARSER.render(visible(text)))  # noqa: S704 (the parser escapes all text)


class Cards:
    """Renders cards in two threads, so that a long one does not hold up other requests.

    The newest 64 are cached. A card that fails or takes too long is not rendered again, the same card is rendered once at a time,
    and at most 16 wait.
    """

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="cards")
        self._known: OrderedDict[bytes, Markup] = OrderedDict()
        self._failed: OrderedDict[bytes, None] = OrderedDict()
        self._running: dict[bytes, Future[Markup | None]] = {}
        self._changing = threading.Lock()

    async def html(self, text: str) -> Markup | None:
        """Returns a card as HTML; `None` where its source must be shown.

        That is so if it is too long, takes longer than two seconds, or finds too many others that wait.
        """
        key = hashlib.sha256(text.encode(errors="replace")).digest()
        if known := self._known.get(key):
            return known
        rendering = self._begun(key, text)
        if rendering is None:
            return None
        try:
            async with asyncio.timeout(_SECONDS):
                return await asyncio.shield(asyncio.wrap_future(rendering))
        except RecursionError:
            return None
        except TimeoutError:
            if rendering.running():
                self._keep(self._failed, key, None, _FAILED)
            return None

    def _begun(self, key: bytes, text: str) -> "Future[Markup | None] | None":
        """The rendering of a card, which may be under way; `None` if it would be of no use, or too many wait."""
        if rendering := self._running.get(key):
            return rendering
        if key in self._failed or len(self._running) >= _WAITING:
            return None
        self._running[key] = rendering = self._threads.submit(render, text)
        rendering.add_done_callback(lambda done: self._end(key, done))
        return rendering

    def _end(self, key: bytes, rendering: "Future[Markup | None]") -> None:
        """Keeps the outcome, also after its page has given up. A thread of the pool calls this."""
        if isinstance(rendering.exception(), RecursionError):
            self._keep(self._failed, key, None, _FAILED)
        elif rendering.exception() is None and (found := rendering.result()) is not None:
            self._keep(self._known, key, found, _CACHED)
        self._running.pop(key, None)

    def _keep(self, kept: "OrderedDict[bytes, K]", key: bytes, value: K, most: int) -> None:
        with self._changing:
            kept[key] = value
            while len(kept) > most:
                kept.popitem(last=False)


def _adapt(state: StateCore) -> None:
    """Changes the tokens of a document: headings, links, and what would need inline styles."""
    _shift_headings(state.tokens)
    for token in state.tokens:
        _align(token)
        _restrict_links(token.children or ())


def _shift_headings(tokens: Sequence[Token]) -> None:
    """Makes the first heading an `h3`. A heading is at most one level below the one before it."""
    opened = [(index, token) for index, token in enumerate(tokens) if token.type == "heading_open"]
    top = min((int(token.tag[1:]) for _, token in opened), default=1)
    ids = _Ids()
    before = _TOP - 1
    for place, (index, token) in enumerate(opened):
        level = min(int(token.tag[1:]) - top + _TOP, before + 1, _LOWEST)
        before = level
        inline, closing = tokens[index + 1], tokens[index + 2]  # the parser writes each heading as these three tokens
        token.tag = closing.tag = f"h{level}"
        if place < MOST_HEADINGS:
            token.attrSet("id", ids.unique(_slug(inline.content)))


def _slug(text: str) -> str:
    return f"card-{_SLUG.sub('-', text.lower()).strip('-') or 'part'}"


class _Ids:
    """The ids of the headings of one card. The next number of each text is kept, so that no number is tried twice."""

    def __init__(self) -> None:
        self._used: set[str] = set()
        self._next: dict[str, int] = {}

    def unique(self, slug: str) -> str:
        """Returns the text itself, or with a number if another heading has it."""
        number, candidate = self._next.get(slug, 2), slug
        while candidate in self._used:
            candidate = f"{slug}-{number}"
            number += 1
        self._next[slug] = number
        self._used.add(candidate)
        return candidate


def _align(token: Token) -> None:
    """A class in place of the inline style of an aligned cell."""
    if style := token.attrs.pop("style", None):
        found = _ALIGNED.fullmatch(str(style))
        token.attrSet("class", f"align-{found[1]}" if found else "")


def _restrict_links(tokens: Sequence[Token]) -> None:
    """Links to other places than http and https become plain text; links within the card lead to its headings."""
    is_plain = False
    for token in tokens:
        if token.type == "link_open":
            target = _target(str(token.attrGet("href") or ""))
            is_plain = target is None
            token.attrs = {"href": target, "rel": links.REL} if target else {}
        if is_plain and token.type in {"link_open", "link_close"}:
            token.tag = "span"
            is_plain = token.type == "link_open"


def _target(href: str) -> str | None:
    if href.startswith("#"):
        return "#" + quote(_slug(href[1:].removeprefix("card-")))
    return links.address(href)


def _picture(_: RendererHTML, tokens: Sequence[Token], index: int, *_unused: object) -> str:
    """A picture whose data is in the card; a link for one on another host, which is never loaded."""
    token = tokens[index]
    source = str(token.attrGet("src") or "")
    words = escape(token.content)
    if _PICTURE.fullmatch(source):
        return str(Markup('<img src="{}" alt="{}">').format(source, token.content))
    if address := links.address(source):
        return str(
            Markup('<a href="{}" rel="{}">{} (picture on {})</a>').format(
                address, links.REL, words, links.host(address)
            )
        )
    return str(words)


def _code(_: RendererHTML, tokens: Sequence[Token], index: int, *_unused: object) -> str:
    token = tokens[index]
    language = token.info.split(maxsplit=1)[0] if token.info.strip() else ""
    return str(highlighted(token.content, language))


def _table_open(*_unused: object) -> str:
    return '<div class="scroll" role="region" tabindex="0" aria-label="Table of the card"><table>\n'


def _table_close(*_unused: object) -> str:
    return "</table></div>\n"


def _parser() -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    made.validateLink = lambda url: (  # type: ignore[method-assign]
        url.startswith("#") or links.address(url) is not None or bool(_PICTURE.fullmatch(url))
    )
    made.core.ruler.push("adapt", _adapt)
    for name, rule in (
        ("image", _picture),
        ("fence", _code),
        ("code_block", _code),
        ("table_open", _table_open),
        ("table_close", _table_close),
    ):
        made.add_render_rule(name, rule)
    return made


_PARSER = _parser()


@cache
def cards() -> Cards:
    """The cards of all requests: the threads that render them, and the newest results."""
    return Cards()
