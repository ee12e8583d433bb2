"""The form that creates one entity from a few fields, on its own or below a parent."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from model_registry_client.entity import Entity
from starlette.responses import Response

from model_registry_ui.api import ApiError
from model_registry_ui.backend import Unreachable
from model_registry_ui.forms.failures import Failure, failure
from model_registry_ui.forms.fields import FormField, Rules, read, with_limits
from model_registry_ui.forms.permission import require_change
from model_registry_ui.forms.sent import Sent
from model_registry_ui.forms.shown import shown_fields
from model_registry_ui.forms.simple import NO_FAILURE, SimpleForm, render
from model_registry_ui.notices import Notice, Said
from model_registry_ui.page_request import Crumb, PageRequest

E = TypeVar("E", bound=Entity)
_UNPROCESSABLE = 422


@dataclass(frozen=True, slots=True)
class EntityPlace:
    """Where the new entity belongs.

    Attributes:
        way: The steps to its page.
        back: The address that "Cancel" leads to.
        parent_id: The id of the entity that it belongs to; empty without one. The store puts it before the name.
        values: Values of the new entity that are not typed, by name in the API.
        typed: Texts that stand in the fields at first, by name in the form.
        notes: Sentences above the fields.
    """

    way: Sequence[Crumb]
    back: str
    parent_id: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    notes: Sequence[str] = ()
    typed: Mapping[str, str] = field(default_factory=dict)

    @property
    def prefix(self) -> int:
        """The bytes that the store puts before the name."""
        return len(f"{self.parent_id}:") if self.parent_id else 0


@dataclass(frozen=True, slots=True)
class Creator(Generic[E]):
    """The form for a new entity of a kind.

    Attributes:
        kind: The class of the entity.
        one: What it is, for sentences: "experiment".
        schema: The name of the schema with the rules of its fields.
        fields: The fields.
        page: The name of the page of an entity of this kind.
        section: The entry in the navigation that it belongs to.
        place: Loads where it belongs.
        required: The names of fields that must have a value, also where the server has no document.
        body: Makes the body of the create of what was typed and the values of the place.
    """

    kind: type[E]
    one: str
    schema: str
    fields: Sequence[FormField]
    page: str
    section: str
    place: Callable[[PageRequest], Awaitable[EntityPlace]]
    required: Sequence[str] = ("name",)
    body: Callable[[Mapping[str, Any], Mapping[str, Any]], dict[str, Any]] = lambda typed, values: {**typed, **values}


async def show(page: PageRequest, creator: Creator[Any]) -> Response:
    """The empty form; raises `ApiError` for users who may not create anything."""
    await require_change(page)
    place = await creator.place(page)
    return await _form(page, creator, place, place.typed)


async def create(page: PageRequest, creator: Creator[Any]) -> Response:
    """Creates the entity and leads to its page, or shows the form again with what is wrong."""
    sent = Sent(await page.form())
    typed = sent.typed(creator.fields)
    try:
        place = await creator.place(page)
    except Unreachable as error:  # the form is shown all the same, so that nothing typed is lost
        return await _form(page, creator, EntityPlace((), page.here), typed, failure(page, error))
    values = read(creator.fields, typed, {}, await _rules(page, creator), place.prefix)
    if values.errors:
        return await _form(page, creator, place, typed, Failure(_UNPROCESSABLE, errors=dict(values.errors)))
    body = {name: value for name, value in values.values.items() if value is not None}
    try:
        made = (await page.api.create(creator.kind, creator.body(body, place.values))).entity
    except (ApiError, Unreachable) as error:
        failed = failure(page, error, creator.fields)
        links = await _taken(page, creator, place, typed, failed) if failed.is_taken else ()
        return await _form(page, creator, place, typed, failed, links)
    return page.redirect(page.url(creator.page, made.id), Notice(Said.CREATED))


async def _taken(
    page: PageRequest, creator: Creator[Any], place: EntityPlace, typed: Mapping[str, str], failed: Failure
) -> Sequence[tuple[str, str]]:
    """Words and address of what has the name or the external id already, if the user may see it."""
    by_external_id = {"externalId": typed.get("externalId", "")}
    by_name = {"name": typed.get("name", ""), "parentResourceId": place.parent_id}
    try:
        found = (
            await page.api.find(creator.kind, **(by_external_id if "externalId" in failed.errors else by_name))
        ).entity
    except (ApiError, Unreachable):
        return ()
    return ((f"Show the {creator.one} {found.name}", page.url(creator.page, found.id)),)


async def _rules(page: PageRequest, creator: Creator[Any]) -> Rules:
    return with_limits(await page.documents.rules(page.api, creator.schema), creator.required)


async def _form(
    page: PageRequest,
    creator: Creator[Any],
    place: EntityPlace,
    typed: Mapping[str, str],
    failed: Failure = NO_FAILURE,
    links: Sequence[tuple[str, str]] = (),
) -> Response:
    fields = shown_fields(creator.fields, typed, await _rules(page, creator), failed.errors, place.prefix)
    form = SimpleForm(
        heading=f"New {creator.one}",
        button="Create",
        back=place.back,
        way=place.way,
        fields=fields,
        notes=place.notes,
        failed=failed,
        links=links,
        section=creator.section,
    )
    return await render(page, form)
