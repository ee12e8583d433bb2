"""The types in MLMD are those of the Go proxy and not one property more, or it could not open the store any longer."""

from pathlib import Path

import pytest

from tests.interop.go_proxy import copy_of_the_store
from tests.support.mlmd_client import in_file, over_grpc, pb
from tests.support.mlmd_contents import types_of
from tests.support.processes import Proxy


def strings(*names: str) -> dict[str, str]:
    return dict.fromkeys(names, "STRING")


METRIC = {**strings("description", "timestamp"), "value": "DOUBLE", "step": "INT"}
TYPES: dict[str, dict[str, dict[str, str]]] = {
    "context": {
        "kf.RegisteredModel": {
            **strings("description", "library_name", "license_link", "license", "logo", "maturity", "owner", "provider"),
            **strings("readme", "state"),
            "language": "STRUCT",
            "tasks": "STRUCT",
        },
        "kf.ModelVersion": strings("description", "model_name", "version", "author", "state"),
        "kf.ServingEnvironment": strings("description"),
        "kf.InferenceService": {
            **strings("description", "runtime", "desired_state"),
            **dict.fromkeys(("model_version_id", "registered_model_id", "serving_environment_id"), "INT"),
        },
        "kf.Experiment": strings("description", "owner", "state"),
        "kf.ExperimentRun": strings(
            "description", "owner", "state", "status", "start_time_since_epoch", "end_time_since_epoch"
        ),
    },
    "artifact": {
        "kf.DocArtifact": strings("description"),
        "kf.ModelArtifact": strings(
            "description", "model_format_name", "model_format_version", "storage_key", "storage_path",
            "service_account_name", "model_source_kind", "model_source_class", "model_source_group", "model_source_id",
            "model_source_name",
        ),
        "kf.DataSet": strings("description", "digest", "source_type", "source", "schema", "profile"),
        "kf.Metric": METRIC,
        "kf.MetricHistory": METRIC,
        "kf.Parameter": strings("description", "value", "parameter_type"),
    },
    "execution": {"kf.ServeModel": {**strings("description"), "model_version_id": "INT"}},
}  # fmt: skip


@pytest.mark.parametrize("kind", TYPES)
def test_types_are_exactly_those_of_the_go_proxy(any_proxy: Proxy, kind: str) -> None:
    ours = {name: p for name, p in types_of(over_grpc(any_proxy), kind=kind).items() if name.startswith("kf.")}
    assert ours == TYPES[kind]


@pytest.mark.parametrize("kind", TYPES)
def test_the_table_above_is_what_the_go_proxy_wrote(tmp_path: Path, kind: str) -> None:
    assert types_of(in_file(copy_of_the_store(tmp_path)), kind=kind) == TYPES[kind]


def test_types_have_nothing_beyond_names_and_properties(any_proxy: Proxy) -> None:
    store = over_grpc(any_proxy)
    for kind, types in TYPES.items():
        for name in types:
            type_ = getattr(store, f"get_{kind}_type")(name)
            assert {field.name for field, _ in type_.ListFields()} == {"id", "name", "properties"}


def test_the_go_proxy_can_start_on_our_store(any_proxy: Proxy) -> None:
    """It puts each type by itself and may add properties but not leave any out: MLMD refuses if ours had more."""
    store = over_grpc(any_proxy)
    messages = {"context": pb.ContextType, "artifact": pb.ArtifactType, "execution": pb.ExecutionType}
    for kind, types in TYPES.items():
        for name, properties in types.items():
            message = messages[kind](name=name)
            for property_name, property_type in properties.items():
                message.properties[property_name] = pb.PropertyType.Value(property_type)
            before = getattr(store, f"get_{kind}_type")(name)
            id_ = getattr(store, f"put_{kind}_type")(message, can_add_fields=True, can_omit_fields=False)
            assert id_ == before.id
            assert getattr(store, f"get_{kind}_type")(name) == before
