"""Text of a catalog never becomes a part of a page: every field of models, files, measurements and sources."""

from typing import Any

import orjson
import pytest
from model_registry_client.custom_properties import to_wire
from model_registry_ui.backend import Answer

from companions.ui.tests.fake_backend import FakeBackend, browsing
from companions.ui.tests.unit.test_hostile_text import CORPUS, Elements

_TEXTS = (
    "description",
    "readme",
    "maturity",
    "provider",
    "logo",
    "license",
    "licenseLink",
    "libraryName",
    "externalId",
)
_OF_SERVERS = (
    "name", "description", "readme", "version", "provider", "license", "license_link", "documentationUrl", "repositoryUrl",
    "sourceCode", "publishedDate", "deploymentMode", "source_id", "logo",
)  # fmt: skip
_FACETS = ("provider", "tasks", "license", "language", "library_name", "maturity")
PATHS = (
    "/ui/catalog",
    "/ui/catalog?query=license+%3D+%22x%22",
    "/ui/catalog/model?source=s&name=n",
    "/ui/catalog/register?source=s&name=n",
    "/ui/catalog/mcp",
    "/ui/catalog/mcp/7",
    "/ui/search?q=n",
)


def answers(text: str) -> dict[str, Any]:
    """What a catalog answers whose every text is this one, by the end of the path."""
    properties = to_wire({"p": text, text: "x", f"{text}label": "", "hardware_type": text})
    model = {**dict.fromkeys(_TEXTS, text), "name": text, "source_id": text, "tasks": [text], "language": [text]}
    files = {"artifactType": "model-artifact", "uri": text, "name": text, "description": text}
    numbers = {"artifactType": "metrics-artifact", "metricsType": "performance-metrics", "name": text}
    rows = [{**one, "customProperties": properties} for one in (files, {**files, "uri": f"{text}2"}, numbers)]
    source = {"id": text, "name": text, "labels": [text], "enabled": True, "error": text}
    tool = {"name": text, "description": text, "accessType": text}
    parameter = {"name": text, "type": text, "required": True, "description": text}
    server = {
        **dict.fromkeys(_OF_SERVERS, text),
        "id": "7",
        "toolCount": 1,
        "transports": [text],
        "tags": [text],
        "endpoints": {text: text},
        "artifacts": [{"uri": text}],
        "customProperties": properties,
    }
    return {
        "/mcp_servers": {"items": [server]},
        "/mcp_servers/7": server,
        "/tools": {"items": [{**tool, "parameters": [parameter]}]},
        "/models": {"items": [{**model, "customProperties": properties}]},
        "/filter_options": {
            "filters": {name: {"type": "string", "values": [text]} for name in _FACETS},
            "namedQueries": {text: {text: {"operator": "=", "value": text}}},
        },
        "/models/n": {**model, "customProperties": properties},
        "/artifacts": {"items": rows},
        "/performance": {"items": rows},
        "/sources": {"items": [{**source, "status": "error"}, {**source, "status": "partially-available"}]},
    }


async def pages(text: str) -> list[Elements]:
    """The pages of a catalog whose every text is this one."""
    found = answers(text)

    def catalog(path: str, _: dict[str, str]) -> Answer:
        return Answer(200, orjson.dumps(next(content for end, content in found.items() if path.endswith(end))))

    async with browsing(FakeBackend(catalog=catalog)) as client:
        shown = [await client.get(path) for path in PATHS]
    assert [one.status_code for one in shown] == [200] * len(PATHS)
    return [Elements(one.text) for one in shown]


@pytest.mark.parametrize("hostile", CORPUS)
async def test_text_of_a_catalog_adds_no_element_and_no_attribute(hostile: str) -> None:
    plain, attacked = await pages("http://ok.example/" if hostile.startswith("http") else "plain"), await pages(hostile)
    for harmless, found in zip(plain, attacked, strict=True):
        assert found.tags() == harmless.tags()
        assert found.attributes() <= harmless.attributes() | {"rel", "title", "data-copy"}
        assert not [name for name in found.attributes() if name.startswith("on") or name == "style"]


@pytest.mark.parametrize("hostile", CORPUS)
async def test_links_of_a_catalog_lead_to_the_ui_or_to_http(hostile: str) -> None:
    for found in await pages(hostile):
        assert [
            link for link in found.links if not link.startswith(("/ui/", "#main", "?label=", "http://", "https://"))
        ] == []
