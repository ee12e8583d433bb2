"""What the reading process makes of a source and says of it."""

from pathlib import Path

from model_catalog.entries import AssetType
from model_catalog.index.segment import Segment
from model_catalog.loading.compiled import read
from model_catalog.loading.contents import kept_by
from model_catalog.loading.jobs import Job, Outcome, Task
from model_catalog.loading.reading_process import Reading
from model_catalog.reading.settings import SourceSettings


def test_of_two_models_with_one_name_the_later_one_takes_the_place_of_the_first(tmp_path: Path) -> None:
    (tmp_path / "f.yaml").write_text(
        "models: [{name: a, description: one, provider: P}, {name: b}, {name: a, description: two}]"
    )
    properties = {"yamlCatalogPath": "f.yaml"}
    settings = SourceSettings("s", AssetType.MODELS, type="yaml", properties=properties, directory=tmp_path)
    target = tmp_path / "s.catalog"
    (result,) = Reading(Job((Task(settings, target),))).results()
    assert result.outcome is Outcome.COMPILED
    assert "has 'a' twice; the later one counts" in result.warnings[0]
    found = read(target)
    assert found
    segment = kept_by(found)
    assert isinstance(segment, Segment)
    values = {name: segment.columns.fields[name].of_rows(0, 2) for name in ("name", "description")}
    assert values == {"name": ["a", "b"], "description": ["two", None]}
    assert "provider" not in segment.columns.fields
