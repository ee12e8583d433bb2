"""Compares versions, or runs, side by side. The first one is the base; the address holds everything."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response, StreamingResponse

from model_registry_ui import csv_export
from model_registry_ui.experiments import comparison
from model_registry_ui.experiments.comparison import LEAST, MOST, Part, Section
from model_registry_ui.page_request import Crumb, PageRequest

Parameters = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Compared:
    """What was loaded for a comparison.

    Attributes:
        entities: The entities, in the order of the ids; those that do not exist are left out.
        parents: The name of what each one belongs to, which sets two of one name apart; empty if it is not known.
        sections: The rows.
        notes: What is missing, in words.
        metrics: Metrics of which curves can be drawn.
        metric: The one that is drawn unless the address names another; empty if none has a history.
    """

    entities: Sequence[Any] = ()
    parents: Sequence[str] = ()
    sections: Sequence[Section] = ()
    notes: Sequence[str] = ()
    metrics: Sequence[str] = ()
    metric: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of entities that can be compared.

    Attributes:
        title: The heading of the page.
        many: What is compared, in words.
        name: The name of the page.
        entity_page: The name of the page of one entity.
        list_page: The name of the list that they are chosen from.
        section: The entry of the navigation.
        load: Loads entities with these ids.
    """

    title: str
    many: str
    name: str
    entity_page: str
    list_page: str
    section: str
    load: Callable[[PageRequest, Sequence[str]], Awaitable[Compared]]


@dataclass(frozen=True, slots=True)
class Head:
    """The heading of a column, with the addresses that move it; an empty one where that is impossible."""

    entity: Any
    parent: str
    url: str
    left_url: str
    right_url: str
    base_url: str
    remove_url: str

    @property
    def words(self) -> str:
        """The name with that of the parent."""
        return f"{self.entity.name} of {self.parent}" if self.parent else str(self.entity.name)


async def show(page: PageRequest, kind: Kind, more: Mapping[str, Any] | None = None) -> Response:
    """The page of a comparison. `more` are names that the template uses in addition."""
    given = comparison.chosen_ids(value for name, value in page.parameters if name == "id")
    ids = given[:MOST]
    loaded = await kind.load(page, ids) if len(ids) >= LEAST else Compared()
    rows = comparison.count_of(loaded.sections)
    only = page.parameter("only") or ("1" if rows > comparison.MOST_ROWS_WITHOUT_CHOICE else "0")
    heads = [_head(page, kind, loaded, index) for index in range(len(loaded.entities))]
    shown = await asyncio.to_thread(_shown, loaded, find=page.parameter("find").strip(), is_short=only == "1")
    markdown = await asyncio.to_thread(comparison.as_markdown, [one.words for one in heads], shown.part.sections)
    shown_ids = [one.id for one in loaded.entities]
    metric = page.parameter("metric") or loaded.metric
    context = {
        "kind": kind,
        "metric": metric,
        "curves_url": address(page, kind, shown_ids, metric=metric, curves="1"),
        "heads": heads,
        "sections": shown.part.sections,
        "part": shown.part,
        "find": page.parameter("find"),
        "can_find": rows > comparison.MOST_ROWS_WITHOUT_FILTER,
        "kept": [(name, value) for name, value in page.parameters if name not in {"find", "id"}],
        "notes": [*_notes(kind, given, shown_ids), *loaded.notes],
        "is_short": only == "1",
        "hidden_rows": shown.equal,
        "only_url": address(page, kind, shown_ids, only="0" if only == "1" else "1"),
        "csv_url": page.url(f"{kind.name}_csv", "", [("id", id_) for id_ in shown_ids]),
        "markdown": markdown,
        "metrics": loaded.metrics,
        "list_url": page.url(kind.list_page),
        "ids": shown_ids,
        "only": page.parameter("only"),
        **(more or {}),
    }
    crumbs = [Crumb(kind.section.capitalize(), page.url(kind.section))]
    return await page.render("compare.html", kind.title, context, crumbs=crumbs, section=kind.section)


@dataclass(frozen=True, slots=True)
class _Shown:
    """The part that is shown, and how many rows are left out since they are equal."""

    part: Part
    equal: int


def _shown(loaded: Compared, *, find: str, is_short: bool) -> _Shown:
    sections = comparison.only_differing(loaded.sections) if is_short else loaded.sections
    return _Shown(comparison.part(sections, find), comparison.count_of(loaded.sections) - comparison.count_of(sections))


async def export(page: PageRequest, kind: Kind) -> Response:
    """The whole comparison as CSV."""
    ids = comparison.chosen_ids(value for name, value in page.parameters if name == "id")[:MOST]
    loaded = await kind.load(page, ids) if ids else Compared()
    heads = [_head(page, kind, loaded, index).words for index in range(len(loaded.entities))]

    async def pages() -> AsyncIterator[list[list[str | float]]]:
        yield await asyncio.to_thread(comparison.as_rows, loaded.sections)

    return StreamingResponse(
        csv_export.lines(["section", "name", *heads], pages()),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": csv_export.disposition(kind.name)},
    )


def address(page: PageRequest, kind: Kind, ids: Sequence[str], **changes: str) -> str:
    """Returns the address of a comparison of these ids with the settings of this one, some of them changed."""
    kept = {name: value for name, value in page.parameters if name != "id"}
    parameters: Parameters = [("id", id_) for id_ in ids]
    return page.url(kind.name, "", [*parameters, *{**kept, **changes}.items()])


def _head(page: PageRequest, kind: Kind, loaded: Compared, index: int) -> Head:
    ids = [one.id for one in loaded.entities]
    entity = loaded.entities[index]

    def moved(to: int) -> str:
        return address(page, kind, comparison.reordered(ids, entity.id, to)) if 0 <= to < len(ids) else ""

    return Head(
        entity,
        loaded.parents[index],
        page.url(kind.entity_page, entity.id),
        left_url=moved(index - 1),
        right_url=moved(index + 1),
        base_url=moved(0) if index else "",
        remove_url=address(page, kind, [id_ for id_ in ids if id_ != entity.id]) if len(ids) > LEAST else "",
    )


def _notes(kind: Kind, given: Sequence[str], found: Sequence[str]) -> list[str]:
    notes = []
    if len(given) < LEAST:
        notes.append(f"Choose between {LEAST} and {MOST} {kind.many} to compare.")
    if len(given) > MOST:
        notes.append(f"At most {MOST} {kind.many} can be compared: these are the first {MOST}.")
    if len(given) >= LEAST and (missing := [id_ for id_ in given[:MOST] if id_ not in found]):
        notes.append(f"There are no {kind.many} with these ids, or they are not shown to you: {', '.join(missing)}.")
    return notes
