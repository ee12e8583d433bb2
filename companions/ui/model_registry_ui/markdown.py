"""Model cards: Markdown of the store, which may be hostile, as HTML that is safe under the content security policy."""

import asyncio
import hashlib
import re
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
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
_CACHED = 64
_TOP, _LOWEST = 3, 6
_PICTURE = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=%]+")
_ALIGNED = re.compile(r"text-align:(left|right|center)")
_SLUG = re.compile(r"[^\w]+")


def render(text: str) -> Markup | None:
    """Returns a card as HTML; `None` for one that is too long.

    Raw HTML is shown as text. Headings begin at `h3` and have ids that begin with `card-`. Only http and https addresses are
    links. Pictures are shown if their data is in the card; others become links.
    """
    if len(text.encode(errors="replace")) > MOST_BYTES:
        return None
    return Markup(_PARSER.render(visible(text)))  # noqa: S704 (the parser escapes all text)


class Cards:
    """Renders cards in two threads, so that a long one does not hold up other requests, and caches the newest 64."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="cards")
        self._known: OrderedDict[bytes, Markup] = OrderedDict()

    async def html(self, text: str) -> Markup | None:
        """Returns a card as HTML; `None` where its source must be shown: it is too long, or takes longer than two seconds."""
        key = hashlib.sha256(text.encode(errors="replace")).digest()
        if key in self._known:
            self._known.move_to_end(key)
            return self._known[key]
        rendering = asyncio.get_running_loop().run_in_executor(self._threads, render, text)
        try:
            found = await asyncio.wait_for(rendering, _SECONDS)
        except (TimeoutError, RecursionError):
            return None
        if found is not None:
            self._known[key] = found
            while len(self._known) > _CACHED:
                self._known.popitem(last=False)
        return found


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
    used: set[str] = set()
    before = _TOP - 1
    for index, token in opened:
        level = min(int(token.tag[1:]) - top + _TOP, before + 1, _LOWEST)
        before = level
        closing = next(one for one in tokens[index:] if one.type == "heading_close")
        token.tag = closing.tag = f"h{level}"
        token.attrSet("id", _unique(_slug(tokens[index + 1].content), used))


def _slug(text: str) -> str:
    return f"card-{_SLUG.sub('-', text.lower()).strip('-') or 'part'}"


def _unique(slug: str, used: set[str]) -> str:
    number, candidate = 1, slug
    while candidate in used:
        number += 1
        candidate = f"{slug}-{number}"
    used.add(candidate)
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
