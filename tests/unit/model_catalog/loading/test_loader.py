"""The loader: the catalog follows its files, and whatever is wrong with one of them, what was read before is still served."""

import asyncio
import json
import os
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import orjson
import pytest

from model_catalog.entries import Status
from model_catalog.index.queries import Query
from model_catalog.loading import compiled, processes
from model_catalog.loading import loader as loading
from model_catalog.loading.loader import Loader

SOURCES = """
model_catalogs:
- {id: a, name: A, type: yaml, properties: {yamlCatalogPath: a.yaml}}
- {id: b, name: B, type: yaml, properties: {yamlCatalogPath: b.yaml}}
"""
SECONDS = 20
"""Until a change must be seen; far more than it takes, so that a busy machine fails no test."""
Models = set[tuple[str, str, str]]


def models_file(**descriptions: str) -> str:
    models = [{"name": name, "description": text} for name, text in descriptions.items()]
    return json.dumps({"source": "s", "models": models})


@pytest.fixture(autouse=True)
def _quick_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "LOOK_SECONDS", 0.02)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "sources"
    folder.mkdir()
    (folder / "sources.yaml").write_text(SOURCES)
    (folder / "a.yaml").write_text(models_file(one="first", two="second"))
    (folder / "b.yaml").write_text(models_file(three="third"))
    return folder


def loader_of(folder: Path, **options: Any) -> Loader:
    return Loader([folder / "sources.yaml"], cache=folder.parent / "cache", **options)


@asynccontextmanager
async def watching(loader: Loader) -> AsyncIterator[Loader]:
    await loader.open()
    watch = asyncio.create_task(loader.watch())
    try:
        yield loader
    finally:
        watch.cancel()
        await asyncio.gather(watch, return_exceptions=True)


def models(loader: Loader) -> Models:
    items = map(orjson.loads, loader.current.models.page(Query()).items)
    return {(item["source_id"], item["name"], item["description"]) for item in items}


def statuses(loader: Loader) -> dict[str, Status | None]:
    return {state.settings.id: state.status for state in loader.current.sources}


def error_of(loader: Loader, source: str) -> str:
    state = loader.current.source(source)
    assert state
    return state.problem or ""


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(SECONDS):
        while not condition():  # noqa: ASYNC110 (a file changes it, not a task)
            await asyncio.sleep(0.01)


def ready(loader: Loader) -> Awaitable[None]:
    return until(lambda: loader.why_not_ready is None)


ALL: Models = {("a", "one", "first"), ("a", "two", "second"), ("b", "three", "third")}


async def test_a_restart_serves_at_once_what_was_read_before(folder: Path) -> None:
    async with watching(loader_of(folder)) as loader:
        assert loader.why_not_ready == "Not read yet: a, b."
        assert models(loader) == set()
        await ready(loader)
        assert models(loader) == ALL
    again = loader_of(folder)
    await again.open()
    assert again.why_not_ready is None
    assert models(again) == ALL
    assert statuses(again) == {"a": Status.AVAILABLE, "b": Status.AVAILABLE}


async def test_a_restart_sees_what_changed_before_it(folder: Path) -> None:
    async with watching(loader_of(folder)) as loader:
        await ready(loader)
    (folder / "b.yaml").write_text(models_file(four="fourth"))
    async with watching(loader_of(folder)) as again:
        await until(lambda: ("b", "four", "fourth") in models(again))
        assert ("b", "three", "third") not in models(again)


async def test_a_changed_file_replaces_its_source_as_a_whole_and_no_other(folder: Path) -> None:
    async with watching(loader_of(folder)) as loader:
        await ready(loader)
        (folder / "a.yaml").write_text(models_file(two="new", five="fifth"))
        await until(lambda: models(loader) != ALL)
        assert models(loader) == {("a", "two", "new"), ("a", "five", "fifth"), ("b", "three", "third")}


