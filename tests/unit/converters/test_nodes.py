"""Whole entities to nodes and back. Every entity goes through the same round trip, generated from its table."""

import asyncio
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from converters._generated.metadata_store_pb2 import Artifact, Execution
from converters.companion import COMPANION
from converters.entities import (
    ENTITIES,
    DataSet,
    ExperimentRun,
    InferenceService,
    Metric,
    ModelArtifact,
    ModelVersion,
    Parameter,
    RegisteredModel,
    ServeModel,
)
from converters.entity import Entity, Field, Id, Kind, Stored
from converters.errors import RefusedError
from converters.nodes import from_node, merged_for_companion, to_change, to_node
from converters.type_definitions import put_types_request, type_ids
from tests.support.fake_store import FakeStore
from tests.support.memory_store import MemoryStore
from tests.support.tiers import many_cases

Json = dict[str, Any]
PLURAL = {Kind.CONTEXT: "Contexts", Kind.ARTIFACT: "Artifacts", Kind.EXECUTION: "Executions"}
NEVER_IN_BODIES = {
    Stored.BY_ATTRIBUTION,
    Stored.OF_PARENT,
    Stored.COPY_OF_NAME,
    Stored.COPY_OF_PARENT_NAME,
    Stored.IN_NAME,
}
every_entity = pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: entity.__name__)

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=12).filter(
    lambda text: not text.startswith("mlmd-struct::")
)
NUMBERS = st.integers(-(2**63), 2**63 - 1)
DOUBLES = st.floats(-1e60, 1e60, allow_nan=False, exclude_min=True, exclude_max=True)
OF_TYPE: dict[Any, st.SearchStrategy[Any]] = {
    str: TEXTS,
    int: NUMBERS,
    float: DOUBLES,
    Id: st.integers(1, 2**63 - 1).map(str),
    list[str]: st.lists(TEXTS, min_size=1, max_size=3),
}
CUSTOM = st.one_of(
    TEXTS.map(lambda text: {"metadataType": "MetadataStringValue", "string_value": text}),
    NUMBERS.map(lambda number: {"metadataType": "MetadataIntValue", "int_value": str(number)}),
    DOUBLES.map(lambda number: {"metadataType": "MetadataDoubleValue", "double_value": number}),
    st.booleans().map(lambda b: {"metadataType": "MetadataBoolValue", "bool_value": b}),
    st.just({"metadataType": "MetadataStructValue", "struct_value": "eyJhIjoxfQ=="}),
)


def values_of(field: Field) -> st.SearchStrategy[Any]:
    """Values that a client may send for a field."""
    if field.place is Stored.COLUMN and field.stored != "uri":
        states = Artifact.State if field.stored == "state" else Execution.State
        return st.sampled_from(states.keys())
    return OF_TYPE[field.type]


def bodies(entity: type[Entity]) -> st.SearchStrategy[Json]:
    """Bodies of an entity with any of its fields."""
    fields = {f.rest: values_of(f) for f in entity.fields.values() if f.place not in NEVER_IN_BODIES}
    always = {"customProperties": st.dictionaries(TEXTS.filter(lambda key: key != COMPANION), CUSTOM, max_size=3)}
    if "uri" in fields:
        always["uri"] = fields.pop("uri")  # MLMD gives every artifact one
    return st.fixed_dictionaries(always, optional={**fields, "externalId": TEXTS})


class Shelf:
    """A store in memory with our types."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.type_ids = asyncio.run(self.store.ensure_types())
        self.number = 0

    def put(self, entity: type[Entity], node: Any, mask: list[str] | None = None) -> Any:
        """Puts a node; returns it as the store keeps it."""
        return deepcopy(self.store.nodes[entity.kind][self.store.write(node, mask)])

    def create(self, entity: type[Entity], body: Json) -> Any:
        """Stores a body under a new name below the parent 7."""
        self.number += 1
        if "externalId" in body:
            body["externalId"] = f"{body['externalId']}{self.number}"
        return self.put(entity, new(entity, body, type_id=self.type_ids[entity], name=f"n{self.number}"))


class MlmdShelf(Shelf):
    """MLMD's C++ store with our types."""

    def __init__(self) -> None:
        self.mlmd = FakeStore()
        types = {field.name: value for field, value in put_types_request().ListFields()}
        self.type_ids = type_ids(self.mlmd.ask("PutTypes", **types))
        self.number = 0

    def put(self, entity: type[Entity], node: Any, mask: list[str] | None = None) -> Any:
        """Puts a node; returns it as MLMD keeps it."""
        plural, nodes, ids = PLURAL[entity.kind], f"{entity.kind}s", f"{entity.kind}_ids"
        masked = {} if mask is None else {"update_mask": {"paths": mask}}
        found = getattr(self.mlmd.ask(f"Put{plural}", **{nodes: [node]}, **masked), ids)
        return getattr(self.mlmd.ask(f"Get{plural}ByID", **{ids: found}), nodes)[0]


