"""The recorded Hugging Face sources, fetched by us from the same small hub."""

import asyncio
import importlib.util
import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from http.server import ThreadingHTTPServer

import pytest

from model_catalog.entries import Content, SourceError, Status
from model_catalog.reading.hugging_face import Access, Retries, fetch_source
from model_catalog.reading.merging import merge
from model_catalog.reading.performance import Performance
from model_catalog.reading.settings import SourceSettings
from model_catalog.reading.sources_file import read_sources_file
from tests.support.recorded_catalog import FOLDER, answer, differences

API = "/api/model_catalog/v1alpha1"
NOW = "4102444800000"
KEYS = {"CATALOG_TEST_TOKEN_GOOD": "hf_good", "CATALOG_TEST_TOKEN_BAD": "hf_bad", "CATALOG_TEST_TOKEN_ODD": "plain"}


@pytest.fixture(scope="module")
def hub() -> Iterator[str]:
    """The address of a small hub."""
    spec = importlib.util.spec_from_file_location("fake_hf", FOLDER / "fake_hf.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.STATE["data"] = json.loads((FOLDER / "fixtures-hf" / "hf-data.json").read_text("utf-8"))
    with ThreadingHTTPServer(("127.0.0.1", 0), module.H) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def contents(hub: str) -> Mapping[str, Content | SourceError | None]:
    """What each source of the recorded catalog holds."""
    sources = merge([read_sources_file(FOLDER / "fixtures-hf" / "sources-hf.yaml")]).sources.values()
    urls = [hub, "http://127.0.0.1:9"]
    access = Access(KEYS, urls, KEYS, retries=Retries(attempts=2, first_wait=0, longest_wait=0))

    async def content(source: SourceSettings) -> Content | SourceError | None:
        url = str(source.properties["url"])
        here = replace(source, properties={**source.properties, "url": hub if "18977" in url else url})
        try:
            return await fetch_source(here, access, Performance(), NOW) if source.enabled else None
        except SourceError as error:
            return error

    async def all_contents() -> list[Content | SourceError | None]:
        return await asyncio.gather(*map(content, sources))

    return dict(zip((source.id for source in sources), asyncio.run(all_contents()), strict=True))


def test_each_source_has_the_recorded_status(contents: Mapping[str, Content | SourceError | None]) -> None:
    def status(content: Content | SourceError | None) -> Status:
        if not isinstance(content, Content):
            return Status.DISABLED if content is None else Status.ERROR
        return Status.PARTIALLY_AVAILABLE if content.failures else Status.AVAILABLE

    expected = {
        item["id"]: item["status"] for item in answer("answers-hf.json", f"{API}/sources?pageSize=100")["items"]
    }
    assert {identifier: status(content).value for identifier, content in contents.items()} == expected


@pytest.mark.parametrize(
    "source",
    [
        "hf-exact",
        "hf-token",
        "hf-odd-token",
        "hf-prefix",
        "hf-org",
        "hf-org-all",
        "hf-renamed",
        "hf-partial",
        "hf-broken-list-and-one",
    ],
)
def test_the_models_of_a_source_are_as_recorded(
    contents: Mapping[str, Content | SourceError | None], source: str
) -> None:
    content = contents[source]
    assert isinstance(content, Content)
    items = sorted((entry.item for entry in content.entries), key=lambda item: str(item["name"]))
    shown = [_with_nested_card_only(item) if item["name"] == "coral/deep-reader-7b" else item for item in items]
    assert differences("answers-hf.json", f"{API}/models?source={source}&pageSize=50", shown) == []


def _with_nested_card_only(item: dict[str, object]) -> dict[str, object]:
    """The recorded service does not read flat cards."""
    assert item["description"] == "flat card data as the real API sends it"
    assert item["language"] == ["en", "fr"]
    return {key: value for key, value in item.items() if key not in {"description", "language"}}


def test_the_artifact_of_a_model_is_as_recorded(contents: Mapping[str, Content | SourceError | None]) -> None:
    content = contents["hf-org"]
    assert isinstance(content, Content)
    assert (
        differences(
            "answers-hf.json", f"{API}/sources/hf-org/models/coral/deep-reader-7b/artifacts", content.entries[0].parts
        )
        == []
    )


def test_an_organisation_of_several_pages_is_complete(contents: Mapping[str, Content | SourceError | None]) -> None:
    content = contents["hf-bulk"]
    assert isinstance(content, Content)
    names = [item["name"] for item in answer("answers-hf.json", f"{API}/models?source=hf-bulk&pageSize=200")["items"]]
    assert [entry.item["name"] for entry in content.entries] == names


def test_at_most_so_many_models_come_as_the_source_says(contents: Mapping[str, Content | SourceError | None]) -> None:
    content = contents["hf-max"]
    assert isinstance(content, Content)
    assert [entry.item["name"] for entry in content.entries] == [f"bulkorg/item-00{number}" for number in range(7)]
    assert "maxModels leaves the others out" in content.warnings[0]


def test_what_exists_but_cannot_be_read_this_time_is_known(
    contents: Mapping[str, Content | SourceError | None],
) -> None:
    content = contents["hf-partial"]
    assert isinstance(content, Content)
    assert content.unreachable == ["coral/server-error", "coral/bad-json", "coral/bad-gated"]
    assert [failure.partition(":")[0] for failure in content.failures] == [
        "model 'coral/server-error'",
        "model 'coral/bad-json'",
        "model 'coral/bad-gated'",
        "model 'coral/none'",
    ]


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("hf-bad-token", "Hugging Face does not accept the API key: the server answered 401"),
        (
            "hf-broken-list",
            "no models were found for brokenorg/*. These lists failed: brokenorg/*: the server answered 500",
        ),
        ("hf-empty-org", "no models were found for emptyorg/*."),
        ("hf-wildcard", "the pattern '*' cannot be listed"),
        ("hf-wildcard-org", "the pattern 'or*g/x' cannot be listed"),
        ("hf-empty-model", "the pattern 'org/' cannot be listed"),
        ("hf-wild-middle", "* may stand at the end only"),
        ("hf-unreachable", "the server cannot be reached"),
        ("hf-none-found", "none of the 2 models can be read: model 'coral/none': the server answered 404"),
    ],
)
def test_what_is_wrong_with_a_source_is_said(
    contents: Mapping[str, Content | SourceError | None], source: str, words: str
) -> None:
    assert isinstance(contents[source], SourceError)
    assert words in str(contents[source])
