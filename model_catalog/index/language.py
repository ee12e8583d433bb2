"""The texts of filters as trees, and their errors in the words that clients of catalogs look for."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from converters.errors import FilterError
from converters.filters.parser import parse
from converters.filters.tree import Node

from .conditions import with_qualified_names

_KEPT = 1024


@lru_cache(_KEPT)
def parsed(text: str) -> Node | None:
    """The tree of a filterQuery; None for blanks. Raises `FilterError`."""
    with _in_words_of_clients(" syntax"):
        node = parse(text)
    return with_qualified_names(node) if node else None


@contextmanager
def comparing() -> Iterator[None]:
    """Within the block a tree is evaluated; raises its `FilterError` in the words of clients."""
    with _in_words_of_clients(", type mismatch or invalid value in comparison"):
        yield


@contextmanager
def _in_words_of_clients(what: str) -> Iterator[None]:
    try:
        yield
    except FilterError as error:
        raise FilterError(f"invalid filter query{what}: {str(error).removeprefix('filterQuery: ')}") from None