@pytest.fixture(scope="module", params=[Shelf, MlmdShelf], ids=["in memory", "in MLMD"])
def shelf(request: pytest.FixtureRequest) -> Shelf:
    """A store of each sort for this module."""
    made: Shelf = request.param()
    return made


def new(entity: type[Entity], body: Json, *, type_id: int = 1, name: str = "n") -> Any:
    """A new node, below the parent 7 if it is owned."""
    stored = f"7:{name}" if entity.is_owned() else name
    return to_node(entity, body, type_id=type_id, name=stored, own_name=name, parent_name="P")


@every_entity
@settings(max_examples=many_cases())
@given(data=st.data())
def test_every_entity_is_read_from_the_store_as_it_was_written(
    shelf: Shelf, entity: type[Entity], data: st.DataObject
) -> None:
    body = data.draw(bodies(entity))
    answer = from_node(entity, shelf.create(entity, body))
    given_by_the_store = {
        key: answer.pop(key) for key in ("id", "name", "createTimeSinceEpoch", "lastUpdateTimeSinceEpoch")
    }
    assert given_by_the_store["name"] == f"n{shelf.number}"
    assert answer.pop("artifactType", None) == entity.artifact_type
    owner = next((f.rest for f in entity.fields.values() if f.place is Stored.IN_NAME), None)
    assert answer == {**body, **({owner: "7"} if owner else {})}


@every_entity
@settings(max_examples=many_cases())
@given(data=st.data())
def test_a_change_touches_the_fields_that_it_has_and_no_others(
    shelf: Shelf, entity: type[Entity], data: st.DataObject
) -> None:
    before, change = data.draw(bodies(entity)), data.draw(bodies(entity))
    change = {key: change[key] for key in change if data.draw(st.booleans())}
    change.pop("externalId", None)
    stored = shelf.create(entity, before)
    merged = merged_for_companion(entity, change, from_node(entity, stored))
    node, mask = to_change(entity, stored.id, merged, type_id=shelf.type_ids[entity])
    after = from_node(entity, shelf.put(entity, node, mask) if mask else stored)
    after.pop("lastUpdateTimeSinceEpoch")
    expected = {**from_node(entity, stored), **change}
    expected.pop("lastUpdateTimeSinceEpoch")
    assert after == expected


# Masks.


@pytest.mark.parametrize(
    ("entity", "body", "mask"),
    [
        (RegisteredModel, {}, []),
        (RegisteredModel, {"description": "d"}, ["properties.description"]),
        (RegisteredModel, {"description": ""}, ["properties.description"]),
        (RegisteredModel, {"libraryName": "l", "tasks": []}, ["properties.library_name", "properties.tasks"]),
        (RegisteredModel, {"customProperties": {}}, ["custom_properties"]),
        (RegisteredModel, {"externalId": "x"}, ["external_id"]),
        (ModelVersion, {"registeredModelId": "8"}, []),
        (ModelVersion, {"id": "8", "createTimeSinceEpoch": "1", "author": "a"}, ["properties.author"]),
        (ModelArtifact, {"uri": "u", "state": "LIVE", "artifactType": "model-artifact"}, ["uri", "state"]),
        (ModelArtifact, {"experimentId": "1", "experimentRunId": "2"}, []),
        (ServeModel, {"lastKnownState": "NEW"}, ["last_known_state"]),
        (InferenceService, {"modelVersionId": "3"}, ["properties.model_version_id"]),
    ],
)
def test_the_mask_names_what_changes(entity: type[Entity], body: Json, mask: list[str]) -> None:
    assert to_change(entity, 5, body, type_id=1)[1] == mask


# Absent and empty.


def test_an_absent_value_is_not_written() -> None:
    node = new(RegisteredModel, {"description": None, "tasks": []})
    assert not node.properties
    assert not node.HasField("external_id")


def test_an_empty_text_is_written_and_reads_as_absent() -> None:
    node = new(RegisteredModel, {"description": ""})
    assert node.properties["description"].string_value == ""
    assert "description" in node.properties
    assert "description" not in from_node(RegisteredModel, node)


def test_an_empty_value_of_a_parameter_means_something() -> None:
    assert from_node(Parameter, new(Parameter, {"value": "", "parameterType": "string"}))["value"] == ""


def test_an_empty_external_id_is_not_written() -> None:
    assert not new(RegisteredModel, {"externalId": ""}).HasField("external_id")


def test_an_empty_text_clears(shelf: Shelf) -> None:
    stored = shelf.create(RegisteredModel, {"description": "d", "owner": "ann", "externalId": "x", "tasks": ["a"]})
    change = {"description": "", "externalId": "", "tasks": []}
    node, mask = to_change(RegisteredModel, stored.id, change, type_id=stored.type_id)
    after = from_node(RegisteredModel, shelf.put(RegisteredModel, node, mask))
    assert {"description", "externalId", "tasks"}.isdisjoint(after)
    assert after["owner"] == "ann"


