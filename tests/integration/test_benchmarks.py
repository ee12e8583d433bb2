"""The benchmark runs: one operation and its anchors for a second each on the embedded engine, and its check finds faults."""

import json
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from benchmarks import generator
from benchmarks.generator import Plan, Step
from benchmarks.servers import Setting, serving
from benchmarks.stores import Store, databases
from benchmarks.web_ui import first_views
from tests.support import processes
from tests.support.processes import ROOT


def _run(*flags: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", *flags], check=False, cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.skipif(generator.why_not() is not None, reason=f"No load generator: {generator.why_not()}")
def test_a_short_benchmark_measures_an_operation_and_its_anchors(tmp_path: Path) -> None:
    file = tmp_path / "result.json"
    choice = ["--stores", "sqlite", "--operations", "register_model", "--seconds", "1", "--rounds", "1"]
    _run("run", *choice, "--connections", "4", "--check", "--output", str(file))
    store = json.loads(file.read_text())["stores"]["sqlite"]
    assert all(store["memory_mib"][process] > 0 for process in ("proxy", "store"))
    measured = store["operations"]
    assert measured["noop"]["4"]["proxy"]["rate"] > 0
    cell = measured["register_model"]["4"]
    assert cell["naive_calls"] == 13
    assert 0 < cell["calls"] < cell["naive_calls"]
    for side in ("proxy", "naive"):
        assert cell[side]["rate"] > 0
        assert (cell[side]["errors"], cell[side]["wrong"], cell[side]["complaints"]) == (0, 0, [])
    _run("compare", str(file), str(file))


@pytest.mark.skipif(not processes.has_mysql(), reason="no MariaDB or MySQL server is installed")
def test_an_engine_that_connects_for_every_call_serves_a_proxy(tmp_path: Path) -> None:
    with databases(Store.MYSQL_PER_RPC, tmp_path) as there:
        setting = Setting(Store.MYSQL_PER_RPC, tmp_path, database_pids=there.pids)
        with serving(setting, there.empty()) as target:
            url = f"http://{target.rest}/api/model_registry/v1alpha3/registered_models"
            made = httpx.post(url, json={"name": "m"}, timeout=30).json()
            assert httpx.get(f"{url}/{made['id']}", timeout=30).json() == made


@pytest.mark.slow
@pytest.mark.skipif(generator.why_not() is not None, reason=f"No load generator: {generator.why_not()}")
def test_mlmds_calls_for_children_are_measured(tmp_path: Path) -> None:
    file = tmp_path / "result.json"
    _run("children", "--stores", "sqlite", "--numbers", "3,120", "--output", str(file))
    measured = json.loads(file.read_text())["sqlite"]
    assert [len(times) for times in measured.values()] == [3, 3]
    assert min(min(times.values()) for times in measured.values()) > 0


@pytest.mark.slow
@pytest.mark.skipif(first_views.why_not() is not None, reason=f"No first views: {first_views.why_not()}")
def test_pages_and_first_views_of_the_web_ui_are_measured(tmp_path: Path) -> None:
    file = tmp_path / "result.json"
    _run("ui", "--sizes", "60", "--rounds", "1", "--without-mlflow", "--output", str(file))
    measured = json.loads(file.read_text())["60"]
    assert [name for name, page in measured["pages"].items() if page["status"] >= 400] == []
    (view,) = measured["views"]["this machine"]["ours"]
    assert view["requests"] == 3
    assert 0 < view["transferred"] < view["content"]
    assert view["rows_ms"] > 0


class _Chunks(BaseHTTPRequestHandler):
    """Answers every GET with a model of id 7, in chunks as Go's servers write longer answers."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for chunk in (b'{"id": ', b'"7"}', b""):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the interface)
        """Logs nothing."""


@pytest.mark.skipif(generator.why_not() is not None, reason=f"No load generator: {generator.why_not()}")
def test_the_check_finds_answers_about_another_entity() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Chunks) as server, generator.built() as built:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        step = Step("GET", "/{model.id}", statuses=[200], check={"id": "{model.id}"})
        pools = {"model": [{"id": "7"}, {"id": "8"}]}
        plan = Plan("http", f"127.0.0.1:{server.server_port}", [step], pools, "x", seconds=0.3, warmup=0, check=True)
        report = built.play(plan)
        server.shutdown()
    assert report.errors == 0
    assert 0 < report.wrong < report.requests
    assert report.complaints == ['GET /{model.id}: id is "7", not "8"']
