"""The pages next to the API: two documents, the pages that explain them, and the page that says what is served where."""

import httpx
import pytest

from model_registry_proxy.http.discovery import PATH, discovery
from model_registry_proxy.http.pages import pages
from tests.support.document import contract, extensions


def client_of(root: str = "", ui: str | None = None) -> httpx.AsyncClient:
    """A client of the pages of both documents."""
    documents = {"": contract().below(root), "extensions": extensions().below(root)}
    found = discovery("1.2.3", {"api": documents[""], "extensions": documents["extensions"]}, root=root, ui=ui)
    transport = httpx.ASGITransport(app=pages(documents, found, None))
    return httpx.AsyncClient(transport=transport, base_url="http://test")


async def test_the_well_known_page_names_the_prefixes_the_documents_and_the_version() -> None:
    async with client_of() as client:
        response = await client.get(PATH)
        assert response.headers["content-type"] == "application/json"
        found = response.json()
        assert found == {
            "version": "1.2.3",
            "api": {
                "version": "v1alpha3",
                "prefixes": ["/api/model_registry/v1alpha3", "/api/model_registry/v1"],
                "document": "/openapi.json",
            },
            "extensions": {
                "version": "v1",
                "prefixes": ["/api/model_registry/ext/v1"],
                "document": "/openapi/extensions.json",
                "enabled": ["aliases", "changes", "lineage", "ranges"],
            },
            "documentation": "/docs",
        }
        for document in (found["api"], found["extensions"]):
            servers = (await client.get(document["document"])).json()["servers"]
            assert [server["url"] for server in servers] == document["prefixes"]


@pytest.mark.parametrize("root", ["/registry", "/registry/"])
async def test_below_a_path_all_addresses_have_it(root: str) -> None:
    async with client_of(root, "/ui/") as client:
        found = (await client.get(PATH)).json()
    assert found["ui"] == "/registry/ui/"
    assert found["documentation"] == "/registry/docs"
    assert found["extensions"]["prefixes"] == ["/registry/api/model_registry/ext/v1"]
    assert found["extensions"]["document"] == "/registry/openapi/extensions.json"


@pytest.mark.parametrize(("name", "document"), [("", contract()), ("/extensions", extensions())])
async def test_each_document_is_served_as_json_and_yaml(name: str, document: object) -> None:
    async with client_of() as client:
        assert (await client.get(f"/openapi{name}.json")).json() == document.content  # type: ignore[attr-defined]
        text = await client.get(f"/openapi{name}.yaml")
        assert text.headers["content-type"] == "application/yaml"
        assert text.text == document.text  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("page", "root", "document", "link"),
    [
        ("/docs", "", "openapi.json", '<a href="docs/extensions">Model Registry Extensions</a>'),
        ("/docs/extensions", "../", "openapi/extensions.json", '<a href="../docs">Model Registry</a>'),
    ],
)
async def test_the_page_of_each_document_shows_it_and_links_to_the_other(
    page: str, root: str, document: str, link: str
) -> None:
    async with client_of() as client:
        text = (await client.get(page)).text
        assert f'data-document="{root}{document}"' in text
        assert link in text
        for part in ("swagger-ui.css", "swagger-ui-bundle.js"):
            assert f'"{root}docs/assets/{part}"' in text
        assert "dataset.document" in (await client.get("/docs/start.js")).text


async def test_pages_in_short_have_no_first_page_and_a_line_for_unknown_paths() -> None:
    app = pages({"": contract()}, {}, None, is_short=True)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test") as client:
        for path in ("/", "/nothing"):
            unknown = await client.get(path)
            assert (unknown.status_code, unknown.text) == (404, "404 page not found\n")
        assert (await client.get("/docs")).status_code == 200
        assert (await client.post("/docs")).json()["code"] == "Method Not Allowed"
