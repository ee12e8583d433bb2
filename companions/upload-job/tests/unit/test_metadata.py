"""The folder with metadata."""

from collections.abc import Callable
from pathlib import Path

import pytest
from model_registry_upload_job.metadata import read
from model_registry_upload_job.problems import UploadError

Write = Callable[..., str]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """A function that writes a folder; `__` in a name is a dot."""

    def written(**files: str) -> str:
        for name, text in files.items():
            (tmp_path / name.replace("__", ".", 1)).write_text(text)
        return str(tmp_path)

    return written


@pytest.mark.parametrize("name", ["custom_properties", "customProperties"])
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"team": "nlp"}', "nlp"),
        ('{"team": 3}', 3),
        ('{"team": {"metadataType": "MetadataStringValue", "string_value": "nlp"}}', "nlp"),
        ('{"team": {"metadataType": "MetadataIntValue", "int_value": "3"}}', 3),
    ],
)
def test_both_spellings_and_both_forms_of_values_are_read(write: Write, name: str, text: str, value: object) -> None:
    found = read(write(**{f"ModelVersion__{name}": text, "ModelVersion__name": "1\n"}))
    assert found.version == {"name": "1", "custom_properties": {"team": value}}


def test_fields_are_read_in_the_spelling_of_the_api_too_and_ids_by_themselves(write: Write) -> None:
    found = read(
        write(ModelArtifact__modelFormatName="onnx", ModelArtifact__id="7", ModelArtifact__description="d", other="x")
    )
    assert found.artifact == {"model_format_name": "onnx", "description": "d"}
    assert found.ids == {"ModelArtifact": "7"}


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"ModelVersion__colour": "red"}, "A ModelVersion has no field 'colour'"),
        ({"ModelVersion__custom_properties": "[1]"}, "ModelVersion.custom_properties must be a JSON object."),
        ({"ModelVersion__custom_properties": "{"}, "ModelVersion.custom_properties must be a JSON object:"),
        (
            {"ModelArtifact__custom_properties": '{"languages": ["en"]}'},
            "ModelArtifact.custom_properties: the property 'languages' must be a text",
        ),
        (
            {"ModelVersion__custom_properties": '{"a": {"metadataType": "Other"}}'},
            "ModelVersion.custom_properties: the pro",
        ),
    ],
)
def test_what_cannot_be_registered_is_refused(write: Write, files: dict[str, str], reason: str) -> None:
    with pytest.raises(UploadError) as raised:
        read(write(**files))
    assert str(raised.value).startswith(reason)
