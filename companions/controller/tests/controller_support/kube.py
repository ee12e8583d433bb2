"""A real Kubernetes API server on the loopback interface: etcd and kube-apiserver, and nothing that runs pods. RBAC is on."""

import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import httpx
import yaml

from tests.support.ports import free_port

Json = dict[str, Any]
ADMIN, CONTROLLER = "admin-token", "controller-token"
ACCOUNT = "system:serviceaccount:kubeflow:model-registry-controller"
_MERGE = {"Content-Type": "application/merge-patch+json"}
_STARTS_WITHIN, _ENDS_WITHIN = 180.0, 20.0


class Kube:
    """The two processes, and requests of the administrator.

    Args:
        folder: Where data, certificates and logs are.
        binaries: The folder with `etcd` and `kube-apiserver`.
    """

    def __init__(self, folder: Path, binaries: Path) -> None:
        self.folder, self._binaries = folder, binaries
        self.port, self._etcd_port, self._peer_port = free_port(), free_port(), free_port()
        self.url = f"https://127.0.0.1:{self.port}"
        self._etcd: subprocess.Popen[bytes] | None = None
        self._api: subprocess.Popen[bytes] | None = None
        self._http = httpx.Client(
            base_url=self.url,
            verify=False,  # noqa: S501 (its certificate is made at the first start)
            headers={"Authorization": f"Bearer {ADMIN}"},
            timeout=30,
            trust_env=False,
        )

    def __enter__(self) -> Self:
        key = self.folder / "service-account.key"
        subprocess.run(["openssl", "genrsa", "-out", key, "2048"], check=True, capture_output=True)
        (self.folder / "tokens.csv").write_text(
            f'{ADMIN},admin,1,"system:masters"\n'
            f'{CONTROLLER},{ACCOUNT},2,"system:serviceaccounts,system:serviceaccounts:kubeflow"\n'
        )
        client, peer = f"http://127.0.0.1:{self._etcd_port}", f"http://127.0.0.1:{self._peer_port}"
        self._etcd = self._run(
            "etcd", "--data-dir", self.folder / "etcd", "--listen-client-urls", client, "--advertise-client-urls", client,
            "--listen-peer-urls", peer, "--log-level", "warn", "--unsafe-no-fsync",
        )  # fmt: skip
        self.start_api()
        for name, token in (("admin.kubeconfig", ADMIN), ("controller.kubeconfig", CONTROLLER)):
            (self.folder / name).write_text(self._kubeconfig(token))
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()
        for process in (self._api, self._etcd):  # the API server first: without etcd it does not end
            if process:
                _end(process)

    def start_api(self) -> None:
        """Starts the API server, and waits until it is ready."""
        key = self.folder / "service-account.key"
        self._api = self._run(
            "kube-apiserver", "--etcd-servers", f"http://127.0.0.1:{self._etcd_port}", "--secure-port", self.port,
            "--bind-address", "127.0.0.1", "--advertise-address", "127.0.0.1", "--cert-dir", self.folder / "certs",
            "--service-account-key-file", key, "--service-account-signing-key-file", key,
            "--service-account-issuer", "https://kubernetes.default.svc", "--service-cluster-ip-range", "10.0.0.0/16",
            "--token-auth-file", self.folder / "tokens.csv", "--authorization-mode", "RBAC",
            "--endpoint-reconciler-type", "none", "--disable-admission-plugins", "ServiceAccount",
        )  # fmt: skip
        end = time.monotonic() + _STARTS_WITHIN
        while True:
            with suppress(httpx.TransportError):
                if self._http.get("/readyz").status_code == httpx.codes.OK:
                    return
            assert self._api.poll() is None, (self.folder / "kube-apiserver.log").read_text()[-3000:]
            assert time.monotonic() < end, "the API server did not become ready"
            time.sleep(0.1)

    def stop_api(self) -> None:
        """Stops the API server; its store stays."""
        assert self._api
        _end(self._api)

    def compact(self) -> None:
        """Makes the store forget all older versions, so that old places of watches are too old."""
        revision = self.call("GET", "/api/v1/namespaces")["metadata"]["resourceVersion"]
        answer = httpx.post(
            f"http://127.0.0.1:{self._etcd_port}/v3/kv/compaction",
            json={"revision": revision, "physical": True},
            trust_env=False,
        )
        answer.raise_for_status()

    def ask(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """Sends a request of the administrator; a PATCH is a merge patch."""
        return self._http.request(method, path, json=body, headers=_MERGE if method == "PATCH" else None)

    def call(self, method: str, path: str, body: Any = None) -> Json:
        """Sends a request that must succeed."""
        answer = self.ask(method, path, body)
        assert answer.is_success, answer.text
        found: Json = answer.json()
        return found

    def apply(self, item: Json, plural: str) -> None:
        """Creates an object, or does nothing if there is one."""
        version, namespace = item["apiVersion"], item["metadata"].get("namespace")
        base = f"/api/{version}" if "/" not in version else f"/apis/{version}"
        answer = self.ask("POST", f"{base}/{f'namespaces/{namespace}/' if namespace else ''}{plural}", item)
        assert answer.is_success or answer.status_code == httpx.codes.CONFLICT, answer.text

    def _run(self, name: str, *options: object) -> "subprocess.Popen[bytes]":
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                [self._binaries / name, *map(str, options)], stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )

    def _kubeconfig(self, token: str) -> str:
        cluster = {"server": self.url, "certificate-authority": str(self.folder / "certs" / "apiserver.crt")}
        return yaml.safe_dump(
            {
                "clusters": [{"name": "c", "cluster": cluster}],
                "users": [{"name": "u", "user": {"token": token}}],
                "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u", "namespace": "kubeflow"}}],
                "current-context": "x",
            }
        )


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(_ENDS_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
