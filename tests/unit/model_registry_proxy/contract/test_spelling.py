"""Names of members in upper or lower case: where they are accepted, where not, and how messages show them."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from model_registry_proxy.contract.body_schemas import BodyValidator
from model_registry_proxy.errors import BadRequest, MissingField, RegistryError
from tests.support.document import contract

Json = dict[str, Any]
BODIES = {d.operation_id: BodyValidator(contract(), d.body) for d in contract().operations if d.body}
SCHEMAS = {d.operation_id: d.body for d in contract().operations if d.body}


def text(value: str, **more: Any) -> Json:
    """A custom property."""
    return {"metadataType": "MetadataStringValue", "string_value": value, **more}


TAKEN: list[tuple[str, Json, Json]] = [
    ("createModelVersion", {"name": "v", "registeredModelID": "1"}, {"name": "v", "registeredModelId": "1"}),
    ("createModelVersion", {"NAME": "v", "registeredmodelid": "1"}, {"name": "v", "registeredModelId": "1"}),
    (
        "createInferenceService",
        {"registeredModelID": "1", "servingEnvironmentID": "2", "modelVersionID": "3"},
        {"registeredModelId": "1", "servingEnvironmentId": "2", "modelVersionId": "3"},
    ),
    ("createInferenceServiceServe", {"MODELVERSIONID": "1"}, {"modelVersionId": "1"}),
    ("updateRegisteredModel", {"Description": "d", "STATE": "ARCHIVED"}, {"description": "d", "state": "ARCHIVED"}),
    ("updateRegisteredModel", {"DESCRIPTION": None}, {}),
    ("updateModelArtifact", {"URI": "s3://x", "ModelFormatName": None}, {"uri": "s3://x"}),
    ("createArtifact", {"ARTIFACTTYPE": "metric", "Value": 1}, {"artifactType": "metric", "value": 1}),
    ("updateArtifact", {"artifacttype": "metric", "STEP": 2}, {"artifactType": "metric", "step": 2}),
    (
        "upsertExperimentRunArtifact",
        {"ArtifactType": "metric", "ID": "5", "externalID": "e"},
        {"artifactType": "metric", "id": "5", "externalId": "e"},
    ),
    (
        "updateRegisteredModel",
        {"CUSTOMPROPERTIES": {"Owner": {"MetadataType": "MetadataBoolValue", "BOOL_VALUE": True}, "owner": text("x")}},
        {"customProperties": {"Owner": {"metadataType": "MetadataBoolValue", "bool_value": True}, "owner": text("x")}},
    ),
]


@pytest.mark.parametrize(("operation", "sent", "meant"), TAKEN)
def test_a_name_in_another_case_is_read_as_the_documented_one(operation: str, sent: Json, meant: Json) -> None:
    assert BODIES[operation](sent) == BODIES[operation](meant)


def test_names_of_custom_properties_stay_unchanged() -> None:
    mine = {"NAME": text("a"), "name": text("b"), "metadatatype": text("c"), "String_Value": text("d")}
    assert BODIES["updateRegisteredModel"]({"customProperties": mine}) == {"customProperties": mine}
    assert BODIES["updateRegisteredModel"]({"CustomProperties": mine}) == {"customProperties": mine}


@pytest.mark.parametrize(
    ("operation", "body", "message"),
    [
        (
            "createRegisteredModel",
            {"name": "a", "NAME": "a"},
            "The body has the key 'name' twice: as 'name' and as 'NAME'.",
        ),
        (
            "createRegisteredModel",
            {"NaMe": "a", "NAME": "b"},
            "The body has the key 'name' twice: as 'NaMe' and as 'NAME'.",
        ),
        (
            "createRegisteredModel",
            {"name": "a", "NAME": None},
            "The body has the key 'name' twice: as 'name' and as 'NAME'.",
        ),
        (
            "createRegisteredModel",
            {"name": None, "NAME": "a"},
            "The body has the key 'name' twice: as 'name' and as 'NAME'.",
        ),
        (
            "createArtifact",
            {"artifactType": "metric", "ARTIFACTTYPE": "metric", "value": 1},
            "The body has the key 'artifactType' twice: as 'artifactType' and as 'ARTIFACTTYPE'.",
        ),
        (
            "updateRegisteredModel",
            {"CUSTOMproperties": {"P": text("x", STRING_VALUE="x")}},
            "CUSTOMproperties.P has the key 'string_value' twice: as 'string_value' and as 'STRING_VALUE'.",
        ),
    ],
)
def test_one_member_in_two_spellings_is_refused_as_a_duplicate(operation: str, body: Json, message: str) -> None:
    with pytest.raises(BadRequest) as refused:
        BODIES[operation](body)
    assert refused.value.message == message


@pytest.mark.parametrize(
    ("operation", "body", "message"),
    [
        ("createRegisteredModel", {"NAME": 5}, "NAME must be a string; got 5."),
        ("createRegisteredModel", {"NAME": ""}, "required field 'name' is zero value."),
        ("createRegisteredModel", {"NAME": "x", "EXT_ID": 1}, 'json: unknown field "EXT_ID"'),
        (
            "updateRegisteredModel",
            {"STATE": "GONE"},
            "GONE is not a valid RegisteredModelState; STATE is one of LIVE, ARCHIVED.",
        ),
        ("updateRegisteredModel", {"Language": ["en", 5]}, "Language.1 must be a string; got 5."),
        (
            "updateRegisteredModel",
            {"customproperties": {"p": {"METADATATYPE": "MetadataIntValue", "INT_VALUE": 5}}},
            "customproperties.p.INT_VALUE must be a string; got 5.",
        ),
        (
            "updateRegisteredModel",
            {"customProperties": {"p": text("x", INT_VALUE="5")}},
            'customProperties.p has an unknown member "INT_VALUE".',
        ),
    ],
)
def test_a_message_shows_names_as_they_were_sent(operation: str, body: Json, message: str) -> None:
    with pytest.raises(RegistryError) as refused:
        BODIES[operation](body)
    assert refused.value.message == message
    assert isinstance(refused.value, BadRequest | MissingField)


def _objects(schema: Json, place: str, around: Sequence[Json] = ()) -> Iterator[tuple[str, list[Json]]]:
    """Each object schema below a body, with all schemas that it includes."""
    branches = [*contract().branches(schema), *around]
    alternatives = [] if around else [part for branch in branches for part in branch.get("oneOf", ())]
    for number, part in enumerate(alternatives):
        yield from _objects(part, f"{place}/{number}", branches)
    if any("properties" in branch for branch in branches) and not alternatives:
        yield place, branches
    for branch in branches:
        for name, part in branch.get("properties", {}).items():
            yield from _objects(part, f"{place}.{name}")
        for word in ("additionalProperties", "items"):
            if isinstance(branch.get(word), dict):
                yield from _objects(branch[word], f"{place}.*")


@pytest.mark.parametrize("operation", SCHEMAS)
def test_every_object_of_a_body_is_closed_so_that_a_misspelt_member_is_noticed(operation: str) -> None:
    """Names are compared only after a body was refused: an open object would ignore a member in another case."""
    found = list(_objects(SCHEMAS[operation], operation))
    assert found
    for place, branches in found:
        closing = [
            branch.get(word) for branch in branches for word in ("unevaluatedProperties", "additionalProperties")
        ]
        assert False in closing, place


def test_no_two_documented_names_differ_only_in_case() -> None:
    for operation, schema in SCHEMAS.items():
        for place, branches in _objects(schema, operation):
            names = {name for branch in branches for name in branch.get("properties", {})}
            assert len({name.lower() for name in names}) == len(names), place
