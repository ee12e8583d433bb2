"""The thirteen types, written without the entities: other servers open the same stores."""

import pytest

from converters._generated import metadata_store_pb2 as mlmd
from converters.entities import ENTITIES
from converters.type_definitions import put_types_request, type_ids
from tests.support.fake_store import FakeStore

S, I, D, ST = mlmd.STRING, mlmd.INT, mlmd.DOUBLE, mlmd.STRUCT  # noqa: E741 (as the reference abbreviates them)
TYPES = {
    "context": {
        "kf.RegisteredModel": {
            **dict.fromkeys(["description", "library_name", "license_link", "license", "logo", "maturity"], S),
            **dict.fromkeys(["owner", "provider", "readme", "state"], S),
            **dict.fromkeys(["language", "tasks"], ST),
        },
        "kf.ModelVersion": dict.fromkeys(["description", "model_name", "version", "author", "state"], S),
        "kf.ServingEnvironment": {"description": S},
        "kf.InferenceService": {
            **dict.fromkeys(["model_version_id", "registered_model_id", "serving_environment_id"], I),
            **dict.fromkeys(["description", "runtime", "desired_state"], S),
        },
        "kf.Experiment": dict.fromkeys(["description", "owner", "state"], S),
        "kf.ExperimentRun": dict.fromkeys(
            ["description", "owner", "state", "status", "start_time_since_epoch", "end_time_since_epoch"], S
        ),
    },
    "artifact": {
        "kf.DocArtifact": {"description": S},
        "kf.ModelArtifact": {
            **dict.fromkeys(["description", "model_format_name", "model_format_version", "storage_key"], S),
            **dict.fromkeys(["storage_path", "service_account_name", "model_source_kind", "model_source_class"], S),
            **dict.fromkeys(["model_source_group", "model_source_id", "model_source_name"], S),
        },
        "kf.DataSet": dict.fromkeys(["description", "digest", "source_type", "source", "schema", "profile"], S),
        "kf.Metric": {"description": S, "value": D, "timestamp": S, "step": I},
        "kf.MetricHistory": {"description": S, "value": D, "timestamp": S, "step": I},
        "kf.Parameter": {"description": S, "value": S, "parameter_type": S},
    },
    "execution": {"kf.ServeModel": {"description": S, "model_version_id": I}},
}


@pytest.mark.parametrize("kind", TYPES)
def test_the_types_are_exactly_these(kind: str) -> None:
    asked = getattr(put_types_request(), f"{kind}_types")
    assert {type_.name: dict(type_.properties) for type_ in asked} == TYPES[kind]
    assert not any(type_.HasField(field) for type_ in asked for field in ("version", "description", "external_id"))


def test_there_are_thirteen() -> None:
    assert sum(map(len, TYPES.values())) == len(ENTITIES) == 13


def test_each_kind_has_its_own_ids() -> None:
    store = FakeStore()
    request = put_types_request()
    fields = {field.name: value for field, value in request.ListFields()}
    ids = type_ids(store.ask("PutTypes", **fields))
    assert type_ids(store.ask("PutTypes", **fields)) == ids
    for entity, id_ in ids.items():
        (found,) = getattr(store.ask(f"Get{entity.kind.title()}TypesByID", type_ids=[id_]), f"{entity.kind}_types")
        assert found.name == entity.stored_as


def test_a_store_whose_types_have_fewer_or_more_properties_is_accepted() -> None:
    store = FakeStore()
    store.ask(
        "PutContextType", context_type={"name": "kf.RegisteredModel", "properties": {"description": S, "other": I}}
    )
    ids = type_ids(store.ask("PutTypes", **{field.name: value for field, value in put_types_request().ListFields()}))
    (type_,) = store.ask("GetContextTypesByID", type_ids=[ids[ENTITIES[0]]]).context_types
    assert {"other", *TYPES["context"]["kf.RegisteredModel"]} == set(type_.properties)
