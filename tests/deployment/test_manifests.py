"""The Kubernetes manifests, rendered by kustomize: they fit the schemas of Kubernetes and Istio and meet a security review."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from model_registry_proxy.configuration.settings import Settings
from model_registry_proxy.http.authorities import read_authority
from model_registry_proxy.http.hosts import known_names
from model_registry_proxy.serving.app import GETS_OF_SERVER
from tests.support.kubernetes_schemas import LOCATION, write_schemas

ROOT = Path(__file__).parents[2]
MANIFESTS = ROOT / "manifests/kustomize"
RENDERED = ("db", "db-with-ui", "external-db", "external-db-with-tls", "scaling", "scaling/init", "istio", "catalog")
KUBERNETES = ("1.30.0", "1.37.0")
MAX_CONNECTIONS = 151
"""MySQL's own default."""

Object = dict[str, Any]
Tool = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the manifests with passwords, as an operator has them, and with one more overlay for each component."""
    folder = tmp_path_factory.mktemp("manifests") / "kustomize"
    shutil.copytree(MANIFESTS, folder, ignore=shutil.ignore_patterns("secrets.env"))
    for place in ("db", "external-db/database"):
        (folder / "overlays" / place / "secrets.env").write_text("MYSQL_PASSWORD=p\nMYSQL_ROOT_PASSWORD=r\n")
    tls = folder / "components/database-tls"
    shutil.copy(tls / "mlmd.pbtxt.example", tls / "mlmd.pbtxt")
    (tls / "ca.pem").write_text("a certificate")
    with_tls = folder / "overlays/external-db-with-tls"
    with_tls.mkdir()
    parts = {"resources": ["../external-db"], "components": ["../../components/database-tls"]}
    (with_tls / "kustomization.yaml").write_text(yaml.safe_dump(parts))
    with_ui = folder / "overlays/db-with-ui"
    with_ui.mkdir()
    parts = {"resources": ["../db"], "components": ["../../components/ui-in-kubeflow"], "namespace": "kubeflow"}
    (with_ui / "kustomization.yaml").write_text(yaml.safe_dump(parts))
    return folder


@pytest.fixture(scope="session")
def render(tree: Path, tool: Tool) -> Callable[[str], str]:
    """A function that returns an overlay as kustomize renders it."""
    texts: dict[str, str] = {}

    def rendered(overlay: str) -> str:
        if overlay not in texts:
            done = tool("kustomize", "build", tree / "overlays" / overlay)
            assert (done.returncode, done.stderr) == (0, "")
            texts[overlay] = done.stdout
        return texts[overlay]

    return rendered


def objects(text: str) -> list[Object]:
    return list(yaml.safe_load_all(text))


def the(found: list[Object], kind: str, name: str) -> Object:
    (one,) = [each for each in found if each["kind"] == kind and each["metadata"]["name"] == name]
    return one


def pods(found: list[Object]) -> Iterator[tuple[str, Object]]:
    """The pod specs in a rendered overlay, with the names of their owners."""
    for each in found:
        if "template" in each.get("spec", {}):
            yield each["metadata"]["name"], each["spec"]["template"]["spec"]


def containers(found: list[Object]) -> Iterator[tuple[str, Object]]:
    for name, pod in pods(found):
        for container in [*pod.get("initContainers", []), *pod["containers"]]:
            yield f"{name}/{container['name']}", container


@pytest.fixture(scope="module", params=RENDERED)
def rendered(request: pytest.FixtureRequest, render: Callable[[str], str]) -> list[Object]:
    return objects(render(request.param))


@pytest.mark.parametrize("version", KUBERNETES)
def test_every_object_fits_the_schemas(version: str, tmp_path: Path, tool: Tool, render: Callable[[str], str]) -> None:
    texts = [render(overlay) for overlay in RENDERED]
    kinds = {each["kind"] for text in texts for each in objects(text)}
    write_schemas(tmp_path, version, ROOT / ".tools/istio.yaml", kinds)
    options = ["-strict", "-summary", "-kubernetes-version", version, "-schema-location", f"{tmp_path}/{LOCATION}"]
    done = tool("kubeconform", *options, text="---\n".join(texts))
    assert done.returncode == 0, done.stdout
    count = sum(len(objects(text)) for text in texts)
    assert f"Valid: {count}, Invalid: 0, Errors: 0, Skipped: 0" in done.stdout
    wrong = tool("kubeconform", *options, text=texts[0].replace("runAsNonRoot", "runAsNoRoot"))
    assert wrong.returncode == 1
    assert "runAsNoRoot" in wrong.stdout


def test_pods_run_without_root_and_without_a_token(rendered: list[Object]) -> None:
    for name, pod in pods(rendered):
        assert pod["securityContext"]["runAsNonRoot"] is True, name
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert pod["automountServiceAccountToken"] is False, name
        assert not {"hostNetwork", "hostPID", "hostIPC"} & set(pod), name
        assert not [volume for volume in pod.get("volumes", []) if "hostPath" in volume], name


def test_containers_have_no_privileges_and_a_read_only_file_system(rendered: list[Object]) -> None:
    for name, container in containers(rendered):
        context = container["securityContext"]
        assert context["runAsUser"] > 0, name
        assert context["allowPrivilegeEscalation"] is False, name
        assert context["readOnlyRootFilesystem"] is True, name
        assert context["capabilities"] == {"drop": ["ALL"]}, name


def test_containers_say_what_they_need_and_which_image_exactly(rendered: list[Object]) -> None:
    for name, container in containers(rendered):
        assert {"cpu", "memory"} <= set(container["resources"]["requests"]), name
        assert "memory" in container["resources"]["limits"], name
        registry, _, tag = container["image"].rpartition(":")
        assert "." in registry.partition("/")[0], name
        assert tag, name
        assert tag != "latest", name


def test_what_serves_is_probed(rendered: list[Object]) -> None:
    for name, container in containers(rendered):
        if container.get("ports") and "init" not in name:
            assert {"startupProbe", "livenessProbe", "readinessProbe"} <= set(container), name
        if container["name"] == "rest-container":
            assert container["livenessProbe"]["httpGet"]["path"] == "/livez"
            assert container["readinessProbe"]["httpGet"]["path"] == "/readyz/health"


def test_passwords_are_only_in_secrets(render: Callable[[str], str]) -> None:
    for overlay in RENDERED:
        for each in objects(render(overlay)):
            if each["kind"] == "ConfigMap":
                assert not [key for key in each["data"] if "PASSWORD" in key]
        for name, container in containers(objects(render(overlay))):
            variables = {variable["name"]: variable for variable in container.get("env", [])}
            for variable in [variable for key, variable in variables.items() if "password" in key.lower()]:
                assert set(variable["valueFrom"]) == {"secretKeyRef"}, name
            assert "config_password=" not in " ".join(container.get("args", [])), name


def test_no_password_is_kept_in_the_repository(tool: Tool, tmp_path: Path) -> None:
    shutil.copytree(MANIFESTS, tmp_path / "k", ignore=shutil.ignore_patterns("secrets.env"))
    done = tool("kustomize", "build", tmp_path / "k/overlays/db")
    assert done.returncode == 1
    assert "secrets.env" in done.stderr


def test_pods_are_behind_policies_for_both_directions(rendered: list[Object]) -> None:
    policies = [each["spec"] for each in rendered if each["kind"] == "NetworkPolicy"]
    for each in rendered:
        if "template" in each.get("spec", {}):
            labels = each["spec"]["template"]["metadata"]["labels"]
            own = [policy for policy in policies if policy["podSelector"]["matchLabels"].items() <= labels.items()]
            assert [policy["policyTypes"] for policy in own] == [["Ingress", "Egress"]], each["metadata"]["name"]


@pytest.mark.parametrize("overlay", ["db", "external-db", "scaling"])
def test_the_registry_looks_to_kubeflow_as_the_go_server_does(overlay: str, render: Callable[[str], str]) -> None:
    found = objects(render(overlay))
    service = the(found, "Service", "model-registry-service")
    assert service["metadata"]["labels"]["component"] == "model-registry"
    assert {"displayName", "description"} <= set(service["metadata"]["annotations"])
    assert service["spec"]["selector"] == {"component": "model-registry-server"}
    ports = {port["name"]: (port["port"], port["targetPort"]) for port in service["spec"]["ports"]}
    assert ports == {"http-api": (8080, "http-api"), "grpc-api": (9090, "grpc-api")}
    deployment = the(found, "Deployment", "model-registry-deployment")
    assert deployment["spec"]["template"]["metadata"]["labels"]["component"] == "model-registry-server"
    pod = deployment["spec"]["template"]["spec"]
    assert pod["serviceAccountName"] == "model-registry-server"
    assert [(c["name"], [p["name"] for p in c["ports"]]) for c in pod["containers"]] == [
        ("rest-container", ["http-api", "metrics"]),
        ("grpc-container", ["grpc-api"]),
    ]
    the(found, "ServiceAccount", "model-registry-server")
    assert {each["metadata"]["namespace"] for each in found} == {"kubeflow"}


@pytest.mark.parametrize("overlay", ["db", "external-db", "scaling", "scaling/init"])
def test_mlmd_is_the_documented_image_on_port_9090(overlay: str, render: Callable[[str], str]) -> None:
    (mlmd,) = [container for name, container in containers(objects(render(overlay))) if name.endswith("grpc-container")]
    assert mlmd["image"] == "gcr.io/tfx-oss-public/ml_metadata_store_server:1.14.0"
    assert "--grpc_port=9090" in mlmd["args"]


def test_the_sidecar_outlives_the_requests_under_way(render: Callable[[str], str]) -> None:
    pod = the(objects(render("db")), "Deployment", "model-registry-deployment")["spec"]["template"]["spec"]
    rest, grpc = (int(c["lifecycle"]["preStop"]["exec"]["command"][-1]) for c in pod["containers"])
    grace = 25  # seconds that the proxy gives to requests under way after SIGTERM
    assert grpc >= rest + grace
    assert pod["terminationGracePeriodSeconds"] > grpc


def test_the_connections_of_all_replicas_fit_into_mysql(render: Callable[[str], str]) -> None:
    found = objects(render("scaling"))
    autoscaler = the(found, "HorizontalPodAutoscaler", "model-registry")["spec"]
    deployment = the(found, "Deployment", "model-registry-deployment")["spec"]
    assert autoscaler["scaleTargetRef"]["name"] == "model-registry-deployment"
    assert "replicas" not in deployment
    workers = int(the(found, "ConfigMap", "model-registry-configmap")["data"]["MR_WORKERS"])
    default = {name: field.default for name, field in Settings.model_fields.items()}
    assert default["gets_in_flight"] is None  # and the proxy chooses by the kind of its store
    kinds = 3  # artifacts, contexts and executions are fetched side by side
    calls = kinds * GETS_OF_SERVER + default["questions_in_flight"] + 2 * default["writes_in_flight"]
    most_pods = autoscaler["maxReplicas"] + deployment["strategy"]["rollingUpdate"]["maxSurge"]
    assert most_pods * workers * calls < MAX_CONNECTIONS
    assert the(found, "PodDisruptionBudget", "model-registry")["spec"]["maxUnavailable"] < autoscaler["minReplicas"]


def test_settings_of_the_proxy_are_ones_that_it_has(render: Callable[[str], str]) -> None:
    data = the(objects(render("db")), "ConfigMap", "model-registry-configmap")["data"]
    assert {name.removeprefix("MR_").lower() for name in data if name != "PUBLIC_HOSTS"} <= set(Settings.model_fields)


def test_istio_routes_the_api_and_keeps_mlmd_in_the_namespace(render: Callable[[str], str]) -> None:
    found = objects(render("istio"))
    (route,) = the(found, "VirtualService", "model-registry")["spec"]["http"]
    assert route["match"] == [{"uri": {"prefix": "/api/model_registry/"}}]
    assert route["route"][0]["destination"] == {"host": "model-registry-service", "port": {"number": 8080}}
    open_to_all = the(found, "AuthorizationPolicy", "model-registry-service")["spec"]["rules"]
    assert open_to_all == [{"to": [{"operation": {"ports": ["8080"]}}]}]
    (mlmd,) = the(found, "AuthorizationPolicy", "model-registry-mlmd")["spec"]["rules"]
    assert mlmd["from"] == [{"source": {"namespaces": ["kubeflow"]}}]


def test_the_gateway_of_kubeflow_leads_to_the_ui_which_its_dashboard_may_show(render: Callable[[str], str]) -> None:
    found = objects(render("db-with-ui"))
    data = the(found, "ConfigMap", "model-registry-configmap")["data"]
    root = data["MR_ROOT_PATH"]
    first, below = the(found, "VirtualService", "model-registry-ui")["spec"]["http"]
    assert (first["match"], first["redirect"]) == ([{"uri": {"exact": root}}], {"uri": f"{root}/"})
    assert below["match"] == [{"uri": {"prefix": f"{root}/"}}]
    (api,) = the(objects(render("istio")), "VirtualService", "model-registry")["spec"]["http"]
    assert (below["rewrite"], below["route"]) == (api["rewrite"], api["route"])
    assert (
        Settings(
            root_path=root, ui_origin=data["MR_UI_ORIGIN"], ui_frame_ancestors=data["MR_UI_FRAME_ANCESTORS"]
        ).ui_frame_ancestors
        == "'self'"
    )
    assert "VirtualService" not in {each["kind"] for each in objects(render("db"))}


def test_another_namespace_reaches_every_place_that_names_one(tree: Path, tmp_path: Path, tool: Tool) -> None:
    shutil.copytree(tree, tmp_path / "k")
    for overlay in ("db", "istio"):
        file = tmp_path / "k/overlays" / overlay / "kustomization.yaml"
        file.write_text(file.read_text().replace("namespace: kubeflow", "namespace: profile-ada"))
        text = tool("kustomize", "build", file.parent).stdout
        assert "profile-ada" in text
        assert [
            line.strip()
            for line in text.splitlines()
            if "kubeflow" in line and "model-registry.kubeflow.org" not in line
        ] in (
            [],
            ["- kubeflow/kubeflow-gateway"],
        )


def test_tls_to_the_database_takes_the_place_of_the_flags(render: Callable[[str], str]) -> None:
    found = objects(render("external-db-with-tls"))
    (mlmd,) = [container for name, container in containers(found) if name.endswith("grpc-container")]
    assert mlmd["args"] == ["--grpc_port=9090", "--metadata_store_server_config_file=/etc/mlmd/mlmd.pbtxt"]
    assert "FLAGS_mysql_config_password" not in [variable["name"] for variable in mlmd["env"]]
    assert {"name": "mlmd-config", "mountPath": "/etc/mlmd", "readOnly": True} in mlmd["volumeMounts"]
    the(found, "Secret", "model-registry-mlmd-config")


def test_the_registry_answers_to_the_names_of_its_service_and_to_public_hosts(render: Callable[[str], str]) -> None:
    found = objects(render("db"))
    pod = the(found, "Deployment", "model-registry-deployment")["spec"]["template"]["spec"]
    (rest,) = [container for container in pod["containers"] if container["name"] == "rest-container"]
    variables = {variable["name"]: variable for variable in rest["env"]}
    assert variables["POD_NAMESPACE"]["valueFrom"]["fieldRef"]["fieldPath"] == "metadata.namespace"
    assert the(found, "ConfigMap", "model-registry-configmap")["data"]["PUBLIC_HOSTS"] == ""
    hosts = variables["MR_ALLOWED_HOSTS"]["value"]
    hosts = hosts.replace("$(POD_NAMESPACE)", "kubeflow").replace("$(PUBLIC_HOSTS)", "models.example.org")
    names = known_names(Settings(hostname="0.0.0.0", allowed_hosts=hosts))  # noqa: S104
    service = the(found, "Service", "model-registry-service")["metadata"]["name"]
    routed = objects(render("istio"))
    rewritten = the(routed, "VirtualService", "model-registry")["spec"]["http"][0]["rewrite"]["authority"]
    reached_by = [service, rewritten, "models.example.org"]
    reached_by += [f"{service}.kubeflow{end}:8080" for end in ("", ".svc", ".svc.cluster.local")]
    for text in reached_by:
        authority = read_authority(text)
        assert authority, text
        assert any(name.matches(authority) for name in names), text
    foreign = read_authority("evil.example")
    assert foreign
    assert not any(name.matches(foreign) for name in names)


def test_the_catalog_looks_to_kubeflow_as_the_go_server_does(render: Callable[[str], str]) -> None:
    found = objects(render("catalog"))
    (port,) = the(found, "Service", "model-catalog")["spec"]["ports"]
    assert (port["name"], port["port"], port["targetPort"]) == ("http-api", 8080, "http-api")
    pod = the(found, "Deployment", "model-catalog-server")["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
    mounted = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
    assert f"--catalogs-path={mounted['sources']}/sources.yaml" in container["args"]
    assert f"--cache-dir={mounted['cache']}" in container["args"]
    assert {"sources.yaml", "models.yaml"} == set(the(found, "ConfigMap", "model-catalog-sources")["data"])
    assert {each["metadata"]["namespace"] for each in found} == {"kubeflow"}
