"""Whether a name is free, for forms that ask while one types: one call of the API."""

from typing import Any

from model_registry_client.entities import ModelVersion, RegisteredModel
from starlette.responses import Response

from model_registry_ui.api import ApiError
from model_registry_ui.page_request import PageRequest


async def model(page: PageRequest) -> Response:
    """Whether a model of this name exists; the parameter is `name`."""
    return await _answer(page, RegisteredModel, "model", "A model")


async def version(page: PageRequest) -> Response:
    """Whether the model in the address has a version of this name."""
    return await _answer(page, ModelVersion, "version", "A version", parentResourceId=page.id)


async def _answer(page: PageRequest, kind: type[Any], page_name: str, words: str, **parent: str) -> Response:
    name = page.parameter("name")
    found = None
    if name:
        try:
            found = (await page.api.find(kind, name=name, **parent)).entity
        except ApiError as error:
            if not error.is_missing:
                raise
    address = page.url(page_name, found.id) if found else ""
    context = {"name": name, "words": words, "address": address, "is_known": found is not None}
    return await page.render("name_check.html", "Is this name free?", context, section="models")
