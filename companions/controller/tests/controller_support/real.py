"""The controller as a process, on a real API server, with a real registry behind a recorder."""

import itertools
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import yaml

from controller_support.kube import Kube
from controller_support.recorder import Recorder
from tests.support.ports import free_port
from tests.support.processes import API, ROOT, Process, running

Json = dict[str, Any]
P = "modelregistry.kubeflow.org/"
FINALIZER, NUMBER, MODEL, VERSION, URL = (
    *(P + "finalizer", P + "inference-service-id", P + "registered-model-id", P + "model-version-id", P + "url"),
)
PREDICTOR: Json = {"model": {"modelFormat": {"name": "onnx"}, "runtime": "ovms", "storageUri": "s3://models/churn"}}
MANIFESTS = ROOT / "manifests/kustomize/components/controller"
PLURALS = {
    "ClusterRole": "clusterroles",
    "ClusterRoleBinding": "clusterrolebindings",
    "Role": "roles",
    "RoleBinding": "rolebindings",
}
PATIENCE = 60.0
_NUMBERS = itertools.count(1)


class Cluster:
    """An API server with KServe's definition and the rights of the manifests, and a registry.

    Attributes:
        kube: The API server.
        recorder: What stands in front of the registry.
        model: The id of a model.
        versions: The ids of its versions.
    """

    def __init__(self, kube: Kube, recorder: Recorder) -> None:
        self.kube, self.recorder = kube, recorder
        self._http = httpx.Client(base_url=recorder.registry + API, trust_env=False, timeout=30)
        self.model = self.registry("POST", "/registered_models", {"name": f"churn-{next(_NUMBERS)}-{os.getpid()}"})[
            "id"
        ]
        self.versions = tuple(
            self.registry("POST", "/model_versions", {"name": name, "registeredModelId": self.model})["id"]
            for name in ("1", "2")
        )

    def registry(self, method: str, path: str, body: Any = None) -> Json:
        """Sends a request to the registry, past the recorder."""
        answer = self._http.request(method, path, json=body)
        assert answer.is_success, answer.text
        found: Json = answer.json()
        return found

    def namespace(self) -> str:
        """Makes a namespace; returns its name."""
        name = f"team-{next(_NUMBERS)}"
        self.kube.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}, "namespaces")
        return name

    def service(self, namespace: str, name: str, port: str = "http-api", **annotations: str) -> None:
        """Makes a Service of a registry."""
        meta = {
            "name": name,
            "namespace": namespace,
            "labels": {"component": "model-registry"},
            "annotations": annotations,
        }
        spec = {"ports": [{"name": port, "port": 8080}]}
        self.kube.apply({"apiVersion": "v1", "kind": "Service", "metadata": meta, "spec": spec}, "services")

    def create(
        self, namespace: str, name: str, labels: Json, *, at: str | None = "", predictor: Json | None = None
    ) -> "Isvc":
        """Creates an InferenceService. `at`: the address of its registry; the recorder if empty, by Services if `None`."""
        notes = {} if at is None else {URL: at or self.recorder.url}
        body = {
            "apiVersion": "serving.kserve.io/v1beta1",
            "kind": "InferenceService",
            "metadata": {"name": name, "labels": labels, "annotations": notes},
            "spec": {"predictor": predictor or PREDICTOR},
        }
        self.kube.call("POST", f"/apis/serving.kserve.io/v1beta1/namespaces/{namespace}/inferenceservices", body)
        return Isvc(self, namespace, name)

    def entries(self) -> list[Json]:
        """All inference services of the registry."""
        found: list[Json] = []
        token = ""
        while True:
            page = self.registry("GET", f"/inference_services?pageSize=500&nextPageToken={token}")
            found += page["items"]
            if not (token := page["nextPageToken"]):
                return found


