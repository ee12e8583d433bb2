"""Code with colours, by CSS classes and never by inline styles."""

from functools import cache

from markupsafe import Markup, escape
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

_MOST_CHARACTERS = 10_000
_LONGEST_NAME = 40
_FORMATTER: HtmlFormatter[str] = HtmlFormatter(nowrap=True, classprefix="c-")


def highlighted(code: str, language: str) -> Markup:
    """Returns code as a `pre` element. Code in an unknown language, or longer than 10,000 characters, has no colours."""
    content = escape(code)
    lexer = _lexer(language.lower()) if len(language) <= _LONGEST_NAME else None
    if lexer is not None and len(code) <= _MOST_CHARACTERS:
        content = Markup(highlight(code, lexer, _FORMATTER))  # noqa: S704 (the formatter escapes the code)
    return Markup('<pre class="code" tabindex="0"><code>{}</code></pre>\n').format(content)


@cache
def _known(language: str) -> Lexer:
    return get_lexer_by_name(language, stripnl=False)


def _lexer(language: str) -> Lexer | None:
    try:
        return _known(language)
    except ClassNotFound:
        return None
