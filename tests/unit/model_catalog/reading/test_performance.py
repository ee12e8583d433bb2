"""Performance data of models."""

import json
from pathlib import Path
from typing import Any

from model_catalog.entries import Entry
from model_catalog.reading.performance import find_performance
from model_catalog.reading.report import Report

MODEL = Entry({"name": "Acme/Small"}, [{"uri": "oci://x"}])


def write(folder: Path, metadata: Any, performance: str = "", evaluations: str = "") -> None:
    folder.mkdir(parents=True)
    (folder / "metadata.json").write_text(json.dumps(metadata))
    (folder / "performance.ndjson").write_text(performance)
    (folder / "evaluations.ndjson").write_text(evaluations)


def test_a_model_gets_the_texts_of_the_metadata_and_no_artifact_without_measurements(tmp_path: Path) -> None:
    write(tmp_path / "a" / "b", {"id": "acme/small", "size": "7B", "tensor_type": "", "overall_accuracy": 5})
    entry = find_performance([tmp_path]).enriched(MODEL, "77", Report())
    assert entry.item["customProperties"] == {"size": {"metadataType": "MetadataStringValue", "string_value": "7B"}}
    assert entry.parts == MODEL.parts
    assert MODEL.item == {"name": "Acme/Small"}


def test_a_model_gets_the_memory_it_needs_as_a_number_and_its_cold_starts_as_json(tmp_path: Path) -> None:
    starts = [{"gpu": "A10", "seconds": 31.5}]
    write(tmp_path / "a", {"id": "acme/small", "min_vram_gb": 24, "cold_start_matrix": starts})
    write(tmp_path / "b", {"id": "acme/other", "min_vram_gb": "24", "cold_start_matrix": "none"})
    found = find_performance([tmp_path])
    assert found.enriched(MODEL, "77", Report()).item["customProperties"] == {
        "min_vram_gb": {"metadataType": "MetadataDoubleValue", "double_value": 24.0},
        "cold_start_matrix": {"metadataType": "MetadataStringValue", "string_value": '[{"gpu":"A10","seconds":31.5}]'},
    }
    assert "customProperties" not in found.enriched(Entry({"name": "acme/other"}), "77", Report()).item


def test_a_model_without_measurements_stays_the_same(tmp_path: Path) -> None:
    write(tmp_path / "a", {"id": "other"})
    assert find_performance([tmp_path]).enriched(MODEL, "77", Report()) is MODEL


def test_all_evaluations_become_one_artifact(tmp_path: Path) -> None:
    lines = (
        '{"benchmark": "b", "score": 1, "created_at": 5}\n{"benchmark": "c", "score": true}\n'
        '{"benchmark": "b", "score": 2.5, "created_at": 4, "updated_at": 9}\n'
    )
    write(tmp_path / "a", {"id": "acme/small", "overall_accuracy": 3}, evaluations=lines)
    accuracy = find_performance([tmp_path]).enriched(MODEL, "77", Report()).parts[1]
    assert {name: value["double_value"] for name, value in accuracy["customProperties"].items()} == {
        "b": 2.5,
        "overall_average": 3.0,
    }
    assert (accuracy["createTimeSinceEpoch"], accuracy["lastUpdateTimeSinceEpoch"]) == ("4", "9")
    assert accuracy["name"] == accuracy["externalId"] == "accuracy-metrics-model-{model_id}"


def test_values_of_measurements_keep_their_kind(tmp_path: Path) -> None:
    line = {
        "id": "m",
        "whole": 5,
        "large": 2**31,
        "part": 2.0,
        "yes": True,
        "none": None,
        "list": ["a", 1, None],
        "map": {"b": 1, "a": False},
    }
    write(tmp_path / "a", {"id": "acme/small"}, performance=json.dumps(line))
    (measured,) = find_performance([tmp_path]).enriched(MODEL, "77", Report()).parts[1:]
    shown = {
        name: value[next(key for key in value if key != "metadataType")]
        for name, value in measured["customProperties"].items()
    }
    assert shown == {
        "id": "m",
        "whole": "5",
        "part": 2.0,
        "yes": True,
        "none": "<nil>",
        "list": "[a 1 <nil>]",
        "map": "map[a:false b:1]",
    }
    assert (measured["name"], measured["externalId"], measured["createTimeSinceEpoch"]) == ("performance-m", "m", "77")


def test_bad_lines_are_passed_over_and_reported(tmp_path: Path) -> None:
    write(tmp_path / "a", {"id": "acme/small"}, performance='{"id": "m"}\nnot json\n[1]\n{"x": 1}\n\n{"id": 7}\n')
    report = Report()
    entry = find_performance([tmp_path]).enriched(MODEL, "77", report)
    assert [part.get("externalId") for part in entry.parts[1:]] == ["m", "7"]
    assert [warning.rpartition("performance.ndjson: ")[2] for warning in report.warnings] == [
        f"line {line} is not a JSON object with id, so it is not used" for line in (2, 3, 4)
    ]


def test_directories_that_cannot_be_used_are_reported_and_the_others_count(tmp_path: Path) -> None:
    write(tmp_path / "good", {"id": "acme/small"})
    write(tmp_path / "no-id", {"name": "x"})
    write(tmp_path / "list", [1])
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / "metadata.json").write_text("text")
    performance = find_performance([tmp_path / "none", tmp_path])
    assert performance.directories == {"acme/small": tmp_path / "good"}
    assert len(performance.warnings) == 5
    assert "there is no such directory" in performance.warnings[0]


def test_links_are_followed_but_not_in_circles(tmp_path: Path) -> None:
    write(tmp_path / "..data" / "a", {"id": "acme/small"})
    (tmp_path / "a").symlink_to(tmp_path / "..data" / "a")
    (tmp_path / "..data" / "a" / "circle").symlink_to(tmp_path)
    assert find_performance([tmp_path]).directories == {"acme/small": tmp_path / "a"}


def test_a_file_that_is_gone_since_is_reported(tmp_path: Path) -> None:
    write(tmp_path / "a", {"id": "acme/small"}, performance='{"id": "m"}')
    performance = find_performance([tmp_path])
    (tmp_path / "a" / "metadata.json").unlink()
    report = Report()
    assert len(performance.enriched(MODEL, "77", report).parts) == 2
    assert "metadata.json: it cannot be read" in report.warnings[0]
