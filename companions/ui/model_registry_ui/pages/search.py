"""Search: one field for names, ids, external ids, addresses of files, and queries. A certain hit leads straight to its page."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from model_registry_client.entities import (
    Artifact,
    Experiment,
    ExperimentRun,
    InferenceService,
    ModelVersion,
    RegisteredModel,
    ServingEnvironment,
)
from model_registry_client.entity import Entity
from starlette.responses import Response

from model_registry_ui.api import ApiError, EntityPage
from model_registry_ui.carets import caret_below
from model_registry_ui.catalog.searching import found_models
from model_registry_ui.filter_language import containing, text, tokens
from model_registry_ui.page_request import CATALOG, PageRequest

EACH = 5
"""Rows that are shown of each kind."""
_BAD_REQUEST = 400
_ID = re.compile(r"id:\s*([0-9]{1,19})", re.ASCII | re.IGNORECASE)
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://\S+")
_BEGUN_QUERY = re.compile(r"(?:[=<>]|\bI?LIKE|\bIN\s*\()\s*[\"']", re.IGNORECASE)
"""Signs of a query in a text that is none, such as one with an open quote."""
_LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind that is searched.

    Attributes:
        entity: The class.
        title: Its plural.
        page: The name of the page of one. Without that page, the kind is not searched.
        list: The name of the page of all.
        parent: The class of the parent, whose name is shown with a row.
        parent_field: The field with the id of the parent.
    """

    entity: type[Entity]
    title: str
    page: str
    list: str
    parent: type[Entity] | None = None
    parent_field: str = ""


KINDS = (
    Kind(RegisteredModel, "Models", "model", "models"),
    Kind(ModelVersion, "Versions", "version", "versions", RegisteredModel, "registered_model_id"),
    Kind(Artifact, "Artifacts", "artifact", "artifacts"),
    Kind(Experiment, "Experiments", "experiment", "experiments"),
    Kind(ExperimentRun, "Runs", "run", "runs", Experiment, "experiment_id"),
    Kind(InferenceService, "Deployments", "deployment", "deployments", RegisteredModel, "registered_model_id"),
    Kind(ServingEnvironment, "Environments", "environment", "environments"),
)
_OF_EXPERIMENTS = (Experiment, ExperimentRun)