def test_custom_properties_are_always_there() -> None:
    assert from_node(RegisteredModel, new(RegisteredModel, {}))["customProperties"] == {}


# Names.


def test_the_stored_name_of_a_version_holds_the_id_of_its_model() -> None:
    node = new(ModelVersion, {"registeredModelId": "999"}, name="v")
    assert "registered_model_id" not in node.properties
    assert from_node(ModelVersion, node)["registeredModelId"] == "7"


def test_a_version_keeps_copies_of_names_that_are_never_read() -> None:
    node = new(ModelVersion, {}, name="v")
    assert {key: value.string_value for key, value in node.properties.items()} == {"version": "v", "model_name": "P"}
    assert {"version", "modelName"}.isdisjoint(from_node(ModelVersion, node))


def test_a_run_without_a_prefix_has_no_experiment() -> None:
    node = new(ExperimentRun, {})
    node.name = "made by others"
    answer = from_node(ExperimentRun, node)
    assert answer["name"] == "made by others"
    assert "experimentId" not in answer


# Exact doubles.


def number(value: float) -> Json:
    """A custom property of this value."""
    return {"metadataType": "MetadataDoubleValue", "double_value": value}


def test_doubles_that_survive_have_no_companion() -> None:
    assert COMPANION not in new(Metric, {"value": 0.5, "customProperties": {"a": number(1.25)}}).custom_properties


def test_doubles_that_would_be_rounded_are_kept_in_the_companion_which_is_not_shown(shelf: Shelf) -> None:
    body = {"value": 1e-20, "customProperties": {"a": number(1 / 3), "": number(1e-9), "a.b": number(1e-8)}}
    stored = shelf.create(Metric, body)
    assert stored.properties["value"].double_value == 0
    answer = from_node(Metric, stored)
    assert (answer["value"], answer["customProperties"]) == (1e-20, body["customProperties"])


def test_a_value_that_another_client_wrote_later_counts(shelf: Shelf) -> None:
    stored = shelf.create(Metric, {"value": 1e-20, "customProperties": {"a": number(1 / 3), "b": number(1 / 7)}})
    stored.properties["value"].double_value = 2
    stored.custom_properties["a"].double_value = 0.5
    answer = from_node(Metric, shelf.put(Metric, stored))
    assert answer["value"] == 2
    assert answer["customProperties"] == {"a": number(0.5), "b": number(1 / 7)}


def test_a_companion_entry_for_a_property_that_is_gone_or_has_another_type_is_ignored() -> None:
    node = new(Metric, {"value": 1, "customProperties": {"a": number(1 / 3), "b": number(1 / 3)}})
    del node.custom_properties["a"]
    node.custom_properties["b"].int_value = 5
    answer = from_node(Metric, node)
    assert answer["customProperties"] == {"b": {"metadataType": "MetadataIntValue", "int_value": "5"}}


def test_a_client_cannot_use_the_reserved_name() -> None:
    with pytest.raises(RefusedError, match="is reserved: choose another name"):
        new(Metric, {"customProperties": {COMPANION: number(1)}})


@pytest.mark.parametrize(
    ("entity", "body", "merged"),
    [
        (Metric, {"step": 1}, {"step": 1}),
        (Metric, {"value": 2}, {"value": 2, "customProperties": {"a": number(1)}}),
        (Metric, {"customProperties": {}}, {"value": 1, "customProperties": {}}),
        (DataSet, {"customProperties": {}}, {"customProperties": {}}),
    ],
)
def test_a_change_of_a_double_has_all_numbers_that_share_its_companion(
    entity: type[Entity], body: Json, merged: Json
) -> None:
    stored = {"value": 1, "customProperties": {"a": number(1)}}
    assert merged_for_companion(entity, body, stored) == merged


# Limits and what others have written.


@pytest.mark.parametrize(
    "body",
    [
        {"externalId": "x" * 256},
        {"externalId": "é" * 128},
        {"customProperties": {"é" * 128: number(1)}},
        {"uri": "x" * 65_536},
        {"customProperties": {"a": {"metadataType": "MetadataIntValue", "int_value": str(2**63)}}},
    ],
)
def test_a_value_that_the_store_cannot_keep_is_refused(body: Json) -> None:
    with pytest.raises(RefusedError):
        new(ModelArtifact, body)


def test_values_of_types_that_rest_does_not_have_are_not_shown() -> None:
    node = new(RegisteredModel, {})
    node.custom_properties["proto"].proto_value.type_url = "x"
    node.custom_properties["unset"].SetInParent()
    node.properties["made by others"].string_value = "x"
    assert from_node(RegisteredModel, node)["customProperties"] == {}


def test_a_state_that_was_never_set_is_absent() -> None:
    assert "state" not in from_node(ModelArtifact, new(ModelArtifact, {}))
    assert from_node(ModelArtifact, new(ModelArtifact, {"state": "UNKNOWN"}))["state"] == "UNKNOWN"
