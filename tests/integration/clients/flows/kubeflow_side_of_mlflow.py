"""Kubeflow's client next to MLflow's: it registers versions with free names, and sees what MLflow's client has made."""

from steps import artifact_of, connect, registered, version_of

VERSIONS = ("1.0.0", "1.2.0", "1.10.1", "2.0.0-rc.1", "2.0.0")


def register(address: str, name: str, folder: str) -> None:
    """Registers a model with versions whose files are in a folder."""
    registry = connect(address)
    for version in VERSIONS:
        registry.register_model(
            name,
            f"file://{folder}",
            version=version,
            model_format_name="mlflow",
            model_format_version="1",
            metadata={"accuracy": 0.9, "n": 3, "ok": True, "team": "risk"},
        )


def see_what_mlflow_has_made(address: str, name: str) -> None:
    """Reads the version that MLflow's client has created."""
    registry = connect(address)
    assert registered(registry, name).name == name
    version = version_of(registry, name, "1")
    assert version.custom_properties["from"] == "mlflow"
    artifact = artifact_of(registry, name, "1")
    assert (artifact.name, artifact.uri, artifact.model_format_name) == (name, "s3://b/next", "mlflow")
    assert (artifact.model_source_kind, artifact.model_source_id) == ("mlflow", "b" * 32)
    assert {each.name for each in registry.get_model_versions(name)} == {*VERSIONS, "1"}
