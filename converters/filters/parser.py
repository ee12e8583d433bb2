"""Parses the text to a tree: the limits, the LALR parser, and the node for each rule of the grammar."""

import re
from collections.abc import Iterable, Iterator
from functools import cache

from lark import Lark, Token, Transformer, UnexpectedCharacters, UnexpectedToken, v_args
from lark.lark import PostLex

from converters.filters.complaints import at, complain, early_end, strange_character, strange_token
from converters.filters.grammar import GRAMMAR
from converters.filters.literals import read_decimal, read_path, read_text, read_whole
from converters.filters.tree import And, Comparison, In, IsNull, Like, Node, Operator, Or, Value, negate

MAX_LENGTH = 8192
MAX_NESTING = 100
_NOTHING = re.compile(r"(?:[ \t\r\n\f]++|--[^\n]*+)*+")


def parse(text: str) -> Node | None:
    """Returns the tree of a filterQuery; None for blanks and comments only.

    Raises `FilterError` for a text that is not valid, longer than 8192 characters, or with more than 100 nested parentheses.
    """
    if len(text) > MAX_LENGTH:
        raise complain(f"the text has {len(text)} characters; at most {MAX_LENGTH} are read")
    if "\0" in text:
        raise complain(f"a NUL character at {at(text, text.index(chr(0)))}; no stored text can hold one")
    if _NOTHING.fullmatch(text):
        return None
    try:
        return _reader().parse(text)  # type: ignore[return-value]  # the transformer below makes a Node of it
    except UnexpectedCharacters as error:
        raise strange_character(text, error.pos_in_stream or 0) from None
    except UnexpectedToken as error:
        expected = set(error.accepts or error.expected)
        if error.token.type == "$END":
            raise early_end(text, _open_parenthesis(text), expected) from None
        raise strange_token(text, error.token.start_pos or 0, str(error.token), expected) from None


def _open_parenthesis(text: str) -> int | None:
    opened: list[int] = []
    for token in _reader().lex(text):
        if token.type == "_LPAR":
            opened.append(token.start_pos or 0)
        elif token.type == "_RPAR" and opened:
            opened.pop()
    return opened[-1] if opened else None


def _where(token: Token) -> str:
    column = f"column {token.column}"
    return f"line {token.line}, {column}" if token.line and token.line > 1 else column


class _NestingLimit(PostLex):
    """Limits the nesting of parentheses: the tree is read by recursion, which has a limit."""

    always_accept: Iterable[str] = ()

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        depth = 0
        for token in stream:
            depth += {"_LPAR": 1, "_RPAR": -1}.get(token.type, 0)
            if depth > MAX_NESTING:
                raise complain(f"more than {MAX_NESTING} parentheses inside each other at {_where(token)}")
            yield token


@v_args(inline=True)
class _TreeMaker(Transformer[Token, Node]):
    """One method for each rule of the grammar; the parser calls it when it has read the rule."""

    def disjunction(self, *terms: Node) -> Node:
        return Or(terms)

    def conjunction(self, *terms: Node) -> Node:
        return And(terms)

    def negation(self, _: Token, term: Node) -> Node:
        return negate(term)

    def comparison(self, path: Token, operator: Token, value: Value) -> Node:
        if operator in {"!=", "<>"}:
            return negate(Comparison(read_path(path, _where(path)), Operator.EQUAL, value))
        return Comparison(read_path(path, _where(path)), Operator(operator), value)

    def like(self, path: Token, like: Token, pattern: Value) -> Node:
        return Like(read_path(path, _where(path)), pattern, ignores_case=like.lower() == "ilike")

    def not_like(self, path: Token, _: Token, like: Token, pattern: Value) -> Node:
        return negate(self.like(path, like, pattern))

    def membership(self, path: Token, *values: Value | None) -> Node:
        return In(read_path(path, _where(path)), tuple(value for value in values if value is not None))

    def not_membership(self, path: Token, _: Token, *values: Value | None) -> Node:
        return negate(self.membership(path, *values))

    def is_null(self, path: Token) -> Node:
        return IsNull(read_path(path, _where(path)))

    def is_not_null(self, path: Token, _: Token) -> Node:
        return negate(self.is_null(path))

    def string(self, token: Token) -> Value:
        return Value(read_text(token, _where(token)), _where(token))

    def whole(self, token: Token) -> Value:
        return Value(read_whole(token, _where(token)), _where(token))

    def decimal(self, token: Token) -> Value:
        return Value(read_decimal(token, _where(token)), _where(token))

    def boolean(self, token: Token) -> Value:
        return Value(token.lower() == "true", _where(token))


@cache
def _reader() -> Lark:
    """The parser. It is built at the first use, which takes some milliseconds. All threads can use it."""
    return Lark(GRAMMAR, parser="lalr", lexer="basic", transformer=_TreeMaker(), postlex=_NestingLimit())