@pytest.mark.parametrize(
    ("broken", "said"), [("models: [", "a.yaml: line "), (None, "a.yaml cannot be read"), ("models: [{nam: x}]", "nam")]
)
async def test_a_broken_file_is_an_error_while_its_models_stay_until_it_is_mended(
    folder: Path, broken: str | None, said: str
) -> None:
    async with watching(loader_of(folder)) as loader:
        await ready(loader)
        good = (folder / "a.yaml").read_text()
        if broken is None:
            (folder / "a.yaml").unlink()
        else:
            (folder / "a.yaml").write_text(broken)
        await until(lambda: statuses(loader)["a"] is Status.ERROR)
        assert said in error_of(loader, "a")
        assert models(loader) == ALL
        assert statuses(loader)["b"] is Status.AVAILABLE
        (folder / "a.yaml").write_text(good)
        await until(lambda: statuses(loader)["a"] is Status.AVAILABLE)
        assert (models(loader), error_of(loader, "a")) == (ALL, "")


async def test_a_source_without_good_models_is_an_error_and_some_bad_ones_are_named(folder: Path) -> None:
    (folder / "a.yaml").write_text(json.dumps({"models": [{"name": "one", "description": "first"}, None]}))
    (folder / "b.yaml").write_text("models: [null]")
    async with watching(loader_of(folder)) as loader:
        await ready(loader)
        assert statuses(loader) == {"a": Status.PARTIALLY_AVAILABLE, "b": Status.ERROR}
        assert models(loader) == {("a", "one", "first")}
        assert "a.yaml: line 1" in error_of(loader, "a")


async def test_removed_and_disabled_sources_lose_their_models(folder: Path) -> None:
    async with watching(loader_of(folder)) as loader:
        await ready(loader)
        (folder / "sources.yaml").write_text(SOURCES.replace("id: b, name: B", "id: b, enabled: false"))
        await until(lambda: statuses(loader)["b"] is Status.DISABLED)
        assert models(loader) == {("a", "one", "first"), ("a", "two", "second")}
        (folder / "sources.yaml").write_text("model_catalogs: []")
        await until(lambda: models(loader) == set())
        assert statuses(loader) == {}
        (folder / "sources.yaml").write_text(SOURCES)
        await until(lambda: models(loader) == ALL)


async def test_a_changed_pattern_changes_the_models_and_a_changed_name_reads_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with watching(loader_of(folder)) as loader:
        await ready(loader)
        (folder / "sources.yaml").write_text(SOURCES.replace("id: a,", "id: a, excludedModels: [tw*],"))
        await until(lambda: ("a", "two", "second") not in models(loader))
        assert ("a", "one", "first") in models(loader)
        started: list[Any] = []
        monkeypatch.setattr(loading, "results_of", started.append)
        (folder / "sources.yaml").write_text(
            "# a new first line\n"
            + SOURCES.replace("id: a, name: A", "id: a, excludedModels: [tw*], name: Ay, labels: [x]")
        )
        await until(lambda: loader.current.sources[0].settings.name == "Ay")
        assert loader.current.sources_with(["X"], loader.current.sources[0].settings.asset_type) == {"a"}
        assert ("a", "one", "first") in models(loader)
        assert started == []


