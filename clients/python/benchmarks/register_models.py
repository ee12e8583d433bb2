"""Measures a loop that registers models, with `model-registry` and with this client: time, CPU and connections.

    python clients/python/benchmarks/register_models.py --count 1000

starts the proxy with the embedded engine on an empty store for each client, or uses `--url`. It needs the development environment
of the repository (`make .venv/.developing`), which has the other client.
"""

import argparse
import asyncio
import json
import logging
import socket
import subprocess
import sys
import tempfile
import time
import uuid
import warnings
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
CONCURRENTLY = 16


def with_model_registry(url: str, names: list[str]) -> None:
    """Registers the models with `model_registry.ModelRegistry`, Kubeflow's client."""
    from model_registry import ModelRegistry

    registry = ModelRegistry(url, author="me", is_secure=False)
    for name in names:
        registry.register_model(
            name,
            f"s3://models/{name}",
            version="1",
            model_format_name="onnx",
            model_format_version="1",
            metadata={"a": 1},
        )


def with_this_client(url: str, names: list[str]) -> None:
    """Registers the models with `ModelRegistryClient`."""
    from model_registry_client import ModelRegistryClient

    client = ModelRegistryClient(url, author="me")
    for name in names:
        client.register_model(
            name,
            f"s3://models/{name}",
            version="1",
            model_format_name="onnx",
            model_format_version="1",
            metadata={"a": 1},
        )


def with_asyncio(url: str, names: list[str]) -> None:
    """Registers the models with `AsyncRegistry`, several at the same time."""
    from model_registry_client import AsyncRegistry

    async def register_all() -> None:
        async with AsyncRegistry(url, connections=CONCURRENTLY) as registry:
            gate = asyncio.Semaphore(CONCURRENTLY)

            async def register(name: str) -> None:
                async with gate:
                    model = await registry.create_registered_model(name, owner="me")
                    version = await registry.create_model_version(
                        model.id, "1", author="me", custom_properties={"a": 1}
                    )
                    await registry.create_model_artifact(
                        name,
                        model_version_id=version.id,
                        uri=f"s3://models/{name}",
                        model_format_name="onnx",
                        model_format_version="1",
                    )

            await asyncio.gather(*map(register, names))

    asyncio.run(register_all())


CLIENTS: dict[str, Callable[[str, list[str]], None]] = {
    "model-registry": with_model_registry,
    "this client": with_this_client,
    f"this client, asyncio, {CONCURRENTLY} at a time": with_asyncio,
}


def measure(client: str, url: str, count: int) -> dict[str, float]:
    """Runs one client in this process. Returns seconds, CPU seconds and connections. Imports are not measured."""
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    connections: list[Any] = []
    connect = socket.socket.connect

    def counted(self: socket.socket, address: Any) -> None:
        connections.append(address)
        connect(self, address)

    socket.socket.connect = counted  # type: ignore[method-assign]
    work = CLIENTS[client]
    work(url, [f"warm-{uuid.uuid4().hex}"])
    connections.clear()
    names = [f"model-{uuid.uuid4().hex}" for _ in range(count)]
    begun, cpu = time.perf_counter(), time.process_time()
    work(url, names)
    return {
        "seconds": time.perf_counter() - begun,
        "cpu": time.process_time() - cpu,
        "connections": len(connections),
    }


def main() -> None:
    """Prints a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1000, help="models to register with each client")
    parser.add_argument("--rounds", type=int, default=1, help="number of rounds; the best one is shown")
    parser.add_argument("--url", help="the address of a running registry")
    parser.add_argument("--client", choices=CLIENTS, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.client:
        sys.stdout.write(json.dumps(measure(arguments.client, arguments.url, arguments.count)))
        return
    found: dict[str, dict[str, float]] = {}
    for _ in range(arguments.rounds):
        for client in CLIENTS:
            result = _in_a_process(client, arguments.url, arguments.count)
            if client not in found or result["seconds"] < found[client]["seconds"]:
                found[client] = result
    first = found["model-registry"]["seconds"]
    sys.stdout.write(
        f"| {arguments.count} models registered with | seconds | CPU of the client, s | connections | |\n|---|---|---|---|---|\n"
    )
    for client, result in found.items():
        row = f"{result['seconds']:.1f} | {result['cpu']:.1f} | {result['connections']:.0f} | {first / result['seconds']:.1f} x"
        sys.stdout.write(f"| {client} | {row} |\n")


def _in_a_process(client: str, url: str | None, count: int) -> dict[str, float]:
    sys.path.insert(0, str(ROOT))
    from tests.support import processes

    with ExitStack() as stack:
        if url is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            url = stack.enter_context(processes.proxy(folder)).url
        command = [sys.executable, __file__, "--client", client, "--url", url, "--count", str(count)]
        result: dict[str, float] = json.loads(
            subprocess.run(command, check=True, capture_output=True, text=True).stdout
        )
    return result


if __name__ == "__main__":
    main()
