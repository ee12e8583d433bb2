"""The facts of one entity, for the side of its page: a table of rows, of which those without a value are left out."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from model_registry_ui.page_request import PageRequest


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact.

    Attributes:
        title: What it is.
        cell: The macro of `parts/cells.html` that shows the value.
        value: Reads the value from an entity and what is related to it.
    """

    title: str
    cell: str
    value: Callable[[Any, Mapping[str, Any]], Any]


@dataclass(frozen=True, slots=True)
class Shown:
    """A fact with its value."""

    title: str
    cell: str
    value: Any


def facts(declared: Sequence[Fact], entity: Any, related: Mapping[str, Any] | None = None) -> Iterator[Shown]:
    """Yields the facts of an entity that have a value."""
    for fact in declared:
        value = fact.value(entity, related or {})
        if value not in (None, "", [], ()):
            yield Shown(fact.title, fact.cell, value)


def link_by_name(page: PageRequest, leads: str, **names: str | None) -> list[Shown]:
    """Returns the fact with the link to this page by names, which needs no id; none where a name is not known.

    Args:
        page: The request.
        leads: The name of the page that leads on, such as `named_models`.
        names: Its parameters.
    """
    known = {key: value for key, value in names.items() if value}
    if len(known) < len(names) or leads not in page.addresses:
        return []
    return [Shown("By name", "named", page.url(leads, "", known))]


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab of an entity's page. Each one is a page of its own."""

    words: str
    url: str
    is_current: bool


_OF_EXTENSIONS = {"model_aliases"}
"""Pages that a server without extensions has nothing for."""


def tabs(page: PageRequest, declared: Sequence[tuple[str, str]], id_: str, current: str) -> list[Tab]:
    """Returns the tabs that exist.

    Args:
        page: The request.
        declared: Pairs of words and the name of a page.
        id_: The id of the entity.
        current: The name of the page that is shown.
    """
    return [
        Tab(words, page.url(name, id_), name == current)
        for words, name in declared
        if name in page.addresses and (name not in _OF_EXTENSIONS or page.api.may_have_extensions)
    ]


async def actions(
    page: PageRequest, declared: Sequence[tuple[str, str]], id_: str = "", model_id: str = ""
) -> list[tuple[str, str]]:
    """Returns words and address of each action that exists and that the user may take; the first is the main one.

    Args:
        page: The request.
        declared: Pairs of words and the name of a page.
        id_: The id of the entity.
        model_id: The id of the model that it belongs to, whose rules count; empty without one.
    """
    if not await page.may_change(model_id):
        return []
    return [(words, page.url(name, id_)) for words, name in declared if name in page.addresses]


def state_action(page: str, entity: Any) -> Sequence[tuple[str, str]]:
    """Returns the action that archives or restores an entity: its words, and the name of the page for this kind of entity."""
    is_archived = entity.state is not None and entity.state.value == "ARCHIVED"
    return (("Restore", f"{page}_restore"),) if is_archived else (("Archive", f"{page}_archive"),)
