"""Sources of type yaml."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from model_catalog.entries import AssetType, SourceError
from model_catalog.reading.performance import Performance
from model_catalog.reading.settings import SourceSettings
from tests.support.catalog_sources import content_of


def source(directory: Path, text: str, asset_type: AssetType = AssetType.MODELS) -> SourceSettings:
    (directory / "f.yaml").write_text(text)
    return SourceSettings(
        "s",
        asset_type,
        type="yaml",
        properties={"yamlCatalogPath": "f.yaml"},
        directory=directory,
        place="sources.yaml: line 2",
    )


def test_servers_of_one_name_may_have_several_versions(tmp_path: Path) -> None:
    text = "mcp_servers: [{name: a, version: '1'}, {name: a, version: '2'}]"
    content = content_of(source(tmp_path, text, AssetType.MCP_SERVERS), Performance(), "77")
    assert [entry.item["version"] for entry in content.entries] == ["1", "2"]


def test_a_source_that_is_wrong_itself_is_refused_in_its_own_words(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="what is wrong"):
        content_of(SourceSettings("s", AssetType.MODELS, error="what is wrong"), Performance(), "77")


@pytest.mark.parametrize("properties", [{}, {"yamlCatalogPath": ""}, {"yamlCatalogPath": 5}])
def test_a_source_without_a_path_is_refused(properties: dict[str, object]) -> None:
    with pytest.raises(SourceError, match="has no file; write properties"):
        content_of(SourceSettings("s", AssetType.MODELS, type="yaml", properties=properties), Performance(), "77")


def test_a_directory_is_no_file(tmp_path: Path) -> None:
    settings = source(tmp_path, "")
    (tmp_path / "f.yaml").unlink()
    (tmp_path / "f.yaml").mkdir()
    with pytest.raises(SourceError, match="cannot be read: it is no file"):
        content_of(settings, Performance(), "77")


def test_a_pipe_is_no_file(tmp_path: Path) -> None:
    settings = source(tmp_path, "")
    (tmp_path / "f.yaml").unlink()
    os.mkfifo(tmp_path / "f.yaml")
    with pytest.raises(SourceError, match="cannot be read: it is no file"):
        content_of(settings, Performance(), "77")


@pytest.mark.parametrize("excluded", ["x", [5], [" "], {"a": 1}])
def test_the_old_list_of_what_is_excluded_must_be_one(tmp_path: Path, excluded: object) -> None:
    settings = source(tmp_path, "models: [{name: a}]")
    odd = replace(settings, properties={**settings.properties, "excludedModels": excluded})
    with pytest.raises(SourceError, match=r"properties\.excludedModels"):
        content_of(odd, Performance(), "77")


def test_what_is_all_excluded_is_no_error(tmp_path: Path) -> None:
    settings = source(tmp_path, "models: [{name: a}]")
    excluded = SourceSettings(
        "s", AssetType.MODELS, type="yaml", properties=settings.properties, directory=tmp_path, excluded=["*"]
    )
    assert content_of(excluded, Performance(), "77").entries == []
