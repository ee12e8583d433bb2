"""`model-registry health` and `model-registry init`, which containers and jobs run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from model_registry_proxy.commands import initialization
from model_registry_proxy.configuration.settings import Settings, SettingsError
from tests.support import processes
from tests.support.certificates import Authority
from tests.support.processes import ROOT, Proxy

metadata_store = pytest.importorskip("ml_metadata.metadata_store.metadata_store", reason=str(processes.why_no_engine()))
mlmd = pytest.importorskip("ml_metadata.proto.metadata_store_pb2")


def run(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    env = {**{k: v for k, v in os.environ.items() if not k.startswith("MR_")}, **environment, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "model_registry_proxy", *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True, env=env, timeout=60)


def test_health_is_ok_where_a_proxy_serves(proxy: Proxy) -> None:
    port = proxy.url.rpartition(":")[2]
    done = run("health", MR_HOSTNAME="0.0.0.0", MR_PORT=port)  # noqa: S104 (where a container's proxy listens)
    assert (done.returncode, done.stdout) == (0, "OK\n"), done.stderr


def test_health_asks_over_tls_where_the_proxy_speaks_tls(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    pair = authority.issue("registry.example")
    port = str(processes.free_port())
    command = [sys.executable, "-m", "model_registry_proxy", "proxy", "--database", str(tmp_path / "registry.db")]
    settings = {"MR_HOSTNAME": "127.0.0.1", "MR_PORT": port, "MR_TLS_CERT": str(pair.cert)}
    env = {**{k: v for k, v in os.environ.items() if not k.startswith("MR_")}, "PYTHONPATH": str(ROOT)}
    with processes.running(command, tmp_path / "log", {**env, **settings, "MR_TLS_KEY": str(pair.key)}) as serving:
        processes.wait_until(lambda: run("health", **settings).returncode == 0, serving, "The proxy with TLS")


def test_health_fails_in_one_line_where_nothing_listens() -> None:
    port = processes.free_port()
    done = run("health", "--hostname", "127.0.0.1", "--port", str(port))
    assert done.returncode == 1
    assert done.stderr.startswith(f"model-registry: No proxy answers at 127.0.0.1:{port}")
    assert done.stderr.count("\n") == 1


def test_health_fails_with_the_reason_where_the_store_is_gone(tmp_path: Path) -> None:
    gone, port = str(processes.free_port()), str(processes.free_port())
    command = [sys.executable, "-m", "model_registry_proxy", "proxy", "-n", "127.0.0.1", "-p", port]
    command += ["--mlmd-hostname", "127.0.0.1", "--mlmd-port", gone]
    env = {**{k: v for k, v in os.environ.items() if not k.startswith("MR_")}, "PYTHONPATH": str(ROOT)}
    with processes.running(command, tmp_path / "proxy.log", env) as serving:
        asked = ("health", "--hostname", "127.0.0.1", "--port", port)
        processes.wait_until(lambda: "cannot serve" in run(*asked).stderr, serving, "The proxy without a store")
        done = run(*asked)
    assert (done.returncode, "cannot serve" in done.stderr) == (1, True), done.stderr


def test_init_leaves_a_store_with_types_and_may_be_repeated(tmp_path: Path) -> None:
    database = str(tmp_path / "registry.db")
    for _ in range(2):
        done = run("init", "--database", database)
        assert done.returncode == 0, done.stderr
        assert "types" in done.stderr
    config = mlmd.ConnectionConfig()
    config.sqlite.filename_uri = database
    types = metadata_store.MetadataStore(config).get_context_types()
    assert {"kf.RegisteredModel", "kf.ModelVersion"} <= {type_.name for type_ in types}


async def test_init_gives_up_in_one_line_when_no_server_comes() -> None:
    port = processes.free_port()
    settings = Settings(mlmd_hostname="127.0.0.1", mlmd_port=port)
    with pytest.raises(SettingsError, match=rf"No MLMD server answered at 127.0.0.1:{port} for 0.5 seconds"):
        await initialization.run(settings, patience=0.5)
