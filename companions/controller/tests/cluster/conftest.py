"""Fixtures for the tests on a real API server. `make test-controller` builds it and runs them."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from controller_support.kube import Kube
from controller_support.real import Cluster, Controller, controller, set_up
from controller_support.recorder import recording

from tests.support import processes
from tests.support.processes import ROOT

BINARIES = ROOT / ".tools/kube"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skips these tests outside `make test-controller`, and says why."""
    if os.environ.get("CONTROLLER_ON_KUBERNETES") == "yes":
        reason = "" if (BINARIES / ".built").exists() else "make kube has not built an API server; it needs Go"
    else:
        reason = "make test-controller runs the controller on a real Kubernetes API server"
    for item in items:
        if reason and Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def kube(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kube]:
    """The API server that these tests share; each test has namespaces of its own."""
    with Kube(tmp_path_factory.mktemp("kube"), BINARIES) as started:
        set_up(started, BINARIES / "inferenceservices.yaml")
        yield started


@pytest.fixture(scope="session")
def registry_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A registry."""
    with processes.proxy(tmp_path_factory.mktemp("registry")) as started:
        yield started.url


@pytest.fixture(scope="module")
def cluster(kube: Kube, registry_url: str) -> Iterator[Cluster]:
    """The API server and the registry, with a recorder between the controller and the registry."""
    with recording(registry_url) as recorder:
        yield Cluster(kube, recorder)


@pytest.fixture(scope="module")
def running(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Controller]:
    """A controller that the tests of a file share."""
    with controller(cluster, tmp_path_factory.mktemp("controller")) as started:
        yield started
