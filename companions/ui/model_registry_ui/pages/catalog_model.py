"""The page of one model of the catalog: facts, readme, files and measurements."""

import asyncio
from collections.abc import Sequence

from model_registry_client.catalogued import CatalogArtifact, CatalogModel
from starlette.responses import Response

from model_registry_ui.api import ApiError
from model_registry_ui.catalog.addresses import CatalogModelId, place_of
from model_registry_ui.catalog.listing import name_of, sources_of
from model_registry_ui.catalog.loading import artifacts_of, files_of, model_of
from model_registry_ui.catalog.measurements import accuracy, performance
from model_registry_ui.cells import Link, Outside, labels_of, properties_of
from model_registry_ui.facts import Fact, facts
from model_registry_ui.markdown import cards
from model_registry_ui.page_request import CATALOG, Crumb, PageRequest

_MOST_MEASUREMENTS = 50
_MOST_RATE = 2**31 - 1
_ACCURACY = {"filterQuery": 'metricsType = "accuracy-metrics"', "artifactType": "metrics-artifact", "pageSize": "20"}
_BAD_REQUEST = 400
FACTS = (
    Fact("Source", "link", lambda _, related: related["source"]),
    Fact("Provider", "text", lambda model, _: model.provider),
    Fact("License", "text", lambda model, _: model.license if not model.wire.get("licenseLink") else None),
    Fact("License", "outside", lambda model, _: _license(model)),
    Fact("Maturity", "text", lambda model, _: model.maturity),
    Fact("Library", "text", lambda model, _: model.library),
    Fact("Tasks", "words", lambda model, _: model.tasks),
    Fact("Languages", "words", lambda model, _: model.languages),
    Fact("External id", "copy", lambda model, _: model.wire.get("externalId")),
    Fact("Created", "time", lambda model, _: model.wire.get("createTimeSinceEpoch")),
    Fact("Updated", "time", lambda model, _: model.wire.get("lastUpdateTimeSinceEpoch")),
)


def way(page: PageRequest, source: Link) -> list[Crumb]:
    """Returns the way to a model: the catalog, and its source there."""
    return [Crumb("Catalog", page.url("catalog")), Crumb(source.words, source.url)]


async def source_link(page: PageRequest, place: CatalogModelId) -> Link:
    """Returns the name of the source of a model, with the address of its models."""
    name = next((name_of(one) for one in await sources_of(page.api) if one.id == place.source), place.source)
    return Link(name, page.url("catalog", "", {"source": place.source}))


async def show(page: PageRequest) -> Response:
    """The page of a model."""
    place = place_of(page)
    model, files, measured, numbers, source = await asyncio.gather(
        model_of(page.api, place),
        files_of(page.api, place),
        _measured(page, place),
        artifacts_of(page.api, place, **_ACCURACY),
        source_link(page, place),
    )
    measurements, token, problem = measured
    can_register = bool(files) and await page.may_change()
    context = {
        "model": model,
        "place": place,
        "facts": list(facts(FACTS, model, {"source": source})),
        "labels": labels_of(model.custom_properties),
        "properties": properties_of(page, model.custom_properties),
        "tool_properties": properties_of(page, model.custom_properties, of_tools=True),
        "files": [(Outside(one.uri or ""), one, properties_of(page, one.custom_properties)) for one in files],
        "performance": performance(measurements),
        "rate": page.parameter("rps"),
        "is_recommended": bool(page.parameter("recommended")),
        "is_asked": bool(page.parameter("rps") or page.parameter("recommended") or page.parameter("after")),
        "problem": problem,
        "here": page.here.partition("?")[0],
        "hidden": [] if "name" in page.request.path_params else [("source", place.source), ("name", place.name)],
        "next_url": page.here_with("after", token) if token else "",
        "accuracy": list(accuracy(numbers[0])),
        "card": await cards().html(model.readme) if model.readme else None,
        "register_url": page.url("catalog_register", "", place._asdict()) if can_register else "",
    }
    title = model.name or place.name
    return await page.render("catalog_model.html", title, context, crumbs=way(page, source), section=CATALOG)


def _license(model: CatalogModel) -> Outside | None:
    """The licence with the address of its text, if it has one."""
    address = model.wire.get("licenseLink")
    return Outside(model.license or address, address) if address else None


async def _measured(page: PageRequest, place: CatalogModelId) -> tuple[Sequence[CatalogArtifact], str, str]:
    """Measurements of performance, the token of the next page, and why what was asked for cannot be shown."""
    rate, problem = page.parameter("rps").strip(), ""
    if rate and not (
        rate.isascii() and rate.isdecimal() and 0 < len(rate) <= len(str(_MOST_RATE)) and int(rate) <= _MOST_RATE
    ):
        rate, problem = "", "Requests per second must be a whole number."
    asked = {
        "targetRPS": rate,
        "recommendations": "true" if page.parameter("recommended") else "",
        "nextPageToken": page.parameter("after"),
        "pageSize": str(_MOST_MEASUREMENTS),
    }
    try:
        return *await artifacts_of(page.api, place, "/performance", **asked), problem
    except ApiError as error:
        if error.status != _BAD_REQUEST:
            raise
        return [], "", error.message
