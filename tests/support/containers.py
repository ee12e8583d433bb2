"""Google's MLMD server and MySQL in the images of production, started by testcontainers, which removes them in the end."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import docker
from docker.errors import DockerException
from testcontainers.core.container import DockerContainer
from testcontainers.core.network import Network

from tests.support.patience import PATIENCE_SECONDS
from tests.support.processes import ROOT, takes_grpc, wait_for

MLMD_IMAGE = "gcr.io/tfx-oss-public/ml_metadata_store_server:1.14.0"
MYSQL_IMAGE = "mysql:8.4"
_SCRIPT = ROOT / "manifests/kustomize/overlays/db/native-password.sh"
_MLMD_PORT = 9090


@cache
def why_no_docker() -> str | None:
    """Why containers cannot be started here; `None` where they can."""
    try:
        docker.from_env(timeout=5).ping()
    except DockerException as error:
        return f"no Docker answers ({str(error).splitlines()[0][:120]})"
    return None


@dataclass(frozen=True)
class ContainerDatabase:
    """MySQL in a container; MLMD containers reach it by name in `network`."""

    container: DockerContainer
    network: Network

    def create(self) -> str:
        """Makes an empty database as operators do; returns Google's configuration for it."""
        name = f"registry_{uuid.uuid4().hex}"
        self.run(
            f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin; GRANT ALL ON `{name}`.* TO mlmd@'%'"
        )
        return f'mysql {{ host: "mysql" port: 3306 database: "{name}" user: "mlmd" password: "it\'s secret" }}'

    def run(self, sql: str) -> str:
        """Runs SQL as root; returns what the client prints."""
        done = self.container.exec(
            ["env", "MYSQL_PWD=root", "mysql", "--protocol=tcp", "-h127.0.0.1", "-uroot", "-N", "-e", sql]
        )
        text: str = done.output.decode()
        assert done.exit_code == 0, text
        return text


@cache
def database() -> ContainerDatabase:
    """The one MySQL of this process, with the settings of the compose files and manifests."""
    network = Network().create()
    container = (
        DockerContainer(MYSQL_IMAGE)
        .with_command(
            "--mysql-native-password=ON --character-set-server=utf8mb4 --collation-server=utf8mb4_bin "
            "--max-connections=200"
        )
        .with_envs(
            MYSQL_DATABASE="registry", MYSQL_USER="mlmd", MYSQL_PASSWORD="it's secret", MYSQL_ROOT_PASSWORD="root"
        )
        .with_volume_mapping(str(_SCRIPT), "/docker-entrypoint-initdb.d/native-password.sh", "ro")
        .with_network(network)
        .with_network_aliases("mysql")
    )
    found = ContainerDatabase(container.start(), network)
    wait_for(lambda: _answers(found), "MySQL in a container", PATIENCE_SECONDS)
    plugin = found.run("SELECT plugin FROM mysql.user WHERE user = 'mlmd'").split()[-1]
    assert plugin == "mysql_native_password", plugin
    return found


def _answers(database: ContainerDatabase) -> bool:
    try:
        return database.run("SELECT 1").split()[-1] == "1"
    except AssertionError:
        return False


@contextmanager
def mlmd_server(folder: Path, connection: str) -> Iterator[int]:
    """Starts Google's image on the MySQL of `database`, or on a SQLite file in `folder`, which is mounted; yields its port."""
    config = folder / "mlmd.pbtxt"
    config.write_text(f"connection_config {{ {connection} }}")
    server = (
        DockerContainer(MLMD_IMAGE, entrypoint=["/bin/metadata_store_server"], user=f"{os.getuid()}:{os.getgid()}")
        .with_command([f"--grpc_port={_MLMD_PORT}", f"--metadata_store_server_config_file={config}"])
        .with_env("GLOG_logtostderr", "1")
        .with_volume_mapping(str(folder), str(folder), "rw")
        .with_exposed_ports(_MLMD_PORT)
    )
    if "mysql" in connection:
        server = server.with_network(database().network)
    with server as running:
        port = int(running.get_exposed_port(_MLMD_PORT))
        wait_for(lambda: takes_grpc(port), "MLMD in a container", PATIENCE_SECONDS)
        yield port