async def test_a_broken_sources_file_changes_nothing(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with watching(loader_of(folder)) as loader:
        await ready(loader)
        (folder / "sources.yaml").write_text("model_catalogs: [")
        await until(lambda: "stays in force" in caplog.text and "stays in force" in error_of(loader, "a"))
        assert models(loader) == ALL
        assert loader.why_not_ready is None
        assert "sources.yaml: line 2: " in error_of(loader, "b")
        assert statuses(loader) == {"a": Status.AVAILABLE, "b": Status.AVAILABLE}
        (folder / "sources.yaml").unlink()
        await until(lambda: "sources file cannot be read: No such file" in error_of(loader, "a"))
        assert len(loader.current.settings.errors) == 1
        (folder / "sources.yaml").write_text(SOURCES)
        await until(lambda: not error_of(loader, "a"))
        assert models(loader) == ALL
        assert loader.current.settings.errors == []


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ("id: off", "line 4: a source needs a text as its id, but its id is false"),
        ("name: x", "line 4: a source needs a text as its id, but it has none"),
        ("id: a", "line 4: the id 'a' is used twice"),
    ],
)
async def test_a_source_whose_id_can_no_longer_be_read_stays_and_says_so_until_it_is_mended(
    folder: Path, broken: str, said: str
) -> None:
    async with watching(loader_of(folder)) as loader:
        await ready(loader)
        (folder / "sources.yaml").write_text(SOURCES.replace("id: b", broken).replace("name: B, ", ""))
        await until(lambda: said in error_of(loader, "b"))
        assert models(loader) == ALL
        shown = {} if "used twice" in said else {"sources.yaml:4": Status.ERROR}
        assert statuses(loader) == {"a": Status.AVAILABLE, "b": Status.AVAILABLE} | shown
        assert ("used twice" in error_of(loader, "a")) == ("used twice" in said)
        (folder / "sources.yaml").write_text(SOURCES)
        await until(lambda: not error_of(loader, "b"))
        (folder / "sources.yaml").write_text(SOURCES.replace("id: b", "id: c"))
        await until(lambda: "b" not in statuses(loader))
        assert "sources.yaml:4" not in statuses(loader)


@pytest.mark.parametrize(
    ("text", "source", "said"),
    [
        ("model_catalogs: [{name: A}]", "sources.yaml:1", "line 1: a source needs a text as its id, but it has none"),
        (
            "mcp_catalogs:\n- id: 5",
            "sources.yaml:2",
            "line 2: a source needs a text as its id, but its id is the number 5",
        ),
        ("model_catalogs: [~, ~]", "sources.yaml:1.2", "line 1: a source must be a mapping, but one is nothing"),
        ("model_catalog: []", "sources.yaml:1", "line 1: "),
    ],
)
async def test_a_source_that_has_no_id_from_the_start_is_shown_under_its_file_and_line(
    folder: Path, text: str, source: str, said: str
) -> None:
    (folder / "sources.yaml").write_text(text)
    async with watching(loader_of(folder)) as loader:
        assert statuses(loader)[source] is Status.ERROR
        assert said in error_of(loader, source)
        (folder / "sources.yaml").write_text(SOURCES)
        await until(lambda: statuses(loader) == {"a": Status.AVAILABLE, "b": Status.AVAILABLE})


async def test_a_source_with_a_wrong_field_is_an_error_while_its_models_stay(folder: Path) -> None:
    async with watching(loader_of(folder)) as loader:
        await ready(loader)
        (folder / "sources.yaml").write_text(SOURCES.replace("name: B", "labels: x"))
        await until(lambda: statuses(loader)["b"] is Status.ERROR)
        assert "labels must be a list" in error_of(loader, "b")
        assert models(loader) == ALL


async def test_a_first_sources_file_that_is_broken_keeps_the_server_unready_until_it_is_mended(folder: Path) -> None:
    (folder / "sources.yaml").write_text("model_catalogs: [")
    async with watching(loader_of(folder)) as loader:
        assert "sources.yaml: line 2" in (loader.why_not_ready or "")
        (folder / "sources.yaml").write_text(SOURCES)
        await ready(loader)
        assert models(loader) == ALL


async def test_links_that_kubernetes_swaps_are_followed(tmp_path: Path) -> None:
    mounted = tmp_path / "mounted"
    mounted.mkdir()

    def mount(name: str, **descriptions: str) -> None:
        data = mounted / name
        data.mkdir()
        (data / "sources.yaml").write_text(SOURCES.splitlines()[1] + "\n" + SOURCES.splitlines()[2])
        (data / "a.yaml").write_text(models_file(**descriptions))
        (mounted / "..new").symlink_to(name)
        (mounted / "..new").replace(mounted / "..data")

    mount("..1", one="first")
    for file in ("sources.yaml", "a.yaml"):
        (mounted / file).symlink_to(f"..data/{file}")
    async with watching(loader_of(mounted)) as loader:
        await ready(loader)
        mount("..2", two="second")
        await until(lambda: models(loader) == {("a", "two", "second")})


