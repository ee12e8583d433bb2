"""Parses a text of MLflow's search language to conditions."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from lark import Lark, Token, Transformer, UnexpectedCharacters, UnexpectedToken, v_args
from lark.exceptions import VisitError

from converters.errors import FilterError

MAX_LENGTH = 65_536
_SHOWN = 200
_TAG_WORDS = {"tag", "tags"}
_ENTITY_WORDS = {"attribute", "attributes", *_TAG_WORDS}

GRAMMAR = r"""
start: condition (_AND condition)*
?condition: KEY OPERATOR value -> comparison
          | KEY LIKE value -> comparison
          | KEY IN list -> membership
          | KEY NOT IN list -> exclusion
value: STRING | NUMBER | WORD
list: _LPAR [(STRING | NUMBER) (_COMMA (STRING | NUMBER))*] _RPAR

_AND.3: /and(?![\w.])/i
LIKE.3: /i?like(?![\w.])/i
NOT.3: /not(?![\w.])/i
IN.3: /in(?![\w.])/i
OPERATOR: /!=|<=|>=|=|<|>/
KEY: /(?:\w+\.)?(?:`[^`]*`|"[^"]*")|[^\s=!<>'"`(),]+/
STRING: /'(?:''|\\'|[^'])*'|"(?:""|\\"|[^"])*"/s
NUMBER.2: /-?[0-9]+(?:\.[0-9]+)?(?![\w.])/
WORD: /(?!(?:true|false|null)(?![\w.]))[^\s=!<>'"`(),]+/i
_LPAR: "("
_RPAR: ")"
_COMMA: ","
%ignore /\s+/
"""


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition.

    Attributes:
        key: The name of an attribute, or of a tag.
        is_tag: Whether it is a tag.
        operator: `=`, `!=`, `<`, `<=`, `>`, `>=`, `LIKE`, `ILIKE`, `IN` or `NOT IN`.
        value: A text or a number; several texts for IN.
    """

    key: str
    is_tag: bool
    operator: str
    value: str | int | float | tuple[str, ...]


def parse(text: str | None) -> tuple[Condition, ...]:
    """Returns the conditions of a text, none for a blank one. Raises `FilterError`."""
    if not text or not text.strip():
        return ()
    if len(text) > MAX_LENGTH:
        raise FilterError(f"The filter has {len(text)} characters; at most {MAX_LENGTH} are read.")
    if "\0" in text:
        raise FilterError("The filter holds a NUL character; no stored text can hold one.")
    try:
        found: tuple[Condition, ...] = _reader().parse(text)  # type: ignore[assignment]  # the transformer makes it
    except UnexpectedCharacters as error:
        raise _invalid(text, error.pos_in_stream or 0) from None
    except UnexpectedToken as error:
        if error.token.type != "$END" and {"_COMMA", "_RPAR"} & {*error.expected, *(error.accepts or ())}:
            raise _list_error("expected a non-empty list of string values, but got ill-formed list") from None
        raise _invalid(text, error.token.start_pos or 0) from None
    except VisitError as error:
        raise error.orig_exc from None
    return found


def _invalid(text: str, position: int) -> FilterError:
    shown = text[position : position + _SHOWN] or text[:_SHOWN]
    return FilterError(f"Invalid clause(s) in filter string: {shown}")


def _list_error(what: str) -> FilterError:
    return FilterError(f"While parsing a list in the query, {what}")


def _key(token: Token) -> tuple[str, bool]:
    """Returns the name of a key, and whether it is a tag."""
    word, dot, rest = token.partition(".")
    if not dot or word[:1] in '`"':
        return _without_quotes(token), False
    if word.lower() not in _ENTITY_WORDS:
        raise FilterError(f"Invalid entity type '{word}'. Valid entity types are ('attribute', 'tag', 'tags')")
    return _without_quotes(rest), word.lower() in _TAG_WORDS


def _without_quotes(text: str) -> str:
    is_quoted = len(text) > 1 and text[0] == text[-1] and text[0] in '`"'
    return text[1:-1] if is_quoted else text


def _value(token: Token) -> str | int | float:
    match token.type:
        case "STRING":
            return token[1:-1]
        case "NUMBER":
            return float(token) if "." in token else int(token)
    raise FilterError(
        f"Parameter value is either not quoted or unidentified quote types used for string value {token[:_SHOWN]}. "
        "Use either single or double quotes."
    )


@v_args(inline=True)
class _Conditions(Transformer[Token, tuple[Condition, ...]]):
    """One method for each rule of the grammar; the parser calls it when it has read the rule."""

    def start(self, *conditions: Condition) -> tuple[Condition, ...]:
        return conditions

    def comparison(self, key: Token, operator: Token, value: str | float) -> Condition:
        return Condition(*_key(key), operator.upper(), value)

    def membership(self, key: Token, _: Token, values: tuple[str, ...]) -> Condition:
        return Condition(*_key(key), "IN", values)

    def exclusion(self, key: Token, _: Token, __: Token, values: tuple[str, ...]) -> Condition:
        return Condition(*_key(key), "NOT IN", values)

    def value(self, token: Token) -> str | int | float:
        return _value(token)

    def list(self, *tokens: Token | None) -> tuple[str, ...]:
        return _texts([token for token in tokens if token is not None])


def _texts(tokens: Sequence[Token]) -> tuple[str, ...]:
    if not tokens:
        raise _list_error("expected a non-empty list of string values, but got empty list")
    if any(token.type != "STRING" for token in tokens):
        raise _list_error("expected string value, punctuation, or whitespace, but got different type in list")
    return tuple(token[1:-1] for token in tokens)


@cache
def _reader() -> Lark:
    """The parser. It is built at the first use, which takes some milliseconds. All threads can use it."""
    return Lark(GRAMMAR, parser="lalr", lexer="contextual", transformer=_Conditions())
