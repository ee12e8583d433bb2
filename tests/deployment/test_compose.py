"""The compose files, as Docker reads them: what starts after what, what is published, and what each container may do."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

FILES = ("docker-compose.yaml", "docker-compose-local.yaml")
PROXY, MLMD, MYSQL = "model-registry", "mlmd", "mysql"
SCRIPT = Path(__file__).parents[2] / "manifests/kustomize/overlays/db/native-password.sh"


@pytest.fixture(scope="module", params=FILES)
def project(request: pytest.FixtureRequest, composed: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    return composed(request.param)


def test_the_images_are_those_that_the_documentation_names(project: dict[str, Any]) -> None:
    services = project["services"]
    assert set(services) == {PROXY, MLMD, MYSQL}
    assert services[MYSQL]["image"] == "mysql:8.4"
    assert services[MLMD]["image"] == "gcr.io/tfx-oss-public/ml_metadata_store_server:1.14.0"


def test_one_file_takes_the_published_image_and_the_other_builds_it(composed: Callable[[str], dict[str, Any]]) -> None:
    published, local = (composed(name)["services"][PROXY] for name in FILES)
    assert "build" not in published
    assert published["image"].startswith("ghcr.io/")
    assert local["build"]["target"] == "proxy"


def test_each_service_waits_for_the_health_of_the_one_before_it(project: dict[str, Any]) -> None:
    for service, before in ((PROXY, MLMD), (MLMD, MYSQL)):
        assert project["services"][service]["depends_on"] == {
            before: {"condition": "service_healthy", "required": True}
        }
        assert project["services"][before]["healthcheck"]["test"]


def test_only_the_rest_port_is_published_and_only_on_this_machine(project: dict[str, Any]) -> None:
    ports = {name: service.get("ports", []) for name, service in project["services"].items()}
    assert [(port["host_ip"], port["target"]) for port in ports.pop(PROXY)] == [("127.0.0.1", 8080)]
    assert not any(ports.values())


def test_the_database_is_out_of_reach_of_the_proxy_and_the_world(project: dict[str, Any]) -> None:
    assert set(project["services"][MYSQL]["networks"]) == {"store"}
    assert set(project["services"][PROXY]["networks"]) == {"registry"}
    assert project["networks"]["store"]["internal"]


@pytest.mark.parametrize("name", [PROXY, MLMD])
def test_containers_have_no_privileges_and_a_read_only_file_system(project: dict[str, Any], name: str) -> None:
    service = project["services"][name]
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "/var/run/docker.sock" not in str(service)


def test_data_outlives_its_container(project: dict[str, Any]) -> None:
    (volume,) = project["services"][MYSQL]["volumes"]
    assert (volume["type"], volume["target"]) == ("volume", "/var/lib/mysql")
    assert volume["source"] in project["volumes"]


def test_the_user_of_the_database_logs_in_in_the_one_way_that_mlmd_knows(project: dict[str, Any]) -> None:
    mysql = project["services"][MYSQL]
    assert "--mysql-native-password=ON" in mysql["command"]
    (config,) = mysql["configs"]
    assert config["target"].startswith("/docker-entrypoint-initdb.d/")
    script = project["configs"][config["source"]]
    assert script.get("content", SCRIPT.read_text("utf-8")) == SCRIPT.read_text("utf-8")
    assert Path(script.get("file", SCRIPT)) == SCRIPT


def test_the_server_gets_the_password_of_the_database_past_its_command_line(project: dict[str, Any]) -> None:
    mlmd, mysql = project["services"][MLMD], project["services"][MYSQL]
    password = mysql["environment"]["MYSQL_PASSWORD"]
    assert mlmd["environment"]["FLAGS_mysql_config_password"] == password
    assert "--fromenv=mysql_config_password" in mlmd["command"]
    assert not [flag for flag in mlmd["command"] if password in flag.split("=")[-1:]]


def test_the_catalog_starts_without_a_database_and_only_reads_its_sources(
    composed: Callable[[str], dict[str, Any]],
) -> None:
    ((name, service),) = composed("docker-compose-catalog.yaml")["services"].items()
    assert name == "model-catalog"
    assert service["command"][0] == "catalog"
    assert [(port["host_ip"], port["target"]) for port in service["ports"]] == [("127.0.0.1", 8080)]
    assert [(volume["target"], volume["read_only"]) for volume in service["volumes"]] == [("/sources", True)]
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
