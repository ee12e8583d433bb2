"""The reference point "naive": for each operation, a plain gRPC client makes exactly the MLMD calls that the Go proxy makes.

The calls and their order are those of the Go server at its last commit that used MLMD. The client is the load generator:
compiled Go, all calls on one HTTP/2 connection as in a Go proxy. It writes messages from templates and reads only the id
that the next call needs. So it is as fast as a Go proxy whose HTTP, JSON and conversions cost nothing: a proxy can only be
faster with batches or with fewer calls. (Compared with grpc-go on one engine: as many calls a second, and no more processor
time for each.)
"""

from collections.abc import Mapping, Sequence
from typing import Any

from google.protobuf.message import Message

from benchmarks.generator import Step
from benchmarks.messages import fields, number
from benchmarks.operations import METRICS, PAGE, filter_query
from converters._generated import metadata_store_pb2 as mlmd
from converters._generated import metadata_store_service_pb2 as service

TypeIds = Mapping[str, int]
_DONE = 0
_NO_CONTEXTS = 5
"""NOT_FOUND: MLMD returns it for an artifact without contexts. The Go proxy treats it as an empty list."""
_FIRST_ID = "1"
"""The number of the field with the ids, in the response to every put."""


def _call(request: Message, saved: str = "", statuses: Sequence[int] = (_DONE,)) -> Step:
    """The step that sends this request. `saved` names the variable that gets the id in the response; `statuses` are no errors."""
    name = type(request).__name__.removesuffix("Request")
    return Step(name, message=fields(request), statuses=statuses, save={saved: _FIRST_ID} if saved else {})


def _context(types: TypeIds, type_name: str, name: str, **texts: str) -> mlmd.Context:
    node = mlmd.Context(type_id=types[type_name], type=type_name, name=name)
    for key, text in {"state": "LIVE", **texts}.items():
        node.properties[key].string_value = text
    return node


def _artifact(types: TypeIds, type_name: str, name: str, uri: str | None = None, **texts: str) -> mlmd.Artifact:
    node = mlmd.Artifact(type_id=types[type_name], type=type_name, name=name, uri=uri)
    for key, text in texts.items():
        node.properties[key].string_value = text
    return node


def model_node(types: TypeIds, name: str, description: str = "A model of the benchmark") -> mlmd.Context:
    """A registered model with the same content as `operations.model_body`."""
    node = _context(types, "kf.RegisteredModel", name, description=description, owner="bench")
    node.custom_properties["team"].string_value = "forecasting"
    node.custom_properties["layers"].int_value = 12
    node.custom_properties["accuracy"].double_value = 0.875
    return node


def version_node(types: TypeIds, name: str, own_name: str, model_name: str) -> mlmd.Context:
    """A model version with the same content as `operations.version_body`; `name` is the stored name, `<model id>:<own_name>`."""
    texts = {
        "description": "A version of the benchmark",
        "author": "bench",
        "version": own_name,
        "model_name": model_name,
    }
    return _context(types, "kf.ModelVersion", name, **texts)


def experiment_node(types: TypeIds, name: str) -> mlmd.Context:
    """An experiment with the same content as `operations.experiment_body`."""
    return _context(types, "kf.Experiment", name, description="An experiment of the benchmark")


def _model_artifact(types: TypeIds, name: str) -> mlmd.Artifact:
    texts = {"model_format_name": "onnx", "model_format_version": "1"}
    node = _artifact(types, "kf.ModelArtifact", name, "s3://models/benchmark", **texts)
    node.state = mlmd.Artifact.UNKNOWN
    return node


def _read_context(variable: str) -> Step:
    return _call(service.GetContextsByIDRequest(context_ids=[number(variable)]))


def _read_artifact(variable: str) -> Step:
    return _call(service.GetArtifactsByIDRequest(artifact_ids=[number(variable)]))


def _list(type_name: str, condition: str = "", size: int | None = None) -> Step:
    options: dict[str, Any] = {"filter_query": condition} if condition else {}
    if size:
        options["max_result_size"] = size
    return _call(service.GetContextsByTypeRequest(type_name=type_name, options=options))


def _create(node: mlmd.Context, saved: str) -> Sequence[Step]:
    return [_call(service.PutContextsRequest(contexts=[node]), saved), _read_context(saved)]