class Isvc:
    """An InferenceService of a test."""

    def __init__(self, cluster: Cluster, namespace: str, name: str) -> None:
        self._cluster, self.namespace, self.name = cluster, namespace, name
        self.path = f"/apis/serving.kserve.io/v1beta1/namespaces/{namespace}/inferenceservices/{name}"

    @property
    def item(self) -> Json:
        """The object; empty if there is none."""
        answer = self._cluster.kube.ask("GET", self.path)
        return answer.json() if answer.is_success else {}

    @property
    def exists(self) -> bool:
        """Whether it exists."""
        return bool(self.item)

    @property
    def number(self) -> str:
        """The id of its entry; empty before it has one."""
        return str(self.item["metadata"].get("labels", {}).get(NUMBER, ""))

    @property
    def finalizers(self) -> list[str]:
        """Its finalizers."""
        found: list[str] = self.item["metadata"].get("finalizers", [])
        return found

    @property
    def entry(self) -> Json:
        """Its entry in the registry."""
        return self._cluster.registry("GET", f"/inference_services/{self.number}")

    @property
    def recorded_url(self) -> str | None:
        """The address in its entry."""
        return self.entry.get("customProperties", {}).get("url", {}).get("string_value")

    @property
    def serves(self) -> list[tuple[str, str, str]]:
        """Revision, version and state of its serves, oldest first."""
        page = self._cluster.registry(
            "GET", f"/inference_services/{self.number}/serves?orderBy=CREATE_TIME&sortOrder=ASC"
        )
        return [
            (
                one["customProperties"].get("revision", {}).get("string_value", ""),
                one["modelVersionId"],
                one["lastKnownState"],
            )
            for one in page["items"]
        ]

    def label(self, **labels: str | None) -> None:
        """Changes labels by their last part, with underscores."""
        changed = {P + key.replace("_", "-"): value for key, value in labels.items()}
        self._cluster.kube.call("PATCH", self.path, {"metadata": {"labels": changed}})

    def status(self, status: Json) -> None:
        """Changes the status, as KServe does."""
        self._cluster.kube.call("PATCH", f"{self.path}/status", {"status": status})

    def delete(self) -> None:
        """Asks for the deletion."""
        self._cluster.kube.call("DELETE", self.path)

    def events(self) -> list[str]:
        """The reasons of its Events."""
        found = self._cluster.kube.call("GET", f"/api/v1/namespaces/{self.namespace}/events")["items"]
        return [one["reason"] for one in found if one["involvedObject"]["name"] == self.name]


def until(condition: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """Waits until a condition holds, and returns its value."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)
    return found


class Controller:
    """A running controller."""

    def __init__(self, process: Process, metrics: str) -> None:
        self.process, self._metrics = process, metrics

    def metric(self, name: str) -> float:
        """The value of one of its metrics; 0 if it has none yet."""
        try:
            text = httpx.get(self._metrics, trust_env=False, timeout=10).text
        except httpx.TransportError:
            return 0.0
        found = [line.split()[-1] for line in text.splitlines() if line.startswith(f"model_registry_controller_{name}")]
        return sum(map(float, found))

    @property
    def log(self) -> str:
        """What it has logged."""
        return self.process.log.read_text()


@contextmanager
def controller(cluster: Cluster, folder: Path, *flags: str, name: str = "controller") -> Iterator[Controller]:
    """Runs the controller with the rights of the manifests."""
    probes, metrics = free_port(), free_port()
    command = [
        *(
            sys.executable,
            "-m",
            "model_registry_controller",
            f"--kubeconfig={cluster.kube.folder / 'controller.kubeconfig'}",
        ),
        *(f"--health-probe-bind-address=127.0.0.1:{probes}", f"--metrics-bind-address=127.0.0.1:{metrics}"),
        *("--metrics-secure=false", "-zap-log-level", "debug", *flags),
    ]
    kept = {key: value for key, value in os.environ.items() if key in {"PATH", "HOME", "LANG", "SSL_CERT_FILE"}}
    environment = {**kept, "HTTP_PROXY": cluster.recorder.url, "NO_PROXY": "127.0.0.1"}
    with running(command, folder / f"{name}.log", environment) as process:
        made = Controller(process, f"http://127.0.0.1:{metrics}/metrics")
        try:
            until(lambda: _is_ready(f"http://127.0.0.1:{probes}/readyz") or process.child.poll() is not None)
            assert process.child.poll() is None, made.log
            yield made
        finally:
            assert "This should not happen" not in made.log
            assert "Traceback" not in made.log


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(url, trust_env=False, timeout=5).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def set_up(kube: Kube, definition: Path) -> None:
    """Gives an API server KServe's definition, and the controller the rights of the manifests."""
    kube.apply(yaml.safe_load(definition.read_text("utf-8")), "customresourcedefinitions")
    kube.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "kubeflow"}}, "namespaces")
    for file in ("cluster-role.yaml", "role.yaml"):
        for item in yaml.safe_load_all((MANIFESTS / file).read_text("utf-8")):
            if not item["kind"].startswith("Cluster"):
                item["metadata"]["namespace"] = "kubeflow"
            kube.apply(item, PLURALS[item["kind"]])
    until(lambda: kube.ask("GET", "/apis/serving.kserve.io/v1beta1/inferenceservices").is_success)
