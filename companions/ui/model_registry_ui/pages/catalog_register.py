"""Registering a model of the catalog: a model, a version and its files, with the fields that `mr catalog register` writes too."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from model_registry_client.bodies import below, of_new
from model_registry_client.catalogued import CatalogArtifact, CatalogModel
from model_registry_client.entities import Artifact, ModelArtifact, ModelVersion, RegisteredModel
from model_registry_client.errors import InvalidValue
from model_registry_client.from_catalog import registration_of
from model_registry_client.registration import Registration
from starlette.responses import Response

from model_registry_ui.api import ApiError
from model_registry_ui.backend import Unreachable
from model_registry_ui.catalog.addresses import CatalogModelId, place_of, url_of
from model_registry_ui.catalog.loading import files_of, model_of
from model_registry_ui.cells import Link
from model_registry_ui.forms import registration
from model_registry_ui.forms.failures import Failure, failure
from model_registry_ui.forms.fields import FormField
from model_registry_ui.forms.permission import require_change
from model_registry_ui.forms.registration import GROUPS, Made, Plan
from model_registry_ui.forms.sent import Sent
from model_registry_ui.forms.shown import mistakes, shown_fields
from model_registry_ui.notices import Notice, Said
from model_registry_ui.page_request import CATALOG, Crumb, PageRequest
from model_registry_ui.pages.catalog_model import source_link, way
from model_registry_ui.pages.register import NO_FAILURE, found_or_created, rules_of, taken

_UNPROCESSABLE = 422
MODEL: Sequence[FormField] = registration.MODEL[:2]
"""The fields that are asked for: name and owner. The catalog has the others."""
VERSION: Sequence[FormField] = registration.VERSION[:2]
_TYPED = ("model-name", "model-owner", "version-name", "version-author")


@dataclass(frozen=True, slots=True)
class Offer:
    """A model of the catalog that is registered, its files, and its source."""

    place: CatalogModelId
    model: CatalogModel
    files: Sequence[CatalogArtifact]
    source: Link

    @property
    def uris(self) -> list[str]:
        """The different URIs of its files."""
        return list(dict.fromkeys(one.uri for one in self.files if one.uri))


async def show(page: PageRequest) -> Response:
    """The form, filled with what the catalog says."""
    offer = await _offer(page)
    await require_change(page)
    user = (await page.access()).user
    typed = {"model-name": offer.model.name, "model-owner": user, "version-author": user}
    return await _form(page, offer, Plan(typed))


async def change(page: PageRequest) -> Response:
    """Creates what does not exist yet, or shows what is wrong and what exists."""
    sent = Sent(await page.form())
    plan = await page.apart(Plan.of_form, sent)
    plan = replace(plan, typed={name: plan.typed[name] for name in _TYPED}, rows=(), chosen=tuple(sent.all("uri")[:1]))
    offer = await _offer(page)
    read = registration.bodies(plan, await rules_of(page), has_files=False)
    if read.errors:
        return await _form(page, offer, plan, Failure(_UNPROCESSABLE, errors=dict(read.errors)))
    try:
        wanted = _registration(offer, plan)
    except InvalidValue as error:
        return await _form(page, offer, plan, Failure(_UNPROCESSABLE, str(error)))
    step = "model"
    try:
        if plan.model is None:
            plan = replace(plan, model=await found_or_created(page, of_new(RegisteredModel, wanted.model, None)))
        step = "version"
        if plan.model is not None and plan.version is None:
            under = below(ModelVersion, registered_model_id=plan.model.id)
            version = (await page.api.create(ModelVersion, of_new(ModelVersion, wanted.version, under))).entity
            plan = replace(plan, version=Made(version.id, version.name, is_new=True))
        step = "files"
        if plan.model is not None and plan.version is not None:
            name = registration.name_of_files(plan.model, plan.version).get("name")
            body = of_new(ModelArtifact, {**wanted.files, "name": name}, None)
            await page.api.create(Artifact, body, f"{ModelVersion.collection}/{plan.version.id}/artifacts")
    except (ApiError, Unreachable) as error:
        failed = failure(page, error, GROUPS[step])
        links = await taken(page, plan, step) if failed.is_taken else ()
        return await _form(page, offer, plan, failed, links)
    return page.redirect(page.url("version", plan.version.id if plan.version else ""), Notice(Said.CATALOG_REGISTERED))


async def _offer(page: PageRequest) -> Offer:
    place = place_of(page)
    model, files, source = await asyncio.gather(
        model_of(page.api, place), files_of(page.api, place), source_link(page, place)
    )
    return Offer(place, model, files, source)


def _registration(offer: Offer, plan: Plan) -> Registration:
    """What is registered; raises `InvalidValue` for what the registry cannot keep."""
    return registration_of(
        offer.model,
        offer.files,
        version=plan.version.name if plan.version else plan.typed["version-name"],
        name=plan.model.name if plan.model else plan.typed["model-name"],
        uri=next(iter(plan.chosen), None),
        owner=plan.typed["model-owner"] or None,
        author=plan.typed["version-author"] or None,
    )


async def _form(
    page: PageRequest,
    offer: Offer,
    plan: Plan,
    failed: Failure = NO_FAILURE,
    links: Sequence[tuple[str, str]] = (),
) -> Response:
    rules = await rules_of(page)
    prefix = len(f"{plan.model.id}:") if plan.model else 0
    model = [] if plan.model else shown_fields(MODEL, plan.typed, rules["model"], failed.errors)
    version = [] if plan.version else shown_fields(VERSION, plan.typed, rules["version"], failed.errors, prefix)
    url = url_of(page, offer.place)
    context = {
        "action": page.here,
        "back": url,
        "plan": plan,
        "model_fields": model,
        "version_fields": version,
        "uris": offer.uris,
        "chosen": next(iter(plan.chosen), next(iter(offer.uris), "")),
        "failed": failed,
        "mistakes": list(mistakes([*model, *version])),
        "links": links,
    }
    steps = [*way(page, offer.source), Crumb(offer.model.name, url)]
    title = f"Register {offer.model.name}"
    return await page.render(
        "catalog_register.html", title, context, crumbs=steps, here="Register", section=CATALOG, status=failed.status
    )
