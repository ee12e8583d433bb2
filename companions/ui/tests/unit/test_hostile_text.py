"""Text of the store never becomes a part of a page: every field of a model, as attackers would fill it."""

from collections import Counter
from html.parser import HTMLParser

import pytest
from model_registry_client.custom_properties import to_wire

from companions.ui.tests.fake_backend import FakeBackend, browsing

CORPUS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "</textarea></title></style><svg onload=alert(1)>",
    "{{ 7 * 7 }}{% raw %}",
    "&lt;b&gt;<!-- -->]]>",
    "\u202e\u0000\u2028<b>",
    'http://evil.example/"onclick="alert(1)',
)
FIELDS = (
    "name",
    "description",
    "owner",
    "externalId",
    "readme",
    "maturity",
    "provider",
    "license",
    "licenseLink",
    "libraryName",
    "logo",
)
SOURCE = ("modelSourceKind", "modelSourceClass", "modelSourceGroup", "modelSourceId", "modelSourceName")
PATHS = (
    "/ui/",
    "/ui/models",
    "/ui/models?cols=tasks&cols=license&cols=externalId&cols=p",
    "/ui/models/1",
    "/ui/versions",
    "/ui/models/1/versions",
    "/ui/versions/2",
    "/ui/versions/2/use",
    "/ui/artifacts",
    "/ui/artifacts/3",
    "/ui/deployments?later=1",
    "/ui/deployments/5",
    "/ui/models/1/deployments",
    "/ui/versions/2/deployments",
    "/ui/models/1/lineage",
    "/ui/environments",
    "/ui/deployments/new?model=1&version=2&environment=4",
    "/ui/deployments/5/version",
    "/ui/deployments/5/state",
    "/ui/deployments/5/serves/new",
    "/ui/deployments/5/edit",
    "/ui/environments/4/edit",
    "/ui/environments/4",
    "/ui/models/1/history",
    "/ui/versions/2/history",
    "/ui/deployments/5/history",
    "/ui/versions/2/lineage",
)


class Elements(HTMLParser):
    """Collects elements with the names of their attributes, and the addresses of links."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.shape: list[tuple[str, tuple[str, ...]]] = []
        self.links: list[str] = []
        self.feed(text)

    def tags(self) -> Counter[str]:
        """How often each element is there, without those that a link is instead of a text to copy, and titles of long texts."""
        return Counter(tag for tag, _ in self.shape if tag not in {"a", "g", "span", "button", "title"})

    def attributes(self) -> set[str]:
        """The names of all attributes."""
        return {name for _, names in self.shape for name in names}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes an element."""
        self.shape.append((tag, tuple(name for name, _ in attrs)))
        self.links += [value or "" for name, value in attrs if name in {"href", "src", "action"}]


async def pages(text: str) -> list[Elements]:
    """The pages of a registry with a model whose every text is this one."""
    backend = FakeBackend()
    fields = dict.fromkeys(FIELDS, text)
    properties = to_wire({"p": text, text: "x", f"{text}label": ""})
    backend.add("registered_models", **fields, tasks=[text], language=[text], customProperties=properties)
    backend.add("model_versions", name=text, description=text, registeredModelId="1", author=text)
    files = ("uri", "modelFormatName", "modelFormatVersion", "storageKey", "storagePath", "serviceAccountName")
    backend.add(
        "artifacts",
        **dict.fromkeys(("name", "description", *files, *SOURCE), text),
        modelVersionId="2",
        artifactType="model-artifact",
    )
    backend.add("serving_environments", name=text, description=text)
    ids = {"servingEnvironmentId": "4", "registeredModelId": "1", "modelVersionId": "2"}
    backend.add("inference_services", name=text, description=text, runtime=text, customProperties=properties, **ids)
    seen = {"modelVersionId": "2", "inferenceServiceId": "5", "lastKnownState": "FAILED"}
    backend.add("serves", name=text, description=text, **seen)
    async with browsing(backend) as client:
        return [Elements((await client.get(path)).text) for path in PATHS]


@pytest.mark.parametrize("hostile", CORPUS)
async def test_text_adds_no_element_and_no_attribute(hostile: str) -> None:
    plain, attacked = await pages("http://ok.example/" if hostile.startswith("http") else "plain"), await pages(hostile)
    for harmless, found in zip(plain, attacked, strict=True):
        assert found.tags() == harmless.tags()
        assert found.attributes() <= harmless.attributes() | {"rel", "title", "data-copy"}
        assert not [name for name in found.attributes() if name.startswith("on") or name == "style"]


@pytest.mark.parametrize("hostile", CORPUS)
async def test_links_lead_to_the_ui_or_to_http(hostile: str) -> None:
    for found in await pages(hostile):
        assert [
            link for link in found.links if not link.startswith(("/ui/", "#main", "?label=", "http://", "https://"))
        ] == []


async def test_characters_that_turn_a_line_around_are_shown_by_their_codes() -> None:
    backend = FakeBackend()
    backend.add("registered_models", name="safe\u202etxt.exe")
    async with browsing(backend) as client:
        text = (await client.get("/ui/models/1")).text
    assert "\u202e" not in text
    assert "safeU+202Etxt.exe" in text
