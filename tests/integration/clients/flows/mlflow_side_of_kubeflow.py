"""MLflow's client next to Kubeflow's: it finds and loads what that one has registered, by name, range and alias."""

import logging
import warnings
from pathlib import Path

warnings.filterwarnings("ignore")
logging.getLogger("mlflow").setLevel(logging.ERROR)

import mlflow  # noqa: E402
from mlflow import MlflowClient  # noqa: E402

NAME = "modelregistry.version_name"


def _connect(address: str) -> MlflowClient:
    mlflow.set_registry_uri(address)
    mlflow.set_tracking_uri(address)
    return MlflowClient(tracking_uri=address, registry_uri=address)


def load_by_what_stands_behind_the_sign(address: str, name: str) -> None:
    """Loads versions by `@` and their own names, or ranges of them. Releases before 3 refuse such names themselves."""
    client = _connect(address)
    for wanted, expected in (("1.2.0", "1.2.0"), ("^1.2", "1.10.1"), ("1.x", "1.10.1")):
        assert client.get_model_version_by_alias(name, wanted).tags[NAME] == expected, wanted
        folder = mlflow.artifacts.download_artifacts(f"models:/{name}@{wanted}")
        assert (Path(folder) / "weights.bin").read_text() == "w", wanted


def load_what_kubeflow_has_registered(address: str, name: str) -> None:
    """Loads versions by their own names, by ranges of them, and by an alias; then creates one."""
    client = _connect(address)
    versions = {version.tags[NAME]: version for version in client.search_model_versions(f"name = '{name}'")}
    assert set(versions) == {"1.0.0", "1.2.0", "1.10.1", "2.0.0-rc.1", "2.0.0"}
    tags = {key: versions["1.0.0"].tags[key] for key in ("accuracy", "n", "ok", "team")}
    assert tags == {"accuracy": "0.9", "n": "3", "ok": "true", "team": "risk"}
    for wanted, expected in (("1.2.0", "1.2.0"), ("^1.2", "1.10.1"), ("~1.2.0", "1.2.0"), ("1.x", "1.10.1")):
        (version,) = client.get_latest_versions(name, [wanted])
        assert version.tags[NAME] == expected, wanted
    for way in ("/1.2.0", "/^1.2", f"/{versions['1.0.0'].version}", "/latest"):
        folder = mlflow.artifacts.download_artifacts(f"models:/{name}{way}")
        assert (Path(folder) / "weights.bin").read_text() == "w", way
    client.set_registered_model_alias(name, "champion", versions["1.10.1"].version)
    assert client.get_model_version_by_alias(name, "champion").tags[NAME] == "1.10.1"
    assert (
        str(client.create_model_version(name, "s3://b/next", run_id="b" * 32, tags={"from": "mlflow"}).version) == "1"
    )
