"""What an import does with entities that a target refuses in part."""

import pytest
from model_registry_client.entities import InferenceService, Metric, Parameter, RegisteredModel
from model_registry_client.transfer.histories import aligned
from model_registry_client.transfer.parts import split
from model_registry_client.transfer.rest import Json

TEXT = {"metadataType": "MetadataStringValue", "string_value": "x"}


def values(*numbers: int) -> list[Json]:
    return [{"id": str(place), "value": number, "step": 0} for place, number in enumerate(numbers)]


@pytest.mark.parametrize(
    ("there", "all_of_them", "expected"),
    [
        ((), (1, 2, 3), []),
        ((1, 2), (1, 2, 3), [0, 1]),
        ((1, 3), (1, 2, 3), [0, 2]),
        ((2,), (1, 2, 3), [1]),
        ((1, 1), (1, 2, 1), [0, 2]),
        ((1, 2, 3), (1, 2, 3), [0, 1, 2]),
        ((2, 1), (1, 2, 3), None),
        ((4,), (1, 2, 3), None),
        ((1, 2, 3, 4), (1, 2, 3), None),
    ],
)
def test_values_at_a_target_are_found_among_all_in_their_order(
    there: tuple[int, ...], all_of_them: tuple[int, ...], expected: list[int] | None
) -> None:
    assert aligned(values(*there), values(*all_of_them)) == expected


def test_an_entity_is_split_into_what_it_needs_and_each_other_part() -> None:
    body = {"name": "m", "state": "LIVE", "owner": "ann", "customProperties": {"a": TEXT, "b": TEXT}}
    needed, parts = split(RegisteredModel, body)
    assert needed == {"name": "m", "state": "LIVE"}
    assert [label for label, _ in parts] == ["owner", "customProperties.a", "customProperties.b"]


def test_references_and_values_are_needed() -> None:
    service = {
        "name": "s",
        "registeredModelId": "1",
        "servingEnvironmentId": "2",
        "modelVersionId": "3",
        "runtime": "r",
    }
    needed, parts = split(InferenceService, service)
    assert needed == {key: value for key, value in service.items() if key != "runtime"}
    assert [label for label, _ in parts] == ["runtime"]
    metric = {"artifactType": "metric", "name": "loss", "value": 1, "step": 2, "timestamp": "3", "externalId": "e"}
    assert split(Metric, metric)[0] == {key: value for key, value in metric.items() if key != "externalId"}
    parameter = {"artifactType": "parameter", "name": "lr", "value": "", "parameterType": "string", "uri": "u"}
    assert split(Parameter, parameter)[0] == {key: value for key, value in parameter.items() if key != "uri"}