def _create_child(node: mlmd.Context, parent: str, saved: str) -> Sequence[Step]:
    put, read = _create(node, saved)
    link = {"child_id": number(saved), "parent_id": number(parent)}
    return [_read_context(parent), put, _call(service.PutParentContextsRequest(parent_contexts=[link])), read]


def _attribute(artifact: str, context: str) -> Step:
    pair = {"artifact_id": number(artifact), "context_id": number(context)}
    return _call(service.PutAttributionsAndAssociationsRequest(attributions=[pair]))


def _upsert_artifact(node: mlmd.Artifact, parent: str, saved: str) -> Sequence[Step]:
    return [
        _read_context(parent),
        _call(service.PutArtifactsRequest(artifacts=[node]), saved),
        _read_artifact(saved),
        _call(service.GetContextsByArtifactRequest(artifact_id=number(saved)), statuses=(_DONE, _NO_CONTEXTS)),
        _attribute(saved, parent),
    ]


def _metric_node(types: TypeIds, type_name: str, name: str, value: float) -> mlmd.Artifact:
    node = _artifact(types, type_name, name, timestamp="1")
    node.properties["value"].double_value = value
    node.properties["step"].int_value = 1
    return node


def _log_metric(types: TypeIds, which: int) -> Sequence[Step]:
    name, value = f"metric-{which}", which + 0.5
    namesakes = (
        f'((name = "{name}" or name like "%:{name}") and contexts_a.id = {{run}}) and (type != "kf.MetricHistory")'
    )
    history = _metric_node(types, "kf.MetricHistory", f"{{run}}:{name}__{{unique}}", value)
    return [
        _call(service.GetArtifactsRequest(options={"filter_query": namesakes})),
        *_upsert_artifact(_metric_node(types, "kf.Metric", f"{{run}}:{name}", value), "run", "metric"),
        _read_context("run"),
        _call(service.PutArtifactsRequest(artifacts=[history]), "history"),
        _attribute("history", "run"),
    ]


def _create_run(types: TypeIds) -> Sequence[Step]:
    node = _context(
        types, "kf.ExperimentRun", "{experiment.id}:{unique}", description="A run of the benchmark", status="RUNNING"
    )
    return _create_child(node, "experiment.id", "run")


def _register_model(types: TypeIds) -> Sequence[Step]:
    return [
        _list("kf.RegisteredModel", 'name = "{unique}"'),
        *_create(model_node(types, "{unique}"), "new_model"),
        _list("kf.ModelVersion", 'name = "{new_model}:v1"'),
        *_create_child(version_node(types, "{new_model}:v1", "v1", "{unique}"), "new_model", "new_version"),
        *_upsert_artifact(_model_artifact(types, "{new_version}:{unique}"), "new_version", "artifact"),
    ]


def naive(types: TypeIds, prefix: str) -> Mapping[str, Sequence[Step]]:
    """The MLMD calls of each operation, by the names in `operations`; `prefix` begins the names of seeded entities."""
    new_version = version_node(types, "{parent.id}:{unique}", "{unique}", "{parent.name}")
    changed = model_node(types, "{model.name}", "{unique}")
    changed.id = number("model.id")
    read = _read_context("model.id")
    return {
        "get": [read],
        "find": [_list("kf.RegisteredModel", 'name = "{model.name}"')],
        "list 100": [_list("kf.RegisteredModel", size=PAGE)],
        "list with filter": [_list("kf.RegisteredModel", filter_query(prefix), PAGE)],
        "50 versions": [_list("kf.ModelVersion", "parent_contexts_a.id = {versioned.id}", PAGE)],
        "patch": [read, read, _call(service.PutContextsRequest(contexts=[changed])), read],
        "run with 10 metrics": [
            *_create_run(types),
            *(step for which in range(METRICS) for step in _log_metric(types, which)),
        ],
        "register_model": _register_model(types),
        "create artifact": _upsert_artifact(_model_artifact(types, "{version.id}:{unique}"), "version.id", "artifact"),
        "create version": _create_child(new_version, "parent.id", "new_version"),
        "create model": _create(model_node(types, "{unique}"), "new_model"),
    }
