"""/metrics of real proxies: one scrape covers all workers, on a port of its own, and counts restarts."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.support import processes
from tests.support.processes import ROOT
from tests.support.watching import await_true, children_of, engine_of

WORKER = "spawn_main"


def scraped(port: int) -> dict[str, float]:
    """The value of each sample with its labels; summed over the labels that are left out."""
    answer = httpx.get(f"http://127.0.0.1:{port}/metrics")
    assert answer.status_code == 200
    found: dict[str, float] = {}
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            labels = ",".join(f"{key}={value}" for key, value in sorted(sample.labels.items()))
            found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return found


def metrics_folder(proxy: int) -> Path:
    """The folder of the files with the workers' metrics, from the environment of a worker."""
    worker = min(children_of(proxy, running=WORKER))
    variables = Path(f"/proc/{worker}/environ").read_bytes().decode().split("\0")
    return Path(next(each.partition("=")[2] for each in variables if each.startswith("PROMETHEUS_MULTIPROC_DIR=")))


@pytest.mark.slow
def test_one_scrape_covers_all_workers_also_after_one_has_died(tmp_path: Path) -> None:
    port = processes.free_port()
    gets = "model_registry_requests_total{operation=getRegisteredModel,status=404}"
    with processes.proxy(tmp_path, "--workers", "2", "--metrics-port", str(port)) as proxy:
        await_true(lambda: scraped(port)["model_registry_worker_starts_total"] == 2, "two workers")
        metrics_folder(proxy.child.pid).joinpath(
            "counter_1.db"
        ).touch()  # as a worker that starts leaves it for a moment
        for _ in range(40):  # each on a connection of its own, so that both workers get some
            assert httpx.get(f"{proxy.api}/registered_models/7").status_code == 404
        await_true(lambda: scraped(port)[gets] == 40, "the count of all answers")
        await_true(lambda: scraped(port)["model_registry_requests_in_flight"] == 0, "the last request's end")
        os.kill(min(children_of(proxy.child.pid, running=WORKER)), signal.SIGKILL)
        await_true(lambda: scraped(port)["model_registry_worker_starts_total"] == 3, "a third worker")
        await_true(lambda: httpx.get(f"{proxy.api}/registered_models/7").status_code == 404, "an answer")
        await_true(lambda: scraped(port)[gets] == 41, "the count of one more")
        engine = engine_of(proxy.child.pid)
        assert engine
        os.kill(engine, signal.SIGKILL)
        await_true(lambda: scraped(port)["model_registry_engine_restarts_total"] == 1, "another engine")
    assert not list(Path(tempfile.gettempdir()).glob(f"model-registry-metrics-*/*_{proxy.child.pid}.db"))


def test_the_rest_port_shows_no_metrics_and_0_turns_them_off(tmp_path: Path) -> None:
    with processes.proxy(tmp_path, "--metrics-port", "0") as proxy:
        assert httpx.get(f"{proxy.url}/metrics").status_code == 404
        assert "Metrics" not in proxy.log.read_text()


def test_a_chosen_port_that_is_taken_ends_the_start_with_what_to_do(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        flags = ["--hostname", "127.0.0.1", "--port", "0", "--mlmd-port", "0", "--metrics-port", port]
        done = subprocess.run(
            [sys.executable, "-m", "model_registry_proxy", "proxy", *flags],
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
    assert done.returncode == 1
    assert f"model-registry: Cannot serve metrics on 127.0.0.1:{port}: Address already in use; see" in done.stderr
