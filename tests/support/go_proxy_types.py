"""The thirteen MLMD types of Kubeflow's Go proxy with the properties of each, written down by hand.

Both servers open the same stores. The Go proxy cannot open a store whose types have a property that it does not know.
"""


def _strings(*names: str) -> dict[str, str]:
    return dict.fromkeys(names, "STRING")


_METRIC = {**_strings("description", "timestamp"), "value": "DOUBLE", "step": "INT"}
TYPES: dict[str, dict[str, dict[str, str]]] = {
    "context": {
        "kf.RegisteredModel": {
            **_strings("description", "library_name", "license_link", "license", "logo", "maturity", "owner", "provider"),
            **_strings("readme", "state"),
            "language": "STRUCT",
            "tasks": "STRUCT",
        },
        "kf.ModelVersion": _strings("description", "model_name", "version", "author", "state"),
        "kf.ServingEnvironment": _strings("description"),
        "kf.InferenceService": {
            **_strings("description", "runtime", "desired_state"),
            **dict.fromkeys(("model_version_id", "registered_model_id", "serving_environment_id"), "INT"),
        },
        "kf.Experiment": _strings("description", "owner", "state"),
        "kf.ExperimentRun": _strings(
            "description", "owner", "state", "status", "start_time_since_epoch", "end_time_since_epoch"
        ),
    },
    "artifact": {
        "kf.DocArtifact": _strings("description"),
        "kf.ModelArtifact": _strings(
            "description", "model_format_name", "model_format_version", "storage_key", "storage_path",
            "service_account_name", "model_source_kind", "model_source_class", "model_source_group", "model_source_id",
            "model_source_name",
        ),
        "kf.DataSet": _strings("description", "digest", "source_type", "source", "schema", "profile"),
        "kf.Metric": _METRIC,
        "kf.MetricHistory": _METRIC,
        "kf.Parameter": _strings("description", "value", "parameter_type"),
    },
    "execution": {"kf.ServeModel": {**_strings("description"), "model_version_id": "INT"}},
}  # fmt: skip
