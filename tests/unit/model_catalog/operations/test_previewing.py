"""Previews: what a source would show, and that nothing else can be read by them."""

import os
import threading
from pathlib import Path
from typing import Any

import pytest

from converters.errors import RefusedError
from model_catalog.operations import preview_hub, previewing
from model_catalog.operations.preview_files import read_config
from model_catalog.operations.previewing import Previews
from model_catalog.reading.hugging_face import Access
from model_catalog.reading.settings import SourceSettings
from model_registry_proxy.contract.routes import Call
from model_registry_proxy.errors import BadRequest, Unprocessable

DATA = b"models: [{name: acme/a}, {name: acme/b-draft}, {name: other/c}]"


def call(config: str, data: bytes | None = DATA, **query: Any) -> Call:
    """The call of a preview."""
    body = {"config": config.encode()} | ({} if data is None else {"catalogData": data})
    return Call("previewCatalogSource", (), query, body)


async def names(previews: Previews, config: str, data: bytes | None = DATA, **query: Any) -> list[str]:
    """The names on the page of a preview."""
    _, page = await previews.answer(call(config, data, **query))
    return [item["name"] for item in page["items"]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a sources file, and outside of it a secret that no preview may read."""
    (tmp_path / "secret.yaml").write_text("models: [{name: secret}]")
    folder = tmp_path / "sources"
    (folder / "below").mkdir(parents=True)
    (folder / "below" / "models.yaml").write_text("models: [{name: here}]")
    (folder / "notes.txt").write_text("models: [{name: text}]")
    (folder / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    (folder / "circle.yaml").symlink_to("circle.yaml")
    return folder


@pytest.fixture
def previews(folder: Path) -> Previews:
    """Previews next to that folder."""
    return Previews([folder])


async def test_each_name_is_answered_with_whether_it_is_included(previews: Previews) -> None:
    _, page = await previews.answer(call('type: yaml\nincludedModels: [acme/*]\nexcludedModels: ["*-draft"]'))
    assert page == {
        "items": [
            {"included": True, "name": "acme/a"},
            {"included": False, "name": "acme/b-draft"},
            {"included": False, "name": "other/c"},
        ],
        "nextPageToken": "",
        "pageSize": 10,
        "size": 3,
        "summary": {"excludedModels": 2, "includedModels": 1, "totalModels": 3},
    }


async def test_pages_follow_each_other_also_with_double_names(previews: Previews) -> None:
    data = b"models: [{name: a}, {name: a}, {name: a}]"
    seen, token = 0, ""
    for _ in range(3):
        _, page = await previews.answer(call("type: yaml", data, pageSize=1, nextPageToken=token))
        seen, token = seen + page["size"], page["nextPageToken"]
    assert (seen, token) == (3, "")


async def test_a_config_has_a_largest_size(previews: Previews) -> None:
    fits = "type: yaml\n" + "#" * ((64 << 10) - 11)
    assert len(await names(previews, fits)) == 3
    with pytest.raises(Unprocessable, match="invalid config: it has more than 64 KiB"):
        await previews.answer(call(fits + "#"))


async def test_a_config_is_read_in_a_thread(previews: Previews, monkeypatch: pytest.MonkeyPatch) -> None:
    threads = []

    def reading(config: bytes) -> SourceSettings:
        threads.append(threading.current_thread())
        return read_config(config)

    monkeypatch.setattr(previewing, "read_config", reading)
    await previews.answer(call("type: yaml"))
    assert threads
    assert threads != [threading.main_thread()]


@pytest.mark.parametrize("status", ["excluded", "EXCLUDED"])
async def test_a_status_chooses_names(previews: Previews, status: str) -> None:
    assert await names(previews, "type: yaml\nexcludedModels: [acme/*]", filterStatus=status) == [
        "acme/a",
        "acme/b-draft",
    ]


@pytest.mark.parametrize("key", ["assetType: mcp_servers", "includedServers: ['*']"])
async def test_servers_can_be_previewed(previews: Previews, key: str) -> None:
    assert await names(previews, f"type: yaml\n{key}", b"mcp_servers: [{name: tides, version: '1'}]") == ["tides"]


async def test_what_a_load_would_leave_out_is_answered_on_request(previews: Previews) -> None:
    data = b"models: [{name: a, artifacts: [{uri: nowhere}]}, {name: b}]"
    _, page = await previews.answer(call("type: yaml", data, includeFailures=True))
    assert [item["name"] for item in page["items"]] == ["a", "b"]
    assert "catalogData: line 1: model 'a'" in page["failures"][0]


@pytest.mark.parametrize("path", ["below/models.yaml", "below/../below/models.yaml", "{folder}/below/models.yaml"])
async def test_a_file_below_the_folder_of_a_sources_file_can_be_read(
    previews: Previews, folder: Path, path: str
) -> None:
    config = f"type: yaml\nproperties: {{yamlCatalogPath: '{path.format(folder=folder)}'}}"
    assert await names(previews, config, None) == ["here"]
    assert await names(previews, config, b"") == ["here"]


@pytest.mark.parametrize(
    "path",
    [
        "../secret.yaml",
        "{folder}/../secret.yaml",
        "/etc/passwd",
        "link.yaml",
        "circle.yaml",
        "notes.txt",
        "none.yaml",
        "below",
        ".",
        "x" * 5000 + ".yaml",
    ],
)
async def test_no_other_file_can_be_read_and_all_refusals_are_the_same(
    previews: Previews, folder: Path, path: str
) -> None:
    config = f'type: yaml\nproperties: {{yamlCatalogPath: "{path.format(folder=folder)}"}}'
    with pytest.raises(Unprocessable, match="no such file: a preview reads files") as refused:
        await previews.answer(call(config, None))
    assert "secret" not in refused.value.message


async def test_a_pipe_is_no_file(previews: Previews, folder: Path) -> None:
    os.mkfifo(folder / "pipe.yaml")
    with pytest.raises(Unprocessable, match="no such file"):
        await previews.answer(call("type: yaml\nproperties: {yamlCatalogPath: pipe.yaml}", None))


@pytest.mark.parametrize(
    ("config", "data", "message"),
    [
        ("", DATA, "invalid config: missing required field: type"),
        ("- a", DATA, "invalid config: failed to parse config"),
        ("type: [yaml", DATA, "invalid config: failed to parse config"),
        ("type: ftp", DATA, "failed to load models: unsupported source type: ftp"),
        ("type: yaml\nexcludedModels: [a, ' ']", DATA, r"excludedModels\[1\]: pattern cannot be empty"),
        ("type: yaml", None, "missing required property: yamlCatalogPath"),
        ("type: yaml", b"models: [{name: a, licence: x}]", "line 1: model 'a'"),
        ("type: yaml", b"a: &a [x, x]\nb: &b [*a, *a]\nmodels: [*b" + b", *b" * 10 + b"]", "failed to load models"),
        ("type: hf\nassetType: mcp_servers", DATA, "unsupported source type: hf"),
        ("type: hf", None, "includedModels is required"),
        ("type: hf\nincludedModels: [a*/b]", None, "wildcard pattern"),
    ],
)
async def test_a_file_that_cannot_be_used_is_refused(
    previews: Previews, config: str, data: bytes | None, message: str
) -> None:
    with pytest.raises(Unprocessable, match=message):
        await previews.answer(call(config, data))


@pytest.mark.parametrize("token", ["x", "cm93czo=x", "YWJj", "cm93czotMQ==", "é"])
async def test_a_foreign_token_is_refused(previews: Previews, token: str) -> None:
    with pytest.raises((BadRequest, RefusedError), match="nextPageToken"):
        await previews.answer(call("type: yaml", nextPageToken=token))


Listed = list[tuple[SourceSettings, Access]]


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> Listed:
    """What Hugging Face is asked for, instead of asking it."""
    seen: Listed = []

    async def list_names(source: SourceSettings, access: Access) -> list[str]:
        seen.append((source, access))
        return ["acme/a", "acme/b"]

    monkeypatch.setattr(preview_hub, "listed_names", list_names)
    monkeypatch.setenv("HF_API_KEY", "hf_of_the_operator")
    return seen


HUB = "type: hf\nincludedModels: [acme/*]\nexcludedModels: ['*b']\nproperties: {%s}"


@pytest.mark.parametrize(
    ("properties", "key", "url"),
    [
        ("", None, None),
        ("apiKeyEnvVar: HOME", None, None),
        ("apiKey: hf_mine", "hf_mine", None),
        ("url: 'https://elsewhere.test'", None, None),
        ("url: 'http://mirror.test'", None, "http://mirror.test"),
    ],
)
async def test_a_preview_leads_neither_to_other_servers_nor_to_keys_of_this_one(
    listed: Listed, properties: str, key: str | None, url: str | None
) -> None:
    previews = Previews([], ["http://mirror.test"])
    assert await names(previews, HUB % properties, None) == ["acme/a", "acme/b"]
    ((source, access),) = listed
    assert access.environment.get("HF_API_KEY") == key
    assert source.properties.get("url") == url
    assert "apiKeyEnvVar" not in source.properties