@dataclass(frozen=True, slots=True)
class Question:
    """What was typed, as a query. `is_exact`: one hit leads straight to its page. `list_parameter` opens whole lists by it.

    `id` is the id that was asked for, if one was.
    """

    query: str
    is_exact: bool = False
    id: str = ""
    list_parameter: str = "query"
    kinds: tuple[type[Entity], ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """A row of the results."""

    entity: Any
    url: str
    parent: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """The hits of a kind. `all_url` shows the whole list."""

    title: str
    hits: Sequence[Hit]
    has_more: bool
    all_url: str


def read(typed: str) -> Question:
    """Returns what a typed text asks for: an id, an address of files, a query, or a part of a name."""
    if found := _ID.fullmatch(typed):
        return Question(f"id = {found[1]}", is_exact=True, id=found[1])
    if _URI.fullmatch(typed):
        return Question(f"uri = {text(typed)}", is_exact=True, kinds=(Artifact,))
    signs = tokens(typed)
    if signs is None and _BEGUN_QUERY.search(typed):
        return Question(typed)
    signs = signs or []
    if any(one.kind == "sign" and one.content not in "()," for one in signs) or any(
        one.kind == "word" and one.content in {"LIKE", "ILIKE", "IS", "IN"} for one in signs
    ):
        return Question(typed)
    return Question(f"name ILIKE {containing(typed)} OR externalId = {text(typed)}", list_parameter="q")


async def show(page: PageRequest) -> Response:
    """The results of a search."""
    typed = page.parameter("q").strip()[:_LONGEST]
    groups: list[Group] = []
    problem = id_ = ""
    if typed:
        question = read(typed)
        kinds = [kind for kind in KINDS if kind.page in page.addresses and kind.entity in (question.kinds or _all())]
        if not await page.api.has_experiments():
            kinds = [kind for kind in kinds if kind.entity not in _OF_EXPERIMENTS]
        of_registry = asyncio.gather(*(_ask(page, kind, question.query) for kind in kinds))
        found, of_catalog = await asyncio.gather(of_registry, _of_catalog(page, question, typed))
        problem, id_ = _problem(found), question.id
        groups = await _groups(page, list(zip(kinds, found, strict=True)), question, typed)
        if certain := _certain(groups, question, typed):
            return page.redirect(certain)
        groups += of_catalog
    context = {"typed": typed, "groups": groups, "problem": problem, "id": id_, "caret": caret_below(typed, problem)}
    return await page.render("search.html", "Search", context)


async def _of_catalog(page: PageRequest, question: Question, typed: str) -> list[Group]:
    """The models of the catalog, for words: ids, addresses and queries mean entities of the registry."""
    if question.list_parameter != "q":
        return []
    found, has_more = await found_models(page, typed, EACH)
    hits = [Hit(one, one.url, one.source) for one in found]
    return [Group("Models of the catalog", hits, has_more, page.url(CATALOG, "", {"q": typed}))] if hits else []


def _all() -> tuple[type[Entity], ...]:
    return tuple(kind.entity for kind in KINDS)


async def _ask(page: PageRequest, kind: Kind, query: str) -> EntityPage[Any] | str:
    """The newest hits of a kind, or why the kind refuses the query."""
    try:
        return await page.api.page(
            kind.entity, filterQuery=query, pageSize=str(EACH), orderBy="LAST_UPDATE_TIME", sortOrder="DESC"
        )
    except ApiError as error:
        if error.status != _BAD_REQUEST:
            raise
        return error.message


def _problem(found: Sequence[EntityPage[Any] | str]) -> str:
    """The first refusal, if every kind refuses: a field that only some kinds have is no problem."""
    refusals = [one for one in found if isinstance(one, str)]
    return refusals[0] if refusals and len(refusals) == len(found) else ""


async def _groups(
    page: PageRequest, found: Sequence[tuple[Kind, EntityPage[Any] | str]], question: Question, typed: str
) -> list[Group]:
    answered = [(kind, rows) for kind, rows in found if not isinstance(rows, str) and rows.items]
    parents = await _parents(page, answered)
    written = {"state": "all", question.list_parameter: typed if question.list_parameter == "q" else question.query}
    return [
        Group(
            kind.title,
            [
                Hit(
                    one,
                    page.url(kind.page, one.id),
                    parents.get((kind.parent, _parent_id(kind, one)), ""),
                    getattr(one, "uri", None) or "",
                )
                for one in rows.items
            ],
            bool(rows.next_token),
            page.url(kind.list, parameters=written),
        )
        for kind, rows in answered
    ]


async def _parents(
    page: PageRequest, found: Sequence[tuple[Kind, EntityPage[Any]]]
) -> Mapping[tuple[type[Entity] | None, str], str]:
    """The names of parents: one call for each kind of parent."""
    wanted: dict[type[Entity], set[str]] = {}
    for kind, rows in found:
        if kind.parent:
            wanted.setdefault(kind.parent, set()).update(_parent_id(kind, one) for one in rows.items)
    named = await asyncio.gather(*(page.api.named(kind, ids) for kind, ids in wanted.items()))
    return {
        (kind, id_): entity.name
        for kind, entities in zip(wanted, named, strict=True)
        for id_, entity in entities.items()
    }


def _parent_id(kind: Kind, entity: Any) -> str:
    return getattr(entity, kind.parent_field) if kind.parent_field else ""


def _certain(groups: Sequence[Group], question: Question, typed: str) -> str:
    """The address of the one hit that must be meant; an empty text if there are several, or if it only looks alike."""
    hits = [hit for group in groups for hit in group.hits]
    if len(hits) != 1:
        return ""
    is_exact = question.is_exact or typed == (hits[0].entity.external_id or "")
    return hits[0].url if is_exact else ""