async def test_new_performance_data_change_the_models(folder: Path) -> None:
    performance = folder.parent / "performance"
    performance.mkdir()
    async with watching(loader_of(folder, performance=[performance])) as loader:
        await ready(loader)
        (performance / "m").mkdir()
        (performance / "m" / "metadata.json").write_text(json.dumps({"id": "ONE", "size": "7B"}))
        await until(lambda: b'"7B"' in b"".join(loader.current.models.page(Query()).items))


async def test_a_reading_process_that_dies_is_an_error_of_its_sources_only_until_the_next_reading(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = processes._MODULE
    monkeypatch.setattr(loading, "_FIRST_PAUSE_OF_FILE", 0.05)
    monkeypatch.setattr(processes, "_MODULE", "no.such.module")
    async with watching(loader_of(folder)) as loader:
        await ready(loader)
        assert statuses(loader) == {"a": Status.ERROR, "b": Status.ERROR}
        assert "ended with status 1" in error_of(loader, "a")
        monkeypatch.setattr(processes, "_MODULE", module)
        await until(lambda: statuses(loader)["a"] is Status.AVAILABLE)


async def test_modules_in_the_working_directory_are_not_used(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "orjson.py").write_text("raise SystemExit(1)")
    monkeypatch.chdir(tmp_path)
    async with watching(loader_of(folder)) as loader:
        await until(lambda: None not in statuses(loader).values())
        assert models(loader) == ALL


async def test_what_another_server_has_read_is_opened(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def nothing(_: Any) -> AsyncIterator[Any]:
        await asyncio.Event().wait()
        yield

    monkeypatch.setattr(loading, "results_of", nothing)
    async with watching(loader_of(folder)) as idle:
        assert models(idle) == set()
        monkeypatch.undo()
        async with watching(loader_of(folder)) as other:
            await ready(other)
        await until(lambda: models(idle) == ALL)


class Hub:
    """A small Hugging Face with one model. `status` is that of its answers; `asked` counts the readings of the model."""

    def __init__(self) -> None:
        self.status, self.asked, self.name = 200, 0, "org/m"
        hub = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: Any) -> None:
                pass

            def do_GET(self) -> None:
                record = {"id": hub.name, "author": "org", "siblings": []}
                if self.path.startswith("/api/models/"):
                    hub.asked += 1
                content = json.dumps(record if self.path.startswith("/api/models/") else [record]).encode()
                self.send_response(hub.status)
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def hub() -> Iterator[Hub]:
    hub = Hub()
    thread = threading.Thread(target=hub.server.serve_forever, args=(0.05,))
    thread.start()
    yield hub
    hub.server.shutdown()
    thread.join()
    hub.server.server_close()


def of_hub(tmp_path: Path, hub: Hub, interval: str = "24h") -> Loader:
    (tmp_path / "sources").mkdir(exist_ok=True)
    properties = {"url": hub.url, "syncInterval": interval}
    source = {"id": "h", "name": "H", "type": "hf", "includedModels": ["org/m"], "properties": properties}
    (tmp_path / "sources" / "sources.yaml").write_text(json.dumps({"model_catalogs": [source]}))
    return loader_of(tmp_path / "sources", hub_urls=[hub.url])


def names(loader: Loader) -> set[str]:
    return {orjson.loads(item)["name"] for item in loader.current.models.page(Query()).items}


async def test_a_hub_is_read_once_for_all_servers_with_one_cache_and_not_again_after_a_restart(
    tmp_path: Path, hub: Hub
) -> None:
    async with watching(of_hub(tmp_path, hub)) as first, watching(of_hub(tmp_path, hub)) as second:
        await ready(first)
        await ready(second)
        assert names(first) == names(second) == {"org/m"}
    async with watching(of_hub(tmp_path, hub)) as third:
        await ready(third)
        await asyncio.sleep(0.1)  # a few looks
    assert names(third) == {"org/m"}
    assert hub.asked == 1


async def test_a_sync_that_fails_keeps_the_models_and_says_so_and_the_next_one_mends_it(
    tmp_path: Path, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "_FIRST_PAUSE_OF_HUB", 0.1)
    async with watching(of_hub(tmp_path, hub, "100ms")) as loader:
        await ready(loader)
        hub.status = 401
        await until(lambda: statuses(loader)["h"] is Status.ERROR)
        assert error_of(loader, "h")
        assert names(loader) == {"org/m"}
        hub.status = 200
        await until(lambda: statuses(loader)["h"] is Status.AVAILABLE)


def test_the_folder_of_the_cache_is_closed_to_others(tmp_path: Path, folder: Path) -> None:
    async def load() -> None:
        async with watching(loader_of(folder)) as loader:
            await ready(loader)

    asyncio.run(load())
    assert os.stat(tmp_path / "cache").st_mode & 0o077 == 0  # noqa: PTH116


@pytest.mark.parametrize("kept", [0.0, 0.5, 0.99])
async def test_a_damaged_cache_is_read_again(folder: Path, kept: float) -> None:
    async with watching(loader_of(folder)) as loader:
        await ready(loader)
    for file in (folder.parent / "cache").glob("*.catalog"):
        content = file.read_bytes()
        file.write_bytes(content[: int(len(content) * kept)])
    async with watching(loader_of(folder)) as again:
        await ready(again)
        assert models(again) == ALL


@pytest.mark.parametrize("content", [[b"", b"{}"], [b"", b"nonsense"], [b"[]"]])
async def test_a_whole_cached_file_with_other_content_is_read_again(folder: Path, content: list[bytes]) -> None:
    async with watching(loader_of(folder)) as loader:
        await ready(loader)
    for path in (folder.parent / "cache").glob("*.catalog"):
        found = compiled.read(path)
        assert found
        compiled.write(path, found.header, content)
    async with watching(loader_of(folder)) as again:
        await until(lambda: models(again) == ALL)
        assert statuses(again) == {"a": Status.AVAILABLE, "b": Status.AVAILABLE}


async def test_a_pipe_in_place_of_a_file_holds_up_no_other_source(folder: Path) -> None:
    (folder / "a.yaml").unlink()
    os.mkfifo(folder / "a.yaml")
    async with watching(loader_of(folder)) as loader:
        await ready(loader)
        assert statuses(loader) == {"a": Status.ERROR, "b": Status.AVAILABLE}
        assert "it is no file" in error_of(loader, "a")


async def test_a_reading_that_fails_for_a_passing_reason_is_repeated(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "_FIRST_PAUSE_OF_FILE", 0.05)
    monkeypatch.setattr(processes.sys, "executable", str(folder / "no-python"))
    async with watching(loader_of(folder)) as loader:
        await ready(loader)
        assert statuses(loader) == {"a": Status.ERROR, "b": Status.ERROR}
        assert "cannot be started" in error_of(loader, "a")
        monkeypatch.undo()
        await until(lambda: models(loader) == ALL)
        assert statuses(loader) == {"a": Status.AVAILABLE, "b": Status.AVAILABLE}


async def test_of_two_servers_with_one_cache_each_sync_is_of_one_of_them(tmp_path: Path, hub: Hub) -> None:
    async with watching(of_hub(tmp_path, hub, "2s")) as first, watching(of_hub(tmp_path, hub, "2s")) as second:
        await ready(first)
        await ready(second)
        await until(lambda: hub.asked > 1)
        await asyncio.sleep(0.5)  # a second fetch of the same sync would come at once
    assert hub.asked == 2
