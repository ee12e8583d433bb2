"""What a list is asked for, and a page of it."""

from collections.abc import Sequence
from dataclasses import dataclass

NAME, ID, CREATE_TIME, LAST_UPDATE_TIME, ACCURACY = "NAME", "ID", "CREATE_TIME", "LAST_UPDATE_TIME", "ACCURACY"
RELEVANCE = "RELEVANCE"
"""The order of how well `q` fits. Without `q` it is the order by name."""


@dataclass(frozen=True, slots=True)
class Query:
    """What a list is asked for. Equal queries of one table have equal answers.

    Attributes:
        filter: A filterQuery; blanks for none.
        named_query: The name of a named query of this kind of entries, whose conditions hold as well as those of `filter`.
        q: Words that must all stand somewhere in an entry, in any case.
        q_in_readme: Whether `q` looks into the readme too.
        sources: Ids of sources; None for all.
        name: The exact name; None for all.
        part_types: For artifacts: values of `artifactType`, or `metricsType`; None for all.
        order_by: `NAME`, `ID`, `CREATE_TIME`, `LAST_UPDATE_TIME`, `ACCURACY`, `RELEVANCE`, `<property>.<kind>` or
            `artifacts.<property>.<kind>`; an empty text for the usual order of the list.
        descending: Whether the largest comes first. What has no value comes last in both directions.
        page_size: The largest number of items on the page; at least 1.
        token: `next_token` of the page before; an empty text for the first page.
    """

    filter: str = ""
    named_query: str | None = None
    q: str = ""
    q_in_readme: bool = False
    sources: frozenset[str] | None = None
    name: str | None = None
    part_types: frozenset[str] | None = None
    order_by: str = ""
    descending: bool = False
    page_size: int = 10
    token: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list.

    Attributes:
        items: Each as JSON.
        next_token: Where the next page begins; an empty text on the last page.
        rows: The numbers of the rows in their table, for `Table.row`; for parts, their numbers among the parts of their row.
    """

    items: Sequence[bytes]
    next_token: str
    rows: Sequence[int] = ()

    @property
    def size(self) -> int:
        """The number of items."""
        return len(self.items)
