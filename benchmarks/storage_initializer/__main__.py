"""`python -m benchmarks.storage_initializer`: many small objects and some large ones from a server of S3 on this machine.

The same objects are fetched by `mr-storage-initializer`, and by kserve-storage where `--kserve` names a Python that has it.
moto's server is slow itself: `--server` names another one, whose keys are in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.
"""

import argparse
import io
import logging
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from moto.server import ThreadedMotoServer

BUCKET = "benchmark"
OURS = [sys.executable, "-m", "model_registry_storage_initializer"]
KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
KSERVE = "import sys; from kserve_storage import Storage; Storage.download(sys.argv[1], sys.argv[2])"


@dataclass(frozen=True)
class Measured:
    """One download: seconds, seconds of processor time of the client, its largest memory in MiB, and what came."""

    seconds: float
    processor: float
    memory: float
    files: int
    size: int


def main() -> None:
    """Fills the server, fetches with each program, and prints a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", type=int, default=5000, help="number of objects of 4 KiB")
    parser.add_argument("--large", type=int, default=5, help="number of large objects")
    parser.add_argument("--mib", type=int, default=1024, help="size of a large object in MiB")
    parser.add_argument("--kserve", help="a Python with kserve-storage")
    parser.add_argument("--server", help="the address of a running server of S3")
    arguments = parser.parse_args()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # it logs each request
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    address = arguments.server or "http://{}:{}".format(*server.get_host_and_port())
    for name in KEYS:
        os.environ.setdefault(name, "key")
    os.environ.pop("AWS_CA_BUNDLE", None)
    _fill(address, arguments.small, arguments.large, arguments.mib)
    programs = {"mr-storage-initializer": OURS}
    if arguments.kserve:
        programs["kserve-storage"] = [arguments.kserve, "-c", KSERVE]
    print(f"{'objects':<20}{'program':<26}{'seconds':>9}{'processor s':>13}{'MiB':>8}{'files':>8}{'bytes':>14}")
    for kind in ("small", "large"):
        for name, command in programs.items():
            found = _measured(command, f"s3://{BUCKET}/{kind}", address)
            row = f"{found.seconds:>9.1f}{found.processor:>13.1f}{found.memory:>8.0f}{found.files:>8}{found.size:>14}"
            print(f"{kind:<20}{name:<26}{row}", flush=True)
    server.stop()


def _fill(address: str, small: int, large: int, mib: int) -> None:
    client: Any = boto3.client("s3", endpoint_url=address, region_name="us-east-1")
    client.create_bucket(Bucket=BUCKET)
    data = os.urandom(2**20) * mib if large else b""
    for number in range(large):
        client.upload_fileobj(io.BytesIO(data), BUCKET, f"large/{number}.bin")
    with ThreadPoolExecutor(4) as pool:
        keys = [f"small/{number % 50}/{number}" for number in range(small)]
        list(pool.map(lambda key: client.put_object(Bucket=BUCKET, Key=key, Body=data[:4096] or b"x" * 4096), keys))


def _measured(command: list[str], uri: str, address: str) -> Measured:
    folder = Path(tempfile.mkdtemp(prefix="storage-initializer-"))
    environment = {**os.environ, "AWS_DEFAULT_REGION": "us-east-1", "AWS_ENDPOINT_URL": address}
    started = time.monotonic()
    child = subprocess.Popen([*command, uri, str(folder / "m")], env=environment, stderr=subprocess.DEVNULL)
    memory = 0.0
    while not (ended := os.wait4(child.pid, os.WNOHANG))[0]:
        memory = max(memory, _memory(child.pid))
        time.sleep(0.05)
    status, usage = ended[1:]
    seconds = time.monotonic() - started
    if status:
        raise SystemExit(f"{command[0]} failed for {uri}")
    found = [
        path for path in (folder / "m").rglob("*") if path.is_file() and not path.name.startswith(".model-registry")
    ]
    size = sum(path.stat().st_size for path in found)
    shutil.rmtree(folder)
    return Measured(seconds, _processor(usage), memory, len(found), size)


def _memory(pid: int) -> float:
    """The largest memory of a process so far, in MiB; `wait4` would count this process too, which holds the objects."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), 0.0)


def _processor(usage: resource.struct_rusage) -> float:
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main()
