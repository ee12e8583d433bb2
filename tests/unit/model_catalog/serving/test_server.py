"""The process that serves only the catalog."""

import subprocess
import sys

from tests.support.processes import environment

_LARGE = ("google.protobuf", "grpc", "httpx", "openapi_core", "opentelemetry", "prometheus_client")


def test_the_server_loads_no_large_package_that_its_first_answer_does_not_need() -> None:
    code = f"""
import sys
import model_registry_proxy.commands.application, model_catalog.serving.server
from model_catalog.operations.document import catalog_contract
catalog_contract()
print(*[name for name in {_LARGE!r} if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], env=environment(), check=True, capture_output=True, text=True)
    assert done.stdout.split() == []
