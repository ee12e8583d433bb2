"""What the extensions write into a store changes nothing that Kubeflow's Go proxy and its clients read there."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.interop.go_proxy import READS, Json, comparable, copy_of_the_store, differences
from tests.support.mlmd_client import over_grpc
from tests.support.processes import Database, Proxy
from tests.support.stores import on, proxy_on

KINDS_OF_KUBEFLOW = "kf."


@dataclass(frozen=True)
class Opened:
    """A copy of the Go proxy's store behind our proxy."""

    proxy: Proxy
    client: httpx.Client
    extensions: httpx.Client


@pytest.fixture(scope="module", params=on(["embedded-sqlite", "google-sqlite", "unfiltered-sqlite"]))
def opened(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, database: Callable[[], Database]
) -> Iterator[Opened]:
    folder = tmp_path_factory.mktemp(request.param)
    with (
        proxy_on(request.param, folder, database, file=copy_of_the_store(folder)) as proxy,
        httpx.Client(base_url=proxy.api, timeout=60) as client,
        httpx.Client(base_url=f"{proxy.url}/api/model_registry/ext/v1", timeout=60) as extensions,
    ):
        yield Opened(proxy, client, extensions)


def as_the_go_proxy_reads(store: Any) -> Json:
    """What the Go proxy asks MLMD for: all nodes of its types, all artifacts, and what is linked to each of its contexts."""
    contexts = [context for context in store.get_contexts() if context.type.startswith(KINDS_OF_KUBEFLOW)]
    return {
        "contexts": [str(context) for context in contexts],
        "artifacts": [str(artifact) for artifact in store.get_artifacts()],
        "artifacts of contexts": {
            context.id: sorted(artifact.id for artifact in store.get_artifacts_by_context(context.id))
            for context in contexts
        },
        "serves": {
            context.id: sorted(execution.id for execution in store.get_executions_by_context(context.id))
            for context in contexts
            if context.type == "kf.InferenceService"
        },
        "children": {
            context.id: sorted(child.id for child in store.get_children_contexts_by_context(context.id))
            for context in contexts
        },
        "parents": {
            context.id: sorted(parent.id for parent in store.get_parent_contexts_by_context(context.id))
            for context in contexts
        },
        "artifact types": sorted(type_.name for type_ in store.get_artifact_types()),
    }


def write_one_of_everything(opened: Opened) -> None:
    """Makes a step of lineage between two artifacts, moves an alias, and rolls it back."""
    artifacts = [artifact["id"] for artifact in opened.client.get("/artifacts").json()["items"]]
    step = {"kind": "training", "inputArtifactIds": artifacts[:2], "outputArtifactIds": artifacts[2:4]}
    assert opened.extensions.post("/lineage/steps", json=step).status_code == 201
    versions = opened.client.get("/model_versions", params={"filterQuery": "state = 'LIVE'"}).json()["items"]
    model = versions[0]["registeredModelId"]
    for version in [version["id"] for version in versions if version["registeredModelId"] == model][:2]:
        moved = opened.extensions.put(f"/registered_models/{model}/aliases/live", json={"modelVersionId": version})
        assert moved.status_code == 200, moved.text


def test_reads_are_as_before_over_rest_and_over_grpc(opened: Opened) -> None:
    store = over_grpc(opened.proxy)
    before = as_the_go_proxy_reads(store)
    write_one_of_everything(opened)
    assert as_the_go_proxy_reads(store) == before
    own = {type_.name for type_ in (*store.get_context_types(), *store.get_execution_types())}
    assert {"mr.Alias", "mr.AliasMove", "mr.Step"} <= own
    found: list[str] = []
    for path, read in READS.items():
        answer = opened.client.get(path)
        assert answer.status_code == read["status"], (path, answer.text)
        found += differences(comparable(read["answer"]), comparable(answer.json()), path)
    assert not found, "\n".join(found[:40])
