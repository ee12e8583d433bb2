"""A form without a merge: a few fields, one button. Names of what exists are suggested, and typed or chosen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from model_registry_client.entity import Entity
from starlette.responses import Response

from model_registry_ui.api import Api, ApiError
from model_registry_ui.forms.failures import Failure
from model_registry_ui.forms.shown import ShownField, mistakes
from model_registry_ui.page_request import Crumb, PageRequest

MOST_SUGGESTED = 200
NO_FAILURE = Failure(200)
E = TypeVar("E", bound=Entity)


@dataclass(frozen=True, slots=True)
class SimpleForm:
    """A form for its template.

    Attributes:
        heading: What it does.
        button: The words of its button.
        back: The address that "Cancel" leads to.
        way: The steps to the page.
        fields: Its fields.
        suggested: Names that exist, by the name of the field in the form.
        hidden: Fields that travel through the form unchanged.
        notes: Sentences above the fields.
        warning: A sentence that users must not miss; empty without one.
        tick: The name, the words and the state of a box to tick; empty without one.
        tick_of: The name of the field that the box stands below; empty for the end of the form.
        failed: What was wrong when it was sent.
        links: Words and addresses that help after a failure.
        section: The entry in the navigation that it belongs to.
    """

    heading: str
    button: str
    back: str
    way: Sequence[Crumb]
    fields: Sequence[ShownField] = ()
    suggested: Mapping[str, Sequence[str]] = field(default_factory=dict)
    hidden: Mapping[str, str] = field(default_factory=dict)
    notes: Sequence[str] = ()
    warning: str = ""
    tick: Sequence[Any] = ()
    tick_of: str = ""
    failed: Failure = NO_FAILURE
    links: Sequence[tuple[str, str]] = ()
    section: str = "deployments"


async def render(page: PageRequest, form: SimpleForm) -> Response:
    """Returns the page of a form."""
    context = {"form_": form, "action": page.here.partition("?")[0], "mistakes": list(mistakes(form.fields))}
    return await page.render(
        "simple_form.html", form.heading, context, crumbs=form.way, section=form.section, status=form.failed.status
    )


async def suggestions(api: Api, kind: type[E], path: str = "") -> list[str]:
    """Returns the names of the newest 200 entities of a kind, for a field that takes a name."""
    found = await api.page(kind, path, orderBy="CREATE_TIME", sortOrder="DESC", pageSize=str(MOST_SUGGESTED))
    return [entity.name for entity in found.items if entity.name]


async def find(api: Api, kind: type[E], name: str, parent_id: str = "") -> E | None:
    """Returns the entity with a name, for some kinds below a parent; `None` if there is none, or if it is hidden."""
    try:
        return (await api.find(kind, name=name, parentResourceId=parent_id)).entity
    except ApiError as error:
        if error.is_missing:
            return None
        raise
