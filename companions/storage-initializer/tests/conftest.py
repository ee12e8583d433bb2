"""Fixtures for the tests of the storage initializer: servers, and the command in this process."""

import itertools
import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from initializer_support import fake_hub, registry
from initializer_support.command import Command
from initializer_support.web import Web
from model_registry_storage_initializer import fetching
from moto.server import ThreadedMotoServer

PREFIXES = ("MODEL_REGISTRY_", "AWS_", "S3_", "STORAGE_", "HF_", "KSERVE_", "CA_BUNDLE_", "SSL_CERT_")
_NUMBERS = itertools.count()


@pytest.fixture(scope="module")  # tests of other modules set the clock, and an event loop with timers then never ends
def registry_server() -> Iterator[registry.TestRegistry]:
    with registry.running() as server:
        yield server


@pytest.fixture
def web() -> Iterator[Web]:
    server = Web()
    yield server
    server.stop()


@pytest.fixture
def hub() -> Iterator[Any]:
    server = fake_hub.serve()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # it logs each request
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="session")
def s3_client(s3_server: str) -> Any:
    """A client that sends a checksum only when it is asked to."""
    options = {"aws_access_key_id": "k", "aws_secret_access_key": "s", "region_name": "us-east-1"}
    config = Config(request_checksum_calculation="when_required")
    return boto3.client("s3", endpoint_url=s3_server, config=config, **options)


@pytest.fixture
def bucket(s3_client: Any) -> Callable[..., str]:
    """A function that puts objects into a bucket of this test, and returns the URI of the bucket."""
    name = f"bucket-{next(_NUMBERS)}"
    s3_client.create_bucket(Bucket=name)

    def put(objects: dict[str, bytes], **options: Any) -> str:
        for key, data in objects.items():
            s3_client.put_object(Bucket=name, Key=key, Body=data, **options)
        return f"s3://{name}"

    return put


@pytest.fixture
def command(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    registry_server: registry.TestRegistry,
) -> Command:
    for name in os.environ:
        if name.startswith(PREFIXES) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    chosen = {
        "MODEL_REGISTRY_BASE_URL": registry_server.base,
        "MODEL_REGISTRY_TIMEOUT": "0",
        "MODEL_REGISTRY_RETRIES": "3",
    }
    for name, value in chosen.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(fetching, "_FIRST_PAUSE", 0.001)
    return Command(tmp_path / "models", monkeypatch, capsys)


@pytest.fixture
def s3_command(command: Command, s3_server: str) -> Command:
    return command.having(
        AWS_ENDPOINT_URL=s3_server, AWS_ACCESS_KEY_ID="k", AWS_SECRET_ACCESS_KEY="s", AWS_DEFAULT_REGION="us-east-1"
    )
