"""The model catalog in the client: what is asked, what is read, and what becomes of a model that is registered."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from model_registry_client import (
    AsyncRegistry,
    CatalogArtifact,
    CatalogModel,
    InvalidValue,
    NotFound,
    NotSupported,
    Registry,
)
from model_registry_client.from_catalog import registration_of

Unique = Callable[[str], str]
MODEL = {
    "id": "7",
    "source_id": "team a",
    "name": "acme/fast 1b",
    "description": "Fast",
    "provider": "Acme",
    "license": "MIT",
    "licenseLink": "https://licence.example",
    "libraryName": "vllm",
    "maturity": "stable",
    "tasks": ["text-generation"],
    "language": ["en", "de"],
    "customProperties": {"params": {"metadataType": "MetadataIntValue", "int_value": "1"}},
}
FILES = {"artifactType": "model-artifact", "uri": "oci://r/fast:1", "customProperties": {}}
OTHER_FILES = {"artifactType": "model-artifact", "uri": "s3://b/fast"}
METRICS = {
    "artifactType": "metrics-artifact",
    "metricsType": "performance-metrics",
    "name": "h100",
    "customProperties": {"ttft": {"metadataType": "MetadataDoubleValue", "double_value": 2.5}},
}


class Server:
    """Answers of a catalog by the path below the base path of `version`; other paths are unknown as in the Go server."""

    def __init__(self, answers: dict[str, Any], version: str = "v1") -> None:
        self._answers, self._base = answers, f"/api/model_catalog/{version}"
        self.asked: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.raw_path.decode()
        if not path.startswith(f"{self._base}/"):
            return httpx.Response(404, text="404 page not found\n")
        below = path.removeprefix(self._base)
        self.asked.append(below)
        if below not in self._answers:
            return httpx.Response(404, json={"code": "Not Found", "message": "No model found"})
        return httpx.Response(200, json=self._answers[below])

    def registry(self) -> Registry:
        return Registry("http://r.test", transport=httpx.MockTransport(self))


def page(*items: Any, token: str = "") -> dict[str, Any]:
    return {"items": [*items], "size": len(items), "pageSize": 100, "nextPageToken": token}


def test_models_come_from_all_pages_with_what_was_asked() -> None:
    asked = "/models?source=a%2Cb&q=fast+one&filterQuery=x+%3D+1&orderBy=ACCURACY&sortOrder=DESC&pageSize=100"
    server = Server({asked: page(MODEL, token="t+1"), f"{asked}&nextPageToken=t%2B1": page({**MODEL, "name": "b"})})
    with server.registry() as registry:
        found = list(
            registry.catalog.models(
                source="a,b", text="fast one", filter_query="x = 1", order_by="ACCURACY", descending=True
            )
        )
    assert [model.name for model in found] == ["acme/fast 1b", "b"]
    first = found[0]
    assert (first.source_id, first.provider, first.library, first.tasks) == (
        "team a",
        "Acme",
        "vllm",
        ("text-generation",),
    )
    assert first.custom_properties == {"params": 1}


def test_names_with_slashes_and_spaces_are_one_part_of_the_path() -> None:
    path = "/sources/team%20a/models/acme%2Ffast%201b"
    server = Server({path: MODEL, f"{path}/artifacts?pageSize=100": page(FILES, METRICS)})
    with server.registry() as registry:
        assert registry.catalog.model("team a", "acme/fast 1b").name == "acme/fast 1b"
        files, metrics = registry.catalog.artifacts("team a", "acme/fast 1b")
        with pytest.raises(NotFound):
            registry.catalog.model("team a", "none")
        with pytest.raises(InvalidValue, match="empty"):
            registry.catalog.model("", "x")
    assert (files.uri, metrics.metrics_type, metrics.custom_properties) == (
        "oci://r/fast:1",
        "performance-metrics",
        {"ttft": 2.5},
    )


def test_a_catalog_that_has_the_older_base_path_only_is_found() -> None:
    source = {"id": "a", "name": "A", "labels": ["x"], "enabled": False, "status": "disabled", "error": None}
    with Server({"/sources?pageSize=100": page(source)}, "v1alpha1").registry() as registry:
        (found,) = registry.catalog.sources()
    assert (found.id, found.enabled, found.status, found.labels) == ("a", False, "disabled", ("x",))


def test_a_server_without_a_catalog_is_an_error() -> None:
    with Server({}, "none").registry() as registry, pytest.raises(NotSupported, match="model_catalog"):
        list(registry.catalog.sources())


async def test_the_catalog_works_with_asyncio() -> None:
    server = Server({"/models?sortOrder=ASC&pageSize=100": page(MODEL)})
    async with AsyncRegistry("http://r.test", transport=httpx.MockTransport(server)) as registry:
        assert [model.name async for model in registry.catalog.models()] == ["acme/fast 1b"]


def artifacts(*wire: dict[str, Any]) -> list[CatalogArtifact]:
    return [CatalogArtifact.from_wire(each) for each in wire]


def test_a_model_of_the_catalog_is_registered_with_where_it_comes_from(registry: Registry, unique: Unique) -> None:
    name = unique("m")
    model = CatalogModel.from_wire(MODEL)
    registration = registration_of(model, artifacts(METRICS, FILES), version="1", name=name, owner="ann", author="bob")
    made = registration.make(registry, type(registry.create_registered_model(unique("other"))))
    kept = registry.get_registered_model(made.model.id)
    assert (kept.owner, kept.provider, kept.license, kept.library_name) == ("ann", "Acme", "MIT", "vllm")
    assert (kept.tasks, kept.language, kept.custom_properties) == (["text-generation"], ["en", "de"], {"params": 1})
    files = made.files
    assert (files.uri, files.model_source_kind, files.model_source_class) == ("oci://r/fast:1", "catalog", "team a")
    assert (files.model_source_group, files.model_source_name, files.model_source_id) == ("acme", "acme/fast 1b", "7")
    assert made.version.author == "bob"


def test_files_are_chosen_by_their_uri_where_there_are_several() -> None:
    model = CatalogModel.from_wire(MODEL)
    both = artifacts(FILES, OTHER_FILES)
    assert registration_of(model, both, version="1", uri="s3://b/fast").files["uri"] == "s3://b/fast"
    with pytest.raises(InvalidValue, match="several files; name one by its URI: oci://r/fast:1, s3://b/fast"):
        registration_of(model, both, version="1")
    with pytest.raises(InvalidValue, match="no files at 'x'; it has"):
        registration_of(model, both, version="1", uri="x")
    with pytest.raises(InvalidValue, match="nothing to register"):
        registration_of(model, artifacts(METRICS), version="1")
