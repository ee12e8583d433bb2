"""What the list of the catalog shows: a search, conditions, an order and a place, from the URL and to it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from model_registry_ui import filter_language as language
from model_registry_ui.filter_language import Token
from model_registry_ui.query import PAGE_SIZES

FACETS: Mapping[str, tuple[str, str]] = {
    "source": ("Source", "source_id"),
    "provider": ("Provider", "provider"),
    "task": ("Task", "tasks"),
    "license": ("License", "license"),
    "language": ("Language", "language"),
    "library": ("Library", "library_name"),
    "maturity": ("Maturity", "maturity"),
}
"""The conditions that can be chosen, by their names in the URL: the title, and the field of the filter language."""
RELEVANCE = "relevance"
ORDERS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "name": ("Name", {"orderBy": "NAME"}),
    "accuracy": ("Accuracy", {"orderBy": "ACCURACY", "sortOrder": "DESC"}),
    RELEVANCE: ("Relevance", {"orderBy": "RELEVANCE"}),
    "updated": ("Last update", {"orderBy": "LAST_UPDATE_TIME", "sortOrder": "DESC"}),
}
"""The orders by their names in the URL: the words, and the parameters of the API."""


@dataclass(frozen=True, slots=True)
class CatalogQuery:
    """What the list shows.

    Attributes:
        text: The words that are searched.
        chosen: The values of conditions, by the keys of `FACETS`.
        raw: A query of the filter language. It replaces the conditions.
        order: A key of `ORDERS`, as the URL says it; empty for the usual one.
        page_size: The number of rows.
        after: The token of the page; empty for the first one.
    """

    text: str = ""
    chosen: Mapping[str, str] = field(default_factory=dict)
    raw: str = ""
    order: str = ""
    page_size: int = 50
    after: str = ""

    @classmethod
    def from_url(cls, pairs: Iterable[tuple[str, str]], page_size: int) -> "CatalogQuery":
        """Reads the parameters of a URL. `page_size` is the usual one. What makes no sense is left out."""
        given = dict(pairs)
        size = given.get("size", "")
        return cls(
            text=given.get("q", "").strip(),
            chosen={name: given[name] for name in FACETS if given.get(name)},
            raw=given.get("query", ""),
            order=order if (order := given.get("sort", "")) in ORDERS else "",
            page_size=int(size) if size in map(str, PAGE_SIZES) else page_size,
            after=given.get("after", ""),
        )

    @property
    def shown_order(self) -> str:
        """The key of the order that counts. Without words to search, nothing is more relevant than anything else."""
        if self.order in ("", RELEVANCE):
            return RELEVANCE if self.text else "name"
        return self.order

    def filter_query(self) -> str:
        """Returns the query of the filter language; an empty text without conditions."""
        conditions = [f"{FACETS[name][1]} = {language.text(value)}" for name, value in self.chosen.items()]
        return self.raw.strip() or " AND ".join(conditions)

    def api_parameters(self) -> dict[str, str]:
        """Returns the parameters of the list in the API."""
        return {
            "q": self.text,
            "filterQuery": self.filter_query(),
            "pageSize": str(self.page_size),
            "nextPageToken": self.after,
            **ORDERS[self.shown_order][1],
        }

    def pairs(self, usual_size: int) -> Iterator[tuple[str, str]]:
        """Yields the parameters of the URL, without empty ones."""
        size = "" if self.page_size == usual_size else str(self.page_size)
        named = {
            "q": self.text,
            **self.chosen,
            "query": self.raw,
            "sort": self.order,
            "size": size,
            "after": self.after,
        }
        yield from ((name, value) for name, value in named.items() if value)

    def to_url(self, usual_size: int) -> str:
        """Returns the query string of the URL; `from_url` reads it again."""
        return urlencode(list(self.pairs(usual_size)))

    def changed(self, **changes: Any) -> "CatalogQuery":
        """Returns it with other values, from the first page on unless `after` is one of them."""
        return replace(self, **{"after": "", **changes})

    def without(self, name: str) -> "CatalogQuery":
        """Returns it without one of the conditions."""
        return self.changed(chosen={key: value for key, value in self.chosen.items() if key != name})


def conditions_of(query: str) -> dict[str, str] | None:
    """Returns the conditions that can be chosen and that say the same as a query; `None` if they cannot say it."""
    found = language.tokens(query)
    keys = {name: key for key, (_, name) in FACETS.items()}
    chosen: dict[str, str] = {}
    for term in language.terms(found or []):
        match term:
            case [Token("name", name), Token("sign", "="), Token("text", value)] if name in keys and value:
                if keys[name] in chosen:
                    return None
                chosen[keys[name]] = value
            case _:
                return None
    return chosen


def as_query(conditions: Mapping[str, Mapping[str, Any]]) -> str:
    """Returns a named query of the catalog, which has an operator and a value by field, as a query of the filter language."""
    return " AND ".join(
        f"{_name(name)} {given.get('operator', '=')} {_literal(given.get('value'))}"
        for name, given in conditions.items()
    )


def _name(name: str) -> str:
    return ".".join(part if part.isidentifier() and part.isascii() else _quoted(part) for part in name.split("."))


def _quoted(part: str) -> str:
    return "`{}`".format(part.replace("\\", "\\\\").replace("`", "\\`"))


def _literal(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"({', '.join(map(_literal, value))})"
    return language.text(str(value))
