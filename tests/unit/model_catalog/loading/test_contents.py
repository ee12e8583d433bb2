"""What a compiled file keeps of a source is what the index would make of its entries."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from model_catalog.entries import AssetType, Entry
from model_catalog.index.segment import model_segment
from model_catalog.loading.compiled import Header, read, write
from model_catalog.loading.contents import entries_of, kept_by, line_of, pieces_for
from model_catalog.reading.settings import SourceSettings
from tests.unit.model_catalog.index.made import artifact, model, server

YAML = SourceSettings("a", AssetType.MODELS, type="yaml")
HUB = replace(YAML, type="hf")
MODELS = [
    model("a", artifact(uri="s3://b/a", speed=1.5), custom={"size": 7, "open": True, "score": 0.5, "text": "é\n"}),
    Entry({"name": "b\n", "source_id": "a", "tasks": ["x", "y"], "readme": "Some words"}, filtered={"externalId": "x"}),
    model("c", artifact(name="accuracy-metrics-model-{model_id}", metricsType="accuracy-metrics"), artifact()),
]


def kept(settings: SourceSettings, entries: list[Entry], folder: Path) -> object:
    lines = [line_of(entry) for entry in entries]
    write(folder / "a.catalog", Header("", 0, len(lines)), pieces_for(settings, lines))
    found = read(folder / "a.catalog")
    assert found
    return kept_by(found)


@pytest.mark.parametrize("entries", [MODELS, MODELS[:1], []])
@pytest.mark.parametrize("settings", [YAML, HUB])
def test_models_are_kept_as_the_segment_that_the_index_makes(
    settings: SourceSettings, entries: list[Entry], tmp_path: Path
) -> None:
    assert kept(settings, entries, tmp_path) == model_segment("a", entries)


def test_servers_are_kept_as_their_entries(tmp_path: Path) -> None:
    entries = [server("a", "x", "y", version="1"), server("b")]
    found = kept(replace(YAML, asset_type=AssetType.MCP_SERVERS), entries, tmp_path)
    assert isinstance(found, Sequence)
    assert [line_of(entry) for entry in found] == [line_of(entry) for entry in entries]
    assert found[1].item["name"] == "b"


def test_single_models_of_a_hub_can_be_taken_over_by_the_next_reading(tmp_path: Path) -> None:
    lines = [line_of(entry) for entry in MODELS]
    for settings, expected in ((HUB, lines), (YAML, [])):
        write(tmp_path / "a", Header("", 0, 3), pieces_for(settings, lines))
        found = read(tmp_path / "a")
        assert found
        assert [line_of(entry) for entry in entries_of(found)] == expected
