"""Which operations run in a thread, while the event loop goes on."""

import asyncio
import threading
from typing import Any

import pytest

from model_catalog.entries import AssetType, Entry, Status
from model_catalog.index.catalog import Catalog
from model_catalog.operations import slow_lists
from model_catalog.operations.slow_lists import Answers, is_slow
from model_catalog.reading.settings import Settings, SourceSettings
from model_registry_proxy.contract.routes import Call

README = "many words " * 20


def a_catalog() -> Catalog:
    entries = [Entry({"name": f"m{number}", "readme": f"{number} {README}"}, []) for number in range(3000)]
    settings = Settings({"a": SourceSettings("a", AssetType.MODELS)})
    return Catalog.empty().with_settings(settings).with_source("a", entries, Status.AVAILABLE)


def a_call(operation: str = "findModels", **query: Any) -> Call:
    return Call(operation, (), query, None)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, False),
        ({"filterQuery": "name = 'm7'"}, False),
        ({"filterQuery": "readme LIKE '%a%b%'"}, True),
        ({"q": "m7"}, False),
        ({"q": "m7", "orderBy": "RELEVANCE"}, True),
        ({"orderBy": "RELEVANCE"}, False),
        ({"q": " ".join(map(str, range(30)))}, True),
        ({"filterQuery": "readme LIKE"}, False),
    ],
)
def test_only_what_takes_long_is_slow(query: dict[str, str], expected: bool) -> None:
    assert is_slow(a_catalog(), a_call(**query), "v1alpha1") is expected


def test_long_filters_of_artifacts_and_tools_are_slow() -> None:
    text = " OR ".join(f"x = {number}" for number in range(200))
    assert is_slow(a_catalog(), a_call("getAllModelArtifacts", filterQuery=text), "v1")
    assert not is_slow(a_catalog(), a_call("findMCPServerTools", filterQuery="x = 1"), "v1")


async def test_the_loop_goes_on_while_a_slow_filter_is_decided(monkeypatch: pytest.MonkeyPatch) -> None:
    may_end, names = threading.Event(), []

    def waiting(*_: Any) -> tuple[int, bytes]:
        names.append(threading.current_thread().name)
        assert may_end.wait(30)
        return 200, b"{}"

    monkeypatch.setattr(slow_lists, "answer", waiting)
    call = a_call(filterQuery="readme LIKE '%a%b%'")
    catalog, answers = a_catalog(), Answers()
    running = [asyncio.create_task(answers.answer(catalog, call, "v1")) for _ in range(5)]
    await asyncio.sleep(0)
    may_end.set()
    assert await asyncio.gather(*running) == [(200, b"{}")] * 5
    assert len(set(names)) <= 2
    assert all(name.startswith("catalog-lists") for name in names)


async def test_a_filter_that_is_decided_needs_no_thread() -> None:
    call = a_call(filterQuery="readme LIKE '%a%b%'")
    catalog, answers = a_catalog(), Answers()
    first = await answers.answer(catalog, call, "v1")
    assert not is_slow(catalog, call, "v1")
    assert await answers.answer(catalog, call, "v1") == first
