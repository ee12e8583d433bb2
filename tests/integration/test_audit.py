"""The audit log of running servers: several workers in one file, its rotation, and a file that cannot be written."""

import json
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from model_registry_proxy.security.tokens import new_token
from tests.support.processes import PROXY, environment, free_port, proxy


@pytest.mark.slow
def test_all_lines_of_all_workers_are_whole_also_while_the_file_is_rotated(tmp_path: Path) -> None:
    log = tmp_path / "audit.log"
    with proxy(tmp_path, "--workers", "2", "--audit-log", str(log)) as served:
        is_over = threading.Event()

        def rotate() -> None:
            number = 0
            while not is_over.wait(0.02):
                if log.exists():
                    number += 1
                    log.rename(tmp_path / f"audit.log.{number}")

        def create(number: int) -> str:
            answer = httpx.post(served.api + "/registered_models", json={"name": f"model {number}"}, timeout=60)
            assert answer.status_code == 201
            return str(answer.json()["id"])

        thread = threading.Thread(target=rotate)
        thread.start()
        try:
            with ThreadPoolExecutor(8) as pool:
                made = list(pool.map(create, range(200)))
        finally:
            is_over.set()
            thread.join()
    records = [json.loads(line) for path in tmp_path.glob("audit.log*") for line in path.read_text().splitlines()]
    assert sorted(record["id"] for record in records) == sorted(made)
    assert {record["status"] for record in records} == {201}
    assert {record["peer"] for record in records} == {"127.0.0.1"}


def test_denials_reach_standard_output_with_the_request_id(tmp_path: Path) -> None:
    token, line = new_token("tom", ())
    (tmp_path / "tokens").write_text(line)
    flags = ["--auth", "tokens", "--auth-tokens", str(tmp_path / "tokens"), "--audit-log", "-"]
    with proxy(tmp_path, *flags) as served:
        asking = {"x-request-id": "abc", "authorization": "Bearer wrong"}
        assert httpx.get(served.api + "/registered_models", headers=asking, timeout=60).status_code == 401
        lines = [json.loads(line) for line in served.log.read_text().splitlines() if line.startswith("{")]
    assert [(record["request_id"], record["status"], record["denied"]) for record in lines] == [("abc", 401, "unknown")]
    assert "wrong" not in served.log.read_text()
    assert token not in served.log.read_text()


def test_a_file_that_cannot_be_written_ends_the_start_with_one_line(tmp_path: Path) -> None:
    command = [*PROXY, "-n", "127.0.0.1", "-p", str(free_port()), "--audit-log", "/nowhere/at/all"]
    ended = subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=60, env=environment(), cwd=tmp_path
    )
    assert (ended.returncode, ended.stderr) == (
        1,
        "model-registry: --audit-log /nowhere/at/all: No such file or directory.\n",
    )
